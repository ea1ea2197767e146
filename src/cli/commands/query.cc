// lynxdb query: runs a query over files or standard input, or on a server.
#include "cli/command.h"
#include "cli/last_query.h"
#include "cli/pipe_input.h"
#include "cli/run_query.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  declare_input_flags(flags, arguments);
  flags.value("--source", "LABEL", arguments.source, "_source of every event");
  declare_run_flags(flags, arguments);
  flags.toggle("--partial-results", arguments.partial_results,
               "of a cluster: answer without the partitions that nobody leads, and say so");
  flags.toggle("--explain", arguments.explain, "show the plan instead of running it");
  flags.choice("--analyze", {"basic", "full", "trace"}, arguments.analyze,
               "run it, then show what each step did");
  flags.unbuilt("--copy");
  flags.unbuilt("-D");
}

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.empty()) return wrong_arguments(session, kQueryCommand, "no query given");
  if (words.size() > 1)
    return wrong_arguments(session, kQueryCommand,
                           "a query is one argument, but there are " +
                               std::to_string(words.size()) + ": put quotes around it");
  if (words.front().find_first_not_of(" \t\r\n") == std::string::npos)
    return wrong_arguments(session, kQueryCommand, "the query is empty");
  if (session.arguments.partial_results && choose_mode(session) != Mode::kServer)
    return wrong_arguments(session, kQueryCommand,
                           "--partial-results is for a server: --server URL");
  if (choose_mode(session) != Mode::kStandardInput)
    remember_query(words.front(), session.arguments);
  return run_query(session, words.front());
}

}  // namespace

const Command kQueryCommand = {
    "query",       "q", "QUERY", "run a query on a server, or over files or standard input",
    declare_flags, run, true};

}  // namespace lynxdb::cli
