// The commands of the `lynxdb` program. Each lives in commands/<name>.cc.
#pragma once

#include <span>
#include <string_view>

#include "cli/session.h"

namespace lynxdb::cli {

struct Command {
  std::string_view name;
  std::string_view alias;      // May be empty.
  std::string_view arguments;  // "QUERY", for the usage line.
  std::string_view summary;
  void (*declare_flags)(FlagSet& flags, Arguments& arguments);  // Its own, beside the global ones.
  int (*run)(const Session& session);                           // The exit code.
  bool reads_settings;  // Works with the configuration; the others work whatever is in it.
};

extern const Command kQueryCommand;
extern const Command kServerCommand;
extern const Command kIngestCommand;
extern const Command kExplainCommand;
extern const Command kCountCommand;
extern const Command kSampleCommand;
extern const Command kFieldsCommand;
extern const Command kLastCommand;
extern const Command kStatusCommand;
extern const Command kHealthCommand;
extern const Command kIndexesCommand;
extern const Command kClusterCommand;
extern const Command kConfigCommand;
extern const Command kDoctorCommand;
extern const Command kDemoCommand;
extern const Command kBenchCommand;
extern const Command kExamplesCommand;
extern const Command kCompletionCommand;
extern const Command kVersionCommand;
extern const Command kHelpCommand;

// In the order of the help text.
std::span<const Command* const> commands();
// By name or alias; null when there is none.
const Command* find_command(std::string_view word);

// Commands of later releases: they answer with an error that says so.
std::span<const std::string_view> unbuilt_commands();

// "usage: lynxdb query QUERY [flags]" and the flags.
std::string command_help(const Command& command);
// All commands with their summaries.
std::string overview_help();

// Reports a wrong number of arguments, with the usage or where files belong, and gives kExitUsage.
int wrong_arguments(const Session& session, const Command& command, std::string_view message);

}  // namespace lynxdb::cli
