// Runs a query over lines of text the way pipe mode does, for tests that span modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/engine.h"

namespace lynxdb::tests {

struct PipeOptions {
  std::size_t threads = 1;
  std::size_t memory_limit_bytes = std::size_t{256} << 20U;
  std::string format = "auto";
  std::int64_t now_ns =
      1'768'473'000'000'000'000;  // 2026-01-15T10:30:00Z, also the time of receipt.
  // Labels of the request (docs/guide/ingest.md, "Metadata"); empty: none.
  std::string default_source = "test.log";
  std::string sourcetype;
  std::string host;
  // The lines are spread over this many files, in order: there are several batches even of few
  // lines.
  std::size_t files = 1;
  // The lines are in the order in which a store gives events: that says which of two events of one
  // time is the later one.
  bool newest_first = false;
};

struct PipeResult {
  std::vector<std::string> rows;  // NDJSON, as the command line prints them.
  std::vector<std::string> hints;
  query::ResultType type = query::ResultType::kEvents;
  std::uint64_t spilled_bytes = 0;
};

// Errors: the rendered first parse error (kParse), or what the engine said, rendered when it is
// about the query's text.
Result<PipeResult> run_pipe_query(std::string_view lines, std::string_view query,
                                  const PipeOptions& options = {});

}  // namespace lynxdb::tests
