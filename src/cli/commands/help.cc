// lynxdb help: all commands, or one.
#include "base/suggest.h"
#include "cli/command.h"
#include "cli/exit_code.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& /*flags*/, Arguments& /*arguments*/) {}

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  std::string text = overview_help();
  if (!words.empty()) {
    const Command* command = find_command(words.front());
    if (command == nullptr) {
      std::vector<std::string_view> names;
      for (const Command* known : commands()) names.push_back(known->name);
      const auto nearest = base::suggest(words.front(), names);
      session.console.error("no command '" + words.front() + "'",
                            nearest ? "did you mean " + *nearest + "?" : "see lynxdb help");
      return kExitUsage;
    }
    text = command_help(*command);
  }
  return print_data(session.console, text) ? kExitOk : kExitFailure;
}

}  // namespace

const Command kHelpCommand = {"help",        "",  "[COMMAND]", "describe all commands, or one",
                              declare_flags, run, false};

}  // namespace lynxdb::cli
