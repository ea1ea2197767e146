// Sources of pipe mode: files, globs and standard input, parsed on the workers that pull.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/parse/event_parser.h"
#include "query/execution.h"
#include "query/operator.h"
#include "query/scan_request.h"

namespace lynxdb::query {

// What to read: paths in order ("-" = standard input), each plain, gzip or zstd by magic bytes.
struct LineInput {
  std::vector<std::string> paths;
  event::ParserOptions
      parser;  // Labels, formats, limits; projection and raw_contains are set from the request.
};

// Expands globs and checks that every input can be read, before any output. Sorted within a glob;
// "-" stays. Errors: kNotFound (a glob or path without a match), kIo (directory, not readable).
Result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& patterns);

// Opens the input. Files are cut into chunks at line ends, and every worker reads and parses chunks
// of its own; what cannot be cut (stdin, compressed files) is read by one worker at a time. Reading
// stops when the source is destroyed or the pipeline wants no more. Memory: a few chunks a worker.
Result<SourcePtr> open_lines(LineInput input, const ScanRequest& request, Execution& execution);

}  // namespace lynxdb::query
