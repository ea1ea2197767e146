#include "cli/flags.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/suggest.h"
#include "config/setting_keys.h"

namespace lynxdb::cli {
namespace {

Error wrong(std::string message, std::string suggestion = "") {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::move(suggestion)};
}

bool is_flag(std::string_view arg) { return arg.size() > 1 && arg.front() == '-'; }

std::optional<bool> truth_word(std::string_view text) {
  constexpr std::array<std::string_view, 3> kTrue = {"true", "1", "yes"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "0", "no"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

struct FlagSet::Cursor {
  std::span<const std::string> args;
  std::size_t next = 0;

  bool at_end() const { return next >= args.size(); }
};

FlagSet::Flag& FlagSet::add(Kind kind, std::string_view names, std::string_view help) {
  Flag& flag = flags_.emplace_back();
  flag.kind = kind;
  flag.help = help;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    flag.names.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return flag;
}

void FlagSet::toggle(std::string_view names, bool& target, std::string_view help) {
  add(Kind::kToggle, names, help).toggle = &target;
}

void FlagSet::value(std::string_view names, std::string_view placeholder,
                    std::optional<std::string>& target, std::string_view help) {
  Flag& flag = add(Kind::kValue, names, help);
  flag.placeholder = placeholder;
  flag.value = &target;
}

void FlagSet::list(std::string_view names, std::string_view placeholder,
                   std::vector<std::string>& target, std::string_view help) {
  Flag& flag = add(Kind::kList, names, help);
  flag.placeholder = placeholder;
  flag.list = &target;
}

void FlagSet::choice(std::string_view names, std::vector<std::string_view> choices,
                     std::optional<std::string>& target, std::string_view help) {
  Flag& flag = add(Kind::kChoice, names, help);
  flag.choices = std::move(choices);
  flag.value = &target;
}

void FlagSet::unbuilt(std::string_view names) { add(Kind::kUnbuilt, names, ""); }

const FlagSet::Flag* FlagSet::find(std::string_view name) const {
  const auto named = [&](const Flag& flag) {
    return std::ranges::find(flag.names, name) != flag.names.end();
  };
  const auto found = std::ranges::find_if(flags_, named);
  return found == flags_.end() ? nullptr : &*found;
}

FlagSet::Flag* FlagSet::find(std::string_view name) {
  return const_cast<Flag*>(std::as_const(*this).find(name));
}

Result<std::vector<std::string>> FlagSet::parse(std::span<const std::string> args) {
  std::vector<std::string> positionals;
  Cursor cursor{args};
  while (!cursor.at_end()) {
    const std::string& arg = args[cursor.next];
    if (arg == "--") {
      positionals.insert(positionals.end(),
                         args.begin() + static_cast<std::ptrdiff_t>(cursor.next) + 1, args.end());
      break;
    }
    if (!is_flag(arg)) {
      positionals.push_back(arg);
      ++cursor.next;
    } else if (arg.starts_with("--")) {
      TRY(parse_long(cursor));
    } else {
      TRY(parse_short(cursor));
    }
  }
  return positionals;
}

Result<> FlagSet::parse_long(Cursor& cursor) {
  const std::string_view arg = cursor.args[cursor.next++];
  const std::size_t equals = std::min(arg.find('='), arg.size());
  const std::string_view name = arg.substr(0, equals);
  Flag* flag = find(name);
  std::optional<std::string> value;
  if (equals < arg.size()) value = std::string(arg.substr(equals + 1));
  if (flag == nullptr && settings_ != nullptr && config::key_of_flag(name.substr(2)))
    return set_setting(name, std::move(value), cursor);
  if (flag == nullptr) return unknown(name);
  return set(*flag, name, std::move(value), cursor);
}

Result<> FlagSet::parse_short(Cursor& cursor) {
  const std::string_view arg = cursor.args[cursor.next++];
  for (std::size_t i = 1; i < arg.size(); ++i) {
    const std::string name = std::string("-") + arg[i];
    Flag* flag = find(name);
    // `-15m` is no row of flags: the message names what was written.
    if (flag == nullptr) return unknown(i == 1 ? arg : std::string_view(name));
    if (flag->kind == Kind::kToggle || flag->kind == Kind::kUnbuilt) {
      TRY(set(*flag, name, std::nullopt, cursor));
      continue;
    }
    std::string_view rest = arg.substr(i + 1);
    if (rest.starts_with('=')) rest.remove_prefix(1);
    const bool joined_value = i + 1 < arg.size();
    return set(*flag, name, joined_value ? std::optional(std::string(rest)) : std::nullopt, cursor);
  }
  return {};
}

Result<> FlagSet::set_setting(std::string_view name, std::optional<std::string> value,
                              Cursor& cursor) {
  const std::string_view flag = name.substr(2);
  const config::SettingKey* key = config::find_setting_key(*config::key_of_flag(flag));
  const bool next_is_value =
      !cursor.at_end() && (key->type != config::KeyType::kBool ||
                           config::parse_bool(cursor.args[cursor.next]).has_value());
  if (!value && next_is_value) value = cursor.args[cursor.next++];
  if (!value && key->type == config::KeyType::kBool) value = "true";
  if (!value) return wrong("flag " + std::string(name) + " needs a value");
  for (const auto& [earlier, ignored] : *settings_)
    if (config::key_of_flag(earlier) == key->name)
      return wrong("flag " + std::string(name) + " is given twice");
  settings_->emplace_back(flag, *std::move(value));
  return {};
}

Result<> FlagSet::set(Flag& flag, std::string_view name, std::optional<std::string> value,
                      Cursor& cursor) {
  const std::string shown(name);
  if (flag.kind == Kind::kUnbuilt) return wrong("flag " + shown + " is not part of this build");
  if (flag.kind == Kind::kToggle) {
    const std::optional<bool> on = value ? truth_word(*value) : true;
    if (!on) return wrong("flag " + shown + " is true or false, not '" + *value + "'");
    *flag.toggle = *on;
    return {};
  }
  if (flag.kind == Kind::kChoice) {
    const auto is_choice = [&](std::string_view word) {
      return std::ranges::find(flag.choices, word) != flag.choices.end();
    };
    if (value && !is_choice(*value))
      return wrong("flag " + shown + " cannot be '" + *value + "'",
                   "choices: " + joined(flag.choices));
    if (!value && !cursor.at_end() && is_choice(cursor.args[cursor.next]))
      value = cursor.args[cursor.next++];
    if (!value) value = std::string(flag.choices.front());
  }
  if (!value) {
    if (cursor.at_end()) return wrong("flag " + shown + " needs a value");
    value = cursor.args[cursor.next++];
  }
  if (flag.kind == Kind::kList) {
    flag.list->push_back(std::move(*value));
    return {};
  }
  if (std::exchange(flag.seen, true)) return wrong("flag " + shown + " is given twice");
  *flag.value = std::move(value);
  return {};
}

std::optional<std::size_t> FlagSet::first_positional(std::span<const std::string> args) const {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--") return std::nullopt;
    if (!is_flag(args[i])) return i;
    const Flag* flag = find(args[i]);
    const bool takes_next =
        flag != nullptr && (flag->kind == Kind::kValue || flag->kind == Kind::kList);
    if (takes_next) ++i;
  }
  return std::nullopt;
}

std::optional<Error> FlagSet::unknown_flag(std::span<const std::string> args) const {
  for (const std::string& arg : args) {
    if (arg == "--") break;
    const std::string_view name = std::string_view(arg).substr(0, arg.find('='));
    if (name.starts_with("--") && find(name) == nullptr) return unknown(name);
  }
  return std::nullopt;
}

Error FlagSet::unknown(std::string_view name) const {
  // Without their dashes: they are alike in all flags, and would make every short word a near one.
  std::vector<std::string_view> known;
  for (const Flag& flag : flags_)
    for (const std::string_view one : flag.names)
      if (flag.kind != Kind::kUnbuilt && one.starts_with("--")) known.push_back(one.substr(2));
  if (settings_ != nullptr)
    for (const std::string_view one : config::flag_names()) known.push_back(one);
  Error error = wrong("unknown flag '" + std::string(name) + "'");
  const bool is_long = name.starts_with("--");
  if (const auto nearest = is_long ? base::suggest(name.substr(2), known) : std::nullopt)
    error.suggestion = "did you mean --" + *nearest + "?";
  else if (!is_long)
    error.suggestion = "to pass text that starts with a dash, put -- before it";
  return error;
}

}  // namespace lynxdb::cli
