// The query scripts beside this file (*.test): events, query, expected rows.
//
//   == events [format] [label=value ...]
//                           lines until the next section; hold for the queries after it. Labels:
//                           source (test.log if not given, none if empty), sourcetype, host
//   == query: what it shows
//   == rows                 NDJSON, compared field by field in this order
//   == rows unordered       the same, in any order
//   == error                text that the error must contain
//   == hint                 text that some hint must contain
//
// Lines that start with `#` outside a section are comments.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/pipe_query.h"

namespace lynxdb::tests {

struct ScriptCase {
  std::string name;
  int line = 0;
  PipeOptions options;
  std::string events;
  std::size_t event_section = 0;  // Counts the sections of the script that gave `events`.
  std::string query;
  std::vector<std::string> rows;
  bool expects_rows = false;
  bool ordered = true;
  std::string error;
  std::string hint;
};

// What does not belong there is a test failure.
std::vector<ScriptCase> read_script(const std::filesystem::path& path);

// All scripts, sorted by name.
std::vector<std::filesystem::path> script_files();

}  // namespace lynxdb::tests
