// lynxdb config: the configuration that counts, and where it comes from.
#include <fmt/format.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "base/suggest.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_call.h"
#include "config/server_config.h"
#include "config/setting_keys.h"
#include "event/value.h"

namespace lynxdb::cli {
namespace {

namespace fs = std::filesystem;

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.toggle("--system", arguments.system, "init: write /etc/lynxdb/config.yaml");
  flags.settings(arguments.overrides);
}

Result<config::Settings> with_overrides(const Session& session) {
  config::Settings settings = session.settings;
  for (const auto& [flag, value] : session.arguments.overrides) TRY(settings.set_flag(flag, value));
  return settings;
}

int usage_error(const Session& session, const Error& error) {
  session.console.error(error);
  return kExitUsage;
}

// Secrets are for the server's eyes.
std::string shown_value(const std::string& key, const std::string& value) {
  return key.ends_with(".token") && !value.empty() ? "********" : value;
}

std::string row(const std::string& key, const std::string& value, const std::string& origin) {
  std::string json = "{\"key\":";
  event::append_json_string(key, json);
  json += ",\"value\":";
  event::append_json_string(shown_value(key, value), json);
  json += ",\"origin\":";
  event::append_json_string(origin, json);
  return json + "}";
}

int show_all(const Session& session, const config::Settings& settings) {
  std::vector<std::string> rows;
  for (const config::SettingKey& key : config::setting_keys()) {
    const config::Settings::Value* set = settings.find(key.name);
    rows.push_back(row(std::string(key.name), settings.effective(key.name),
                       set == nullptr ? "default" : set->origin));
  }
  // Profiles, and what only .lynxdbrc holds.
  for (const auto& [key, value] : settings.all())
    if (config::find_setting_key(key) == nullptr)
      rows.push_back(row(key, value.text, value.origin));
  return print_rows(session, rows);
}

int show_one(const Session& session, const config::Settings& settings, const std::string& key) {
  if (config::find_setting_key(key) != nullptr || settings.find(key) != nullptr)
    return print_data(session.console, shown_value(key, settings.effective(key)) + "\n")
               ? kExitOk
               : kExitFailure;
  std::vector<std::string_view> known;
  for (const config::SettingKey& one : config::setting_keys()) known.push_back(one.name);
  const auto nearest = base::suggest(key, known);
  return usage_error(session, {ErrorCode::kInvalidArgument, "no key '" + key + "'",
                               nearest ? "did you mean " + *nearest + "?" : "see lynxdb config"});
}

std::string user_config_path() {
  const char* xdg = std::getenv("XDG_CONFIG_HOME");
  if (xdg != nullptr && *xdg != '\0') return std::string(xdg) + "/lynxdb/config.yaml";
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? "" : std::string(home) + "/.config/lynxdb/config.yaml";
}

// Every key with what it means and its default, commented out.
std::string initial_file() {
  std::string text = "# Configuration of LynxDB. Keys may be nested or dotted.\n";
  for (const config::SettingKey& key : config::setting_keys()) {
    const std::string value = key.otherwise.empty() ? "\"\"" : std::string(key.otherwise);
    text += fmt::format("\n# {}{}\n# {}: {}\n", key.about, key.reloads ? " (reloaded at once)" : "",
                        key.name, value);
  }
  return text;
}

int init(const Session& session) {
  const fs::path path = session.arguments.system ? "/etc/lynxdb/config.yaml" : user_config_path();
  const auto fail = [&](const std::string& why, const std::string& hint = "") {
    session.console.error(why, hint);
    return kExitFailure;
  };
  if (path.empty()) return fail("there is no home directory to write to", "set HOME");
  std::error_code failed;
  if (fs::exists(path, failed))
    return fail(path.string() + " is there already", "lynxdb config shows what counts");
  fs::create_directories(path.parent_path(), failed);
  std::ofstream file(path);
  file << initial_file();
  file.close();
  if (!file) return fail("cannot write " + path.string() + ": " + std::strerror(errno));
  return print_data(session.console, path.string() + "\n") ? kExitOk : kExitFailure;
}

int validate(const Session& session, const config::Settings& settings) {
  const auto config = config::make_server_config(settings, config::this_machine());
  if (!config.has_value()) return usage_error(session, config.error());
  const std::string& path = settings.config_path();
  const std::string text = path.empty() ? "no configuration file, defaults: ok\n" : path + ": ok\n";
  return print_data(session.console, text) ? kExitOk : kExitFailure;
}

int show_path(const Session& session, const config::Settings& settings) {
  if (settings.config_path().empty()) {
    session.console.error("there is no configuration file",
                          "lynxdb config init writes " + user_config_path());
    return kExitFailure;
  }
  return print_data(session.console, settings.config_path() + "\n") ? kExitOk : kExitFailure;
}

Result<pid_t> server_pid(const std::string& data_dir) {
  const std::string path = data_dir + "/lynxdb.pid";
  std::ifstream file(path);
  std::string text;
  if (!(file >> text))
    return Error{ErrorCode::kUnavailable, "no server runs on " + data_dir,
                 "another data directory is named with --data-dir DIR"};
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size() || pid <= 1)
    return Error{ErrorCode::kCorruption, path + " holds no process id"};
  // The number may be another program's by now, which a hangup would end.
  std::string name;
  std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
  if (!std::getline(comm, name) || !name.starts_with("lynxdb"))
    return Error{ErrorCode::kUnavailable,
                 "no server runs on " + data_dir + ": process " + text + " is none"};
  return pid;
}

