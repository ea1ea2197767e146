#include "config/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <vector>

#include "base/index_name.h"
#include "base/suggest.h"
#include "base/units.h"
#include "config/setting_keys.h"
#include "config/yaml_settings.h"

namespace lynxdb::config {
namespace {

// Keys of .lynxdbrc and what they are called in Settings.
struct ClientKey {
  std::string_view name;
  std::string_view setting;
};
constexpr std::array<ClientKey, 6> kClientKeys = {{{"server", "server"},
                                                   {"format", "default_format"},
                                                   {"default_format", "default_format"},
                                                   {"profile", "profile"},
                                                   {"default_since", "default_since"},
                                                   {"default_source", "default_source"}}};

constexpr std::string_view kVariablePrefix = "LYNXDB_";
// Variables that stand for no key of the file.
constexpr std::array<std::string_view, 5> kOtherVariables = {
    "LYNXDB_CONFIG", "LYNXDB_SERVER", "LYNXDB_TOKEN", "LYNXDB_PROFILE", "LYNXDB_TLS_SKIP_VERIFY"};

bool is_file(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> usual_config_paths(const std::string& directory) {
  const std::string home = environment("HOME");
  std::string xdg = environment("XDG_CONFIG_HOME");
  if (xdg.empty() && !home.empty()) xdg = home + "/.config";
  std::vector<std::string> paths = {directory + "/lynxdb.yaml"};
  if (!xdg.empty()) paths.push_back(xdg + "/lynxdb/config.yaml");
  if (!home.empty()) paths.push_back(home + "/.lynxdb/config.yaml");
  paths.emplace_back("/etc/lynxdb/config.yaml");
  return paths;
}

// The nearest .lynxdbrc from `directory` upwards.
std::optional<std::string> client_file(std::string directory) {
  while (true) {
    std::string path = directory + "/.lynxdbrc";
    if (is_file(path)) return path;
    const std::size_t slash = directory.rfind('/');
    if (slash == std::string::npos || directory.empty()) return std::nullopt;
    directory.resize(slash);
  }
}

// profiles.NAME.url, profiles.NAME.token
bool is_profile_key(std::string_view key) {
  if (!key.starts_with("profiles.")) return false;
  const std::size_t dot = key.rfind('.');
  const std::string_view last = key.substr(dot + 1);
  return dot > std::string_view("profiles.").size() && (last == "url" || last == "token");
}

constexpr std::string_view kIndexPrefix = "indexes.";
constexpr std::string_view kIndexSuffix = ".retention";

// The NAME of indexes.NAME.retention; "" for other keys.
std::string_view index_of_key(std::string_view key) {
  if (key.size() <= kIndexPrefix.size() + kIndexSuffix.size() || !key.starts_with(kIndexPrefix) ||
      !key.ends_with(kIndexSuffix))
    return "";
  key.remove_prefix(kIndexPrefix.size());
  key.remove_suffix(kIndexSuffix.size());
  return key;
}

// Values are those of `retention`.
Result<> check_index_key(std::string_view key, std::string_view value) {
  const std::string_view name = index_of_key(key);
  if (!base::is_index_name(name))
    return Error{ErrorCode::kInvalidArgument, "'" + std::string(name) + "' is no name of an index"};
  return check_setting(*find_setting_key("retention"), value);
}

Error unknown_key(const std::string& where, std::string_view key,
                  const std::vector<std::string_view>& known) {
  Error error{ErrorCode::kInvalidArgument, where + ": unknown key '" + std::string(key) + "'"};
  if (const auto nearest = base::suggest(key, known))
    error.suggestion = "did you mean " + *nearest + "?";
  return error;
}

std::vector<std::string_view> all_key_names() {
  std::vector<std::string_view> names;
  for (const SettingKey& key : setting_keys()) names.push_back(key.name);
  return names;
}

}  // namespace

Result<Settings> Settings::load(const std::optional<std::string>& explicit_path,
                                const std::string& directory) {
  Settings settings;
  const std::string from_environment = environment("LYNXDB_CONFIG");
  if (explicit_path) {
    TRY(settings.add_config_file(*explicit_path));
  } else if (!from_environment.empty()) {
    TRY(settings.add_config_file(from_environment));
  } else {
    for (const std::string& path : usual_config_paths(directory)) {
      if (!is_file(path)) continue;
      TRY(settings.add_config_file(path));
      break;
    }
  }
  if (const auto path = client_file(directory)) TRY(settings.add_client_file(*path));
  TRY(settings.add_environment());
  return settings;
}

Result<> Settings::add_config_file(const std::string& path) {
  config_path_ = path;
  for (const YamlSetting& setting : TRY(read_yaml_settings(path))) {
    const std::string where = path + ":" + std::to_string(setting.line);
    if (!index_of_key(setting.key).empty()) {
      const Result<> checked = check_index_key(setting.key, setting.value);
      if (!checked.has_value()) return Error(checked.error()).in(where);
    } else if (!is_profile_key(setting.key)) {
      const SettingKey* key = find_setting_key(setting.key);
      if (key == nullptr) return unknown_key(where, setting.key, all_key_names());
      const Result<> checked = check_setting(*key, setting.value);
      if (!checked.has_value()) return Error(checked.error()).in(where);
    }
    values_[setting.key] = {setting.value, where};
  }
  return {};
}

Result<> Settings::add_client_file(const std::string& path) {
  std::vector<std::string_view> known;
  std::map<std::string_view, std::size_t> lines;  // Of the settings so far.
  for (const ClientKey& key : kClientKeys) known.push_back(key.name);
  for (const YamlSetting& setting : TRY(read_yaml_settings(path))) {
    const std::string where = path + ":" + std::to_string(setting.line);
    std::string_view name;
    for (const ClientKey& key : kClientKeys)
      if (key.name == setting.key) name = key.setting;
    if (name.empty()) return unknown_key(where, setting.key, known);
    if (const auto [before, is_new] = lines.try_emplace(name, setting.line); !is_new)
      return Error{ErrorCode::kInvalidArgument, where + ": the key '" + setting.key +
                                                    "' was set before, in line " +
                                                    std::to_string(before->second)};
    if (const SettingKey* key = find_setting_key(name)) {
      const Result<> checked = check_setting(*key, setting.value);
      if (!checked.has_value()) return Error(checked.error()).in(where);
    }
    values_[std::string(name)] = {setting.value, where};
  }
  return {};
}

Result<> Settings::add_environment() {
  for (const SettingKey& key : setting_keys()) {
    const std::string name = environment_name(key.name);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) continue;
    const Result<> checked = check_setting(key, value);
    if (!checked.has_value()) return Error(checked.error()).in(name);
    values_[std::string(key.name)] = {value, name};
  }
  warn_of_unknown_variables();
  return {};
}

// No error: what else runs on the machine may have variables of that prefix, too.
void Settings::warn_of_unknown_variables() {
  std::vector<std::string> known(kOtherVariables.begin(), kOtherVariables.end());
  for (const SettingKey& key : setting_keys()) known.push_back(environment_name(key.name));
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(kVariablePrefix) || std::ranges::find(names, name) != names.end())
      continue;
    std::string warning =
        "the environment variable " + std::string(name) + " is no setting and has no effect";
    if (const auto nearest = base::suggest(name, names))
      warning += "; did you mean " + *nearest + "?";
    warnings_.push_back(std::move(warning));
  }
}

