// lynxdb last: the last query once more.
#include <utility>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/last_query.h"
#include "cli/run_query.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--since,-s", "TIME", arguments.since, "another time range (15m, -1d, a date)");
  flags.value("--from", "TIME", arguments.from, "only events at or after this time");
  flags.value("--to", "TIME", arguments.to, "only events before this time");
  declare_run_flags(flags, arguments);
}

int run(const Session& given) {
  if (!given.arguments.positionals.empty())
    return wrong_arguments(given, kLastCommand, "last takes no arguments");
  Result<LastQuery> last = remembered_query();
  if (!last.has_value()) {
    given.console.error(last.error());
    return kExitFailure;
  }
  Session session = given;
  Arguments& arguments = session.arguments;
  // The query is that of a server or of files, whatever standard input is now.
  session.streams.input = InputKind::kNone;
  if (!arguments.server && !arguments.profile) arguments.files = last->files;
  if (!arguments.since && !arguments.from && !arguments.to) {
    arguments.since = last->since;
    arguments.from = last->from;
    arguments.to = last->to;
  }
  session.console.detail("query: " + last->text);
  return run_query(session, last->text);
}

}  // namespace

const Command kLastCommand = {"last",        "",  "",  "run the last query once more",
                              declare_flags, run, true};

}  // namespace lynxdb::cli
