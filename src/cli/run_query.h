// Runs one query, from its text to the exit code: what query, count, sample, fields and explain
// --analyze have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/session.h"
#include "output/writer.h"
#include "query/engine.h"

namespace lynxdb::cli {

using MakeWriter = std::function<std::unique_ptr<output::Writer>(
    const output::WriterOptions&, output::OutputBuffer&, query::SpillSpace&)>;

struct RunOptions {
  MakeWriter make = output::make_writer;
  bool analysis_is_data = false;  // --analyze goes to standard output, not standard error.
  // The writer says itself why there are no rows.
  bool explains_no_rows = false;
};

// Over files or standard input, or on a server (remote_query.h; `run` is for the former only). Rows
// go to the output that the arguments name, everything else to standard error. Handles --explain
// and --analyze, too. Returns the exit code; errors were reported.
int run_query(const Session& session, const std::string& text, const RunOptions& run = {});

// Prints the plan of `text` without running it.
int explain_query(const Session& session, const std::string& text);

// Limits, clock and time range of a query as arguments and settings have them.
// Errors: kInvalidArgument.
Result<query::QueryOptions> query_options(const Session& session);

// `table` asks for one, whatever its rows are.
bool asks_for_table(const spl2::Query& query);

// Parses, or reports the errors and gives null.
std::shared_ptr<const spl2::Query> parse_or_report(const Session& session, const std::string& text);

}  // namespace lynxdb::cli