int reload(const Session& session, const config::Settings& settings) {
  const auto config = config::make_server_config(settings, config::this_machine());
  if (!config.has_value()) return usage_error(session, config.error());
  const Result<pid_t> pid =
      config->data_dir.empty()
          ? Error{ErrorCode::kUnavailable, "a server without a data directory cannot be found",
                  "send it SIGHUP"}
          : server_pid(config->data_dir);
  if (!pid.has_value()) {
    session.console.error(pid.error());
    return pid.error().code == ErrorCode::kUnavailable ? kExitUnreachable : kExitFailure;
  }
  if (::kill(*pid, SIGHUP) != 0) {
    session.console.error("cannot signal process " + std::to_string(*pid) + ": " +
                          std::strerror(errno));
    return kExitFailure;
  }
  session.console.note("process " + std::to_string(*pid) +
                       " reads its configuration again; its log says what changed");
  return kExitOk;
}

bool is_later(std::string_view action) {
  constexpr std::array<std::string_view, 6> kLater = {
      "set", "edit", "reset", "add-profile", "list-profiles", "remove-profile"};
  return std::ranges::find(kLater, action) != kLater.end();
}

int later_action(const Session& session, const std::string& action) {
  return usage_error(
      session, {ErrorCode::kInvalidArgument, "config " + action + " is not part of this build",
                "the file is plain YAML: lynxdb config path names it"});
}

int unknown_action(const Session& session, const std::string& action) {
  constexpr std::array<std::string_view, 5> kKnown = {"init", "validate", "get", "path", "reload"};
  const auto nearest = base::suggest(action, kKnown);
  return wrong_arguments(
      session, kConfigCommand,
      "config cannot '" + action + "'" + (nearest ? ": did you mean " + *nearest + "?" : ""));
}

int run(const Session& session) {
  const Result<config::Settings> settings = with_overrides(session);
  if (!settings.has_value()) return usage_error(session, settings.error());
  for (const std::string& warning : settings->warnings()) session.console.hint(warning);
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.empty()) return show_all(session, *settings);
  const std::string& action = words.front();
  if (is_later(action)) return later_action(session, action);
  if (words.size() != (action == "get" ? 2U : 1U))
    return wrong_arguments(session, kConfigCommand,
                           action == "get" ? "config get takes one key" : "too many arguments");
  if (action == "get") return show_one(session, *settings, words[1]);
  if (action == "init") return init(session);
  if (action == "validate") return validate(session, *settings);
  if (action == "path") return show_path(session, *settings);
  if (action == "reload") return reload(session, *settings);
  return unknown_action(session, action);
}

}  // namespace

const Command kConfigCommand = {"config",
                                "",
                                "[init|validate|get KEY|path|reload]",
                                "show the settings that count, check them, or have them reloaded",
                                declare_flags,
                                run,
                                true};

}  // namespace lynxdb::cli