Result<> Settings::set_flag(std::string_view flag, std::string_view value) {
  const std::string origin = "--" + std::string(flag);
  const std::optional<std::string> name = key_of_flag(flag);
  if (!name) {
    Error error{ErrorCode::kInvalidArgument, "unknown flag '" + origin + "'"};
    if (const auto nearest = base::suggest(flag, all_key_names()))
      error.suggestion = "did you mean --" + *nearest + "?";
    return error;
  }
  const std::string text = value_of_flag(flag, value);
  const Result<> checked = check_setting(*find_setting_key(*name), text);
  if (!checked.has_value()) return Error(checked.error()).in(origin);
  values_[*name] = {text, origin};
  return {};
}

std::string Settings::effective(std::string_view key) const {
  const SettingKey* known = find_setting_key(key);
  return text(key, known == nullptr ? "" : known->otherwise);
}

Settings Settings::reloaded(const Settings& fresh, Reload& reload) const {
  Settings merged = fresh;
  for (const SettingKey& key : setting_keys()) {
    if (effective(key.name) == fresh.effective(key.name)) continue;
    (key.reloads ? reload.applied : reload.waiting).emplace_back(key.name);
    if (key.reloads) continue;
    merged.values_.erase(std::string(key.name));
    if (const Value* kept = find(key.name)) merged.values_[std::string(key.name)] = *kept;
  }
  for (const Settings* one : {this, &fresh})
    for (const auto& [key, value] : one->values_)
      if (!index_of_key(key).empty() && text(key, "") != fresh.text(key, "") &&
          std::ranges::find(reload.applied, key) == reload.applied.end())
        reload.applied.push_back(key);
  return merged;
}

std::map<std::string, std::string> Settings::index_retention() const {
  std::map<std::string, std::string> found;
  for (const auto& [key, value] : values_)
    if (const std::string_view name = index_of_key(key); !name.empty())
      found[std::string(name)] = value.text;
  return found;
}

const Settings::Value* Settings::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Settings::text(std::string_view key, std::string_view otherwise) const {
  const Value* value = find(key);
  return value == nullptr ? std::string(otherwise) : value->text;
}

std::uint64_t Settings::bytes(std::string_view key, std::uint64_t otherwise) const {
  const Value* value = find(key);
  if (value == nullptr) return otherwise;
  // Checked when it was loaded.
  const Result<std::uint64_t> bytes = base::parse_size_bytes(value->text);
  return bytes.has_value() ? *bytes : otherwise;
}

}  // namespace lynxdb::config
