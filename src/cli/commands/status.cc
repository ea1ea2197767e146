// lynxdb status: how a server is.
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_call.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--timeout", "DURATION", arguments.timeout, "how long to wait (30s)");
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kStatusCommand, "status takes no arguments");
  const CallOutcome outcome = get_from_server(session, "/api/v1/status");
  if (!outcome.data) return outcome.exit_code;
  const int printed = print_object(session, *outcome.data);
  if (printed != kExitOk) return printed;
  return json_member(*outcome.data, "health") == "\"unhealthy\"" ? kExitFailure : kExitOk;
}

}  // namespace

const Command kStatusCommand = {"status",      "st", "",  "show how a server is, and what it holds",
                                declare_flags, run,  true};

}  // namespace lynxdb::cli
