// Runs the query scripts beside this file: events, query, expected rows. Each case runs with one
// worker, with several, and over several files with so little memory that blocking commands spill:
// the rows are the same.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/query/script.h"

namespace lynxdb::tests {
namespace {

// Blocking commands spill nearly at once. A few cannot do with so little, and say so.
constexpr std::size_t kLittleMemoryBytes = std::size_t{4} << 10U;

void check_case(const ScriptCase& test, const PipeOptions& options) {
  const Result<PipeResult> result = run_pipe_query(test.events, test.query, options);
  if (!test.error.empty()) {
    ASSERT_FALSE(result) << "an error was expected";
    const std::string message = result.error().message + "\n" + result.error().suggestion;
    EXPECT_NE(message.find(test.error), std::string::npos) << message;
    if (result.error().code == ErrorCode::kInvalidArgument)
      EXPECT_TRUE(result.error().span.has_value()) << "no place in the query: " << message;
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
  const std::vector<ScriptCase> cases = read_script(GetParam());
  ASSERT_FALSE(cases.empty());
  for (const ScriptCase& test : cases) {
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

INSTANTIATE_TEST_SUITE_P(
    Scripts, QueryScript, ::testing::ValuesIn(script_files()), [](const auto& info) {
      std::string name = info.param.stem().string();
      std::replace_if(
          name.begin(), name.end(),
          [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return name;
    });

}  // namespace
}  // namespace lynxdb::tests
