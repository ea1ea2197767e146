// The effective settings of a command: flags win over the environment, that over .lynxdbrc, that
// over the configuration file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::config {

// Immutable after loading.
class Settings {
 public:
  struct Value {
    std::string text;
    std::string origin;  // "lynxdb.yaml:3", "LYNXDB_QUERY_SPILL_DIR", ".lynxdbrc:1"
  };

  // Reads the configuration file (`explicit_path`, else LYNXDB_CONFIG, else the first of the usual
  // places that exists), then .lynxdbrc of `directory` or the nearest parent, then the environment.
  // Errors: kInvalidArgument naming file, line and the nearest key.
  static Result<Settings> load(const std::optional<std::string>& explicit_path,
                               const std::string& directory);

  // Sets a key as a flag does: `flag` without its dashes ("storage.compression", "addr"). Errors:
  // kInvalidArgument for an unknown flag, with the nearest key, or a value that does not fit.
  Result<> set_flag(std::string_view flag, std::string_view value);

  // Keys of setting_keys.h, and of .lynxdbrc: server, profile, default_format, default_since,
  // default_source.
  const Value* find(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise) const;
  std::uint64_t bytes(std::string_view key, std::uint64_t otherwise) const;

  // The value that counts: what was set, else the key's default.
  std::string effective(std::string_view key) const;
  // Every key that somebody set.
  const std::map<std::string, Value, std::less<>>& all() const { return values_; }

  // A running server reads its configuration again: `fresh`, but for keys that a running server
  // cannot change, which keep the value they have here. Names of keys with a new value go to
  // `applied`, or to `waiting` when they need a restart.
  struct Reload {
    std::vector<std::string> applied;
    std::vector<std::string> waiting;
  };
  Settings reloaded(const Settings& fresh, Reload& reload) const;

  // indexes.NAME.retention by NAME, as written.
  std::map<std::string, std::string> index_retention() const;

  // What a person should look at though it is no error: variables LYNXDB_* that are no settings.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // The file that was read, or empty.
  const std::string& config_path() const { return config_path_; }

 private:
  Result<> add_config_file(const std::string& path);
  Result<> add_client_file(const std::string& path);
  Result<> add_environment();
  void warn_of_unknown_variables();

  std::map<std::string, Value, std::less<>> values_;
  std::string config_path_;
  std::vector<std::string> warnings_;
};

}  // namespace lynxdb::config
