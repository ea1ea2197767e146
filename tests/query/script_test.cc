// Runs the query scripts beside this file: events, query, expected rows. Each case runs with one
// worker, with several, and over several files with so little memory that blocking commands spill:
// the rows are the same.
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
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/pipe_query.h"

namespace lynxdb::tests {
namespace {

// Blocking commands spill nearly at once. A few cannot do with so little, and say so.
constexpr std::size_t kLittleMemoryBytes = std::size_t{4} << 10U;

struct Case {
  std::string name;
  int line = 0;
  PipeOptions options;
  std::string events;
  std::string query;
  std::vector<std::string> rows;
  bool expects_rows = false;
  bool ordered = true;
  std::string error;
  std::string hint;
};

// The words behind "== events".
PipeOptions read_options(const std::string& words) {
  PipeOptions options;
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    const std::size_t equals = word.find('=');
    const std::string value = equals == std::string::npos ? word : word.substr(equals + 1);
    if (equals == std::string::npos)
      options.format = word;
    else if (word.starts_with("source="))
      options.default_source = value;
    else if (word.starts_with("sourcetype="))
      options.sourcetype = value;
    else if (word.starts_with("host="))
      options.host = value;
    else
      ADD_FAILURE() << "unknown label " << word;
  }
  return options;
}

std::vector<Case> read_script(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  PipeOptions options;
  std::string events;
  std::string section;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("== ")) {
      const std::string head = line.substr(3);
      if (head.starts_with("events")) {
        section = "events";
        options = read_options(head.substr(6));
        events.clear();
      } else if (head.starts_with("query: ")) {
        section = "query";
        cases.emplace_back();
        cases.back().name = head.substr(7);
        cases.back().line = number;
        cases.back().options = options;
        cases.back().events = events;
      } else if (!cases.empty() && (head == "rows" || head == "rows unordered")) {
        section = "rows";
        cases.back().expects_rows = true;
        cases.back().ordered = head == "rows";
      } else if (!cases.empty() && (head == "error" || head == "hint")) {
        section = head;
      } else {
        ADD_FAILURE() << path << ":" << number << ": unknown section " << head;
      }
      continue;
    }
    if (section == "events") {
      events += line + "\n";
    } else if (line.empty() || section.empty()) {
      continue;
    } else if (section == "query") {
      cases.back().query += (cases.back().query.empty() ? "" : "\n") + line;
    } else if (section == "rows") {
      cases.back().rows.push_back(line);
    } else if (section == "error") {
      cases.back().error += line;
    } else {
      cases.back().hint += line;
    }
  }
  return cases;
}

void check_case(const Case& test, const PipeOptions& options) {
  const Result<PipeResult> result = run_pipe_query(test.events, test.query, options);
  if (!test.error.empty()) {
    ASSERT_FALSE(result) << "an error was expected";
    const std::string message = result.error().message + "\n" + result.error().suggestion;
    EXPECT_NE(message.find(test.error), std::string::npos) << message;
    return;
  }
  if (options.memory_limit_bytes == kLittleMemoryBytes && !result &&
      result.error().code == ErrorCode::kOutOfBudget)
    return;
  ASSERT_TRUE(result) << result.error().message << "\n" << result.error().suggestion;
  if (test.expects_rows) {
    std::vector<std::string> expected = test.rows;
    std::vector<std::string> actual = result->rows;
    if (!test.ordered) {
      std::sort(expected.begin(), expected.end());
      std::sort(actual.begin(), actual.end());
    }
    std::ostringstream got;
    for (const std::string& row : actual) got << row << "\n";
    EXPECT_EQ(actual, expected) << "got:\n" << got.str();
  }
  if (!test.hint.empty()) {
    const bool found = std::any_of(
        result->hints.begin(), result->hints.end(),
        [&](const std::string& hint) { return hint.find(test.hint) != std::string::npos; });
    EXPECT_TRUE(found) << "no hint says: " << test.hint;
  }
  EXPECT_TRUE(test.expects_rows || !test.hint.empty()) << "the case expects nothing";
}

class QueryScript : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(QueryScript, GivesTheExpectedRows) {
  const std::vector<Case> cases = read_script(GetParam());
  ASSERT_FALSE(cases.empty());
  for (const Case& test : cases) {
    SCOPED_TRACE(GetParam().filename().string() + ":" + std::to_string(test.line) + ": " +
                 test.name + "\n" + test.query);
    PipeOptions options = test.options;
    {
      SCOPED_TRACE("one worker");
      check_case(test, options);
    }
    {
      SCOPED_TRACE("three workers");
      options.threads = 3;
      check_case(test, options);
    }
    {
      // One JSON array cannot be cut in three.
      SCOPED_TRACE("three files and little memory");
      if (!test.events.starts_with('[')) options.files = 3;
      options.memory_limit_bytes = kLittleMemoryBytes;
      check_case(test, options);
    }
  }
}

std::vector<std::filesystem::path> scripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(LYNXDB_QUERY_SCRIPTS))
    if (entry.path().extension() == ".test") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, QueryScript, ::testing::ValuesIn(scripts()), [](const auto& info) {
      std::string name = info.param.stem().string();
      std::replace_if(
          name.begin(), name.end(),
          [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return name;
    });

}  // namespace
}  // namespace lynxdb::tests
