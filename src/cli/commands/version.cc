// lynxdb version.
#include <fmt/format.h>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/exit_code.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.toggle("--short", arguments.short_version, "only the version number");
  flags.toggle("--json", arguments.json_version, "as a JSON object");
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kVersionCommand, "version takes no arguments");
  const BuildInfo info = build_info();
  std::string text =
      fmt::format("LynxDB v{} ({}) built {}\n", info.version, info.commit, info.date);
  if (session.arguments.short_version) text = fmt::format("{}\n", info.version);
  if (session.arguments.json_version)
    text = fmt::format("{{\"version\":\"{}\",\"commit\":\"{}\",\"built\":\"{}\"}}\n", info.version,
                       info.commit, info.date);
  return print_data(session.console, text) ? kExitOk : kExitFailure;
}

}  // namespace

const Command kVersionCommand = {"version",     "",  "",   "show the version of this program",
                                 declare_flags, run, false};

}  // namespace lynxdb::cli
