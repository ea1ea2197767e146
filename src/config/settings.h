// The effective settings of a command: flags (arguments.h) win over the environment, that over
// .lynxdbrc, that over the configuration file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

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

  // Keys of setting_keys.h, and of .lynxdbrc: server, profile, default_format, default_since,
  // default_source.
  const Value* find(std::string_view key) const;
  std::string text(std::string_view key, std::string_view otherwise) const;
  std::uint64_t bytes(std::string_view key, std::uint64_t otherwise) const;

  // The file that was read, or empty.
  const std::string& config_path() const { return config_path_; }

 private:
  Result<> add_config_file(const std::string& path);
  Result<> add_client_file(const std::string& path);
  Result<> add_environment();

  std::map<std::string, Value, std::less<>> values_;
  std::string config_path_;
};

}  // namespace lynxdb::config
