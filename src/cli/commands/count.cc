// lynxdb count: how many events there are, or pass a filter.
#include "cli/command.h"
#include "cli/run_query.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  declare_input_flags(flags, arguments);
  flags.value("--source", "LABEL", arguments.source, "_source of every event");
  declare_run_flags(flags, arguments);
}

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.size() > 1)
    return wrong_arguments(session, kCountCommand,
                           "a filter is one argument: put quotes around it");
  // On a line of its own: the filter may end in a comment.
  return run_query(session, (words.empty() ? "" : words.front() + "\n") + "| stats count");
}

}  // namespace

const Command kCountCommand = {"count", "", "[FILTER]", "count events", declare_flags, run, true};

}  // namespace lynxdb::cli
