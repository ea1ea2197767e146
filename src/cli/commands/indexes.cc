// lynxdb indexes: the indexes of a server.
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
    return wrong_arguments(session, kIndexesCommand, "indexes takes no arguments");
  const CallOutcome outcome = get_from_server(session, "/api/v1/indexes");
  if (!outcome.data) return outcome.exit_code;
  const auto rows = json_elements(json_member(*outcome.data, "indexes").value_or("[]"));
  if (rows.empty()) session.console.hint("the server holds no events yet");
  return print_rows(session, rows);
}

}  // namespace

const Command kIndexesCommand = {"indexes",     "",  "",  "show the indexes of a server",
                                 declare_flags, run, true};

}  // namespace lynxdb::cli
