#include <algorithm>
#include <array>
#include <filesystem>
#include <ranges>
#include <string>
#include <system_error>
#include <utility>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "config/setting_keys.h"

namespace lynxdb::cli {
namespace {

constexpr auto kCommands = std::to_array<const Command*>(
    {&kQueryCommand,   &kServerCommand,     &kIngestCommand,   &kCountCommand,   &kSampleCommand,
     &kLastCommand,    &kFieldsCommand,     &kExplainCommand,  &kStatusCommand,  &kHealthCommand,
     &kIndexesCommand, &kClusterCommand,    &kConfigCommand,   &kDoctorCommand,  &kBenchCommand,
     &kDemoCommand,    &kCompletionCommand, &kExamplesCommand, &kVersionCommand, &kHelpCommand});

constexpr auto kUnbuilt = std::to_array<std::string_view>(
    {"import", "tail",    "t",         "watch", "diff", "top",   "shell", "cache",  "jobs",
     "login",  "logout",  "auth",      "saved", "save", "run",   "mv",    "alerts", "dashboards",
     "dash",   "install", "uninstall", "ui",    "open", "share", "init",  "upgrade"});

std::string flag_line(const FlagSet::Flag& flag) {
  std::string names;
  for (const std::string& name : std::views::reverse(flag.names)) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  if (flag.names.size() == 1) names.insert(0, "    ");
  if (!flag.placeholder.empty()) names += " " + flag.placeholder;
  if (flag.kind == FlagSet::Kind::kChoice) {
    names += "[=";
    for (const std::string_view choice : flag.choices)
      names += std::string(choice) + (choice == flag.choices.back() ? "]" : "|");
  }
  constexpr std::size_t kColumn = 28;
  std::string line = "  " + names;
  line.append(line.size() < kColumn ? kColumn - line.size() : 1, ' ');
  return line + flag.help + "\n";
}

std::string flag_lines(const FlagSet& flags) {
  std::string text;
  for (const FlagSet::Flag& flag : flags.flags())
    if (flag.kind != FlagSet::Kind::kUnbuilt) text += flag_line(flag);
  return text;
}

// The settings that most people give as flags; the others are alike.
std::string setting_lines() {
  constexpr std::pair<std::string_view, std::string_view> kUsual[] = {
      {"--addr HOST:PORT", "listen"},
      {"--data-dir DIR", "data_dir"},
      {"--retention DURATION", "retention"},
      {"--tls", "tls.enabled"},
      {"--tls-cert FILE", "tls.cert_file"},
      {"--tls-key FILE", "tls.key_file"},
      {"--s3-bucket NAME", "storage.s3_bucket"},
      {"--s3-region NAME", "storage.s3_region"},
      {"--s3-prefix TEXT", "storage.s3_prefix"},
  };
  std::string text;
  for (const auto& [flag, name] : kUsual) {
    const config::SettingKey* key = config::find_setting_key(name);
    FlagSet::Flag line;
    line.names = {std::string(flag)};
    line.help = key->about;
    text += flag_line(line);
  }
  return text +
         "      --SECTION.KEY VALUE   every key of the configuration: --storage.compression zstd "
         "(see lynxdb config)\n";
}

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

const Command* find_command(std::string_view word) {
  for (const Command* command : kCommands)
    if (word == command->name || (!command->alias.empty() && word == command->alias))
      return command;
  return nullptr;
}

std::span<const std::string_view> unbuilt_commands() { return kUnbuilt; }

namespace {

// "lynxdb query QUERY".
std::string call_text(const Command& command) {
  std::string text = "lynxdb " + std::string(command.name);
  if (!command.arguments.empty()) text += " " + std::string(command.arguments);
  return text;
}

}  // namespace

std::string command_help(const Command& command) {
  Arguments arguments;
  FlagSet own;
  command.declare_flags(own, arguments);
  FlagSet global;
  declare_global_flags(global, arguments);
  std::string text = "usage: " + call_text(command);
  text += " [flags]\n\n" + std::string(command.summary) + "\n";
  if (!command.alias.empty()) text += "\nalias: " + std::string(command.alias) + "\n";
  if (const std::string lines = flag_lines(own); !lines.empty()) text += "\nflags:\n" + lines;
  if (own.takes_settings()) text += setting_lines();
  return text + "\nglobal flags:\n" + flag_lines(global);
}

std::string overview_help() {
  std::string text =
      "LynxDB: log analytics with SPL2\n\n"
      "usage: lynxdb COMMAND [arguments] [flags]\n"
      "       ... | lynxdb 'QUERY'\n\n"
      "commands:\n";
  for (const Command* command : kCommands) {
    std::string line = "  " + std::string(command->name);
    if (!command->alias.empty()) line += ", " + std::string(command->alias);
    constexpr std::size_t kColumn = 22;
    line.append(line.size() < kColumn ? kColumn - line.size() : 1, ' ');
    text += line + std::string(command->summary) + "\n";
  }
  Arguments arguments;
  FlagSet global;
  declare_global_flags(global, arguments);
  return text + "\nglobal flags:\n" + flag_lines(global) +
         "\n`lynxdb help COMMAND` describes one; `lynxdb examples` shows queries to start from.\n";
}

int wrong_arguments(const Session& session, const Command& command, std::string_view message) {
  const std::string call = "lynxdb " + std::string(command.name);
  std::string hint = "usage: " + call_text(command) + " [flags]";
  // As grep takes them: lynxdb query 'level=error' app.log
  for (const std::string& word : session.arguments.positionals)
    if (std::error_code ignored; std::filesystem::is_regular_file(word, ignored))
      hint = "files are named with --file: " + call + " --file " + word + " ...";
  session.console.error(message, hint);
  return kExitUsage;
}

}  // namespace lynxdb::cli
