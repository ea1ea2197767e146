// Command-line flags: declared by name, parsed into the variables they are bound to.
//
// Written by hand because a query is an argument: CLI11 splits one in brackets at its commas and
// takes the next argument for the value of `--source=`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::cli {

// Belongs to one thread; the bound variables must outlive it.
class FlagSet {
 public:
  // `names`: "--since,-s"; the first is the one that messages use. `placeholder` names the value in
  // the help text. A value may start with a dash (`--since -1h`).
  void toggle(std::string_view names, bool& target, std::string_view help);
  void value(std::string_view names, std::string_view placeholder,
             std::optional<std::string>& target, std::string_view help);
  void list(std::string_view names, std::string_view placeholder, std::vector<std::string>& target,
            std::string_view help);
  // A flag whose value may be left out: then it is `choices.front()`. The next argument is its
  // value only if it is one of the choices; `--flag=value` must be one.
  void choice(std::string_view names, std::vector<std::string_view> choices,
              std::optional<std::string>& target, std::string_view help);
  // `--section.key value` for every key of the configuration, in the order given. A key that is
  // true or false may stand without its value.
  void settings(std::vector<std::pair<std::string, std::string>>& target) { settings_ = &target; }
  // A flag of a later release: using it is an error that says so.
  void unbuilt(std::string_view names);

  // Sets the variables and gives the other arguments, in order. `--` ends flags; `-` alone is no
  // flag; one-letter flags may be joined (`-qv`, `-s15m`). Errors: kInvalidArgument with a
  // suggestion (unknown flag, missing or repeated value).
  Result<std::vector<std::string>> parse(std::span<const std::string> args);

  // Where the first argument that is no flag stands, or nullopt. Unknown flags are passed over.
  std::optional<std::size_t> first_positional(std::span<const std::string> args) const;

  // About the first flag in `args` with two dashes that is not declared; nullopt when all are.
  std::optional<Error> unknown_flag(std::span<const std::string> args) const;

  enum class Kind { kToggle, kValue, kList, kChoice, kUnbuilt };
  struct Flag {
    Kind kind = Kind::kToggle;
    std::vector<std::string> names;
    std::string placeholder;
    std::string help;
    std::vector<std::string_view> choices;
    bool* toggle = nullptr;
    std::optional<std::string>* value = nullptr;
    std::vector<std::string>* list = nullptr;
    bool seen = false;
  };
  std::span<const Flag> flags() const { return flags_; }
  bool takes_settings() const { return settings_ != nullptr; }

 private:
  struct Cursor;

  Flag& add(Kind kind, std::string_view names, std::string_view help);
  const Flag* find(std::string_view name) const;
  Flag* find(std::string_view name);
  Result<> parse_long(Cursor& cursor);
  Result<> parse_short(Cursor& cursor);
  Result<> set(Flag& flag, std::string_view name, std::optional<std::string> value, Cursor& cursor);
  Result<> set_setting(std::string_view name, std::optional<std::string> value, Cursor& cursor);
  Error unknown(std::string_view name) const;

  std::vector<Flag> flags_;
  std::vector<std::pair<std::string, std::string>>* settings_ = nullptr;
};

}  // namespace lynxdb::cli
