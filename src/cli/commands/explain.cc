// lynxdb explain: the plan of a query, and with --analyze what running it did.
#include <unistd.h>

#include "cli/command.h"
#include "cli/pipe_input.h"
#include "cli/remote_query.h"
#include "cli/run_query.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  declare_input_flags(flags, arguments);
  flags.value("--source", "LABEL", arguments.source, "_source of every event");
  flags.value("--timeout", "DURATION", arguments.timeout, "stop after this long, with exit code 5");
  flags.value("--max-memory", "SIZE", arguments.max_memory,
              "memory before rows go to disk (default 1gb)");
  flags.choice("--analyze", {"basic", "full", "trace"}, arguments.analyze,
               "run it, too, and show what each step did");
}

class DiscardingWriter final : public output::Writer {
 public:
  Result<> write(const event::EventBatch& /*batch*/) override { return {}; }
};

int run(const Session& session) {
  const std::vector<std::string>& words = session.arguments.positionals;
  if (words.size() != 1)
    return wrong_arguments(session, kExplainCommand, "explain takes one query, in quotes");
  if (words.front().find_first_not_of(" \t\r\n") == std::string::npos)
    return wrong_arguments(session, kExplainCommand, "the query is empty");
  if (choose_mode(session) == Mode::kServer)
    return explain_remote_query(
        session, words.front(),
        session.arguments.analyze ? ExplainTo::kAnalysisOutput : ExplainTo::kOutput);
  const int explained = explain_query(session, words.front());
  if (explained != 0 || !session.arguments.analyze) return explained;
  const MakeWriter discard = [](const output::WriterOptions& /*options*/,
                                output::OutputBuffer& /*out*/,
                                query::SpillSpace& /*spill*/) -> std::unique_ptr<output::Writer> {
    return std::make_unique<DiscardingWriter>();
  };
  return run_query(session, words.front(), {.make = discard, .analysis_is_data = true});
}

}  // namespace

const Command kExplainCommand = {
    "explain",     "",  "QUERY", "show what a query will do, without running it",
    declare_flags, run, true};

}  // namespace lynxdb::cli
