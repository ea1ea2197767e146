// Runs one query on a server, from its text to the exit code.
#pragma once

#include <cstdint>
#include <string>

#include "cli/session.h"

namespace lynxdb::cli {

// Rows go where those of run_query go, as they come. The query stops on the server, too, when it
// is interrupted, its time is up, or nobody reads its rows. Returns the exit code; errors were
// reported.
int run_remote_query(const Session& session, const std::string& text);

enum class ExplainTo : std::uint8_t {
  kOutput,          // The plan, on standard output.
  kAnalysisOutput,  // The query is run: the plan and what each step did, on standard output.
  kMessages,        // What each step did, on standard error: standard output holds the rows.
};

// The plan that the server would follow. Without any server named and none at the default address:
// the plan of this program, with a hint. Returns the exit code; errors were reported.
int explain_remote_query(const Session& session, const std::string& text, ExplainTo to);

}  // namespace lynxdb::cli
