// The engine gives the rows that the specification asks for: random queries over random events,
// each answered by the oracle (oracle.h) and by the engine with one worker, with several over
// several files, and for some with so little memory that it spills.
//
// Deterministic. LYNXDB_ORACLE_SEED=n replays case n alone, or with LYNXDB_ORACLE_CASES=m the m
// cases from n on.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "spl2/parser.h"
#include "tests/oracle/event_generator.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/printed_row.h"
#include "tests/oracle/query_generator.h"
#include "tests/support/pipe_query.h"

namespace lynxdb::oracle {
namespace {

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kCases = 3000;
constexpr int kFailuresShown = 20;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool replays_one() {
  return std::getenv("LYNXDB_ORACLE_SEED") != nullptr &&
         from_environment("LYNXDB_ORACLE_CASES", 1) == 1;
}

std::string joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += "  " + row + "\n";
  return text;
}

struct Case {
  std::uint64_t seed = 0;
  Events events;
  std::string query;
};

Case make_case(std::uint64_t seed) {
  Random random(seed);
  Case made;
  made.seed = seed;
  const std::size_t count = random.chance(5) ? 0 : random.chance(12) ? 400 : 3 + random.below(40);
  made.events = generate_events(random, count, tests::PipeOptions().now_ns);
  made.query = generate_query(random);
  return made;
}

std::uint64_t spilled_cases = 0, out_of_budget = 0;

// Commands whose groups spill in ways of their own: their queries always run with little memory,
// too.
struct Watched {
  const char* command;
  std::uint64_t spilled = 0;
  std::uint64_t out_of_budget = 0;
};
std::array<Watched, 4> watched = {{{"eventstats"}, {"streamstats"}, {"xyseries"}, {"timechart"}}};

bool has_watched_command(const std::string& query) {
  return std::any_of(watched.begin(), watched.end(), [&](const Watched& command) {
    return query.find(command.command) != std::string::npos;
  });
}

void count_watched(const std::string& query, std::uint64_t Watched::* counter) {
  for (Watched& command : watched)
    if (query.find(command.command) != std::string::npos) ++(command.*counter);
}

// How one way of running the query differs from the oracle; "" if it does not.
std::string difference(const Case& test, const std::vector<std::string>& expected,
                       const tests::PipeOptions& options, const char* how) {
  const auto result = tests::run_pipe_query(test.events.ndjson, test.query, options);
  if (!result) {
    // Too little memory for what the query must hold is an answer, too, when there is little.
    const bool is_little = options.memory_limit_bytes < tests::PipeOptions().memory_limit_bytes;
    if (is_little && result.error().code == ErrorCode::kOutOfBudget) {
      count_watched(test.query, &Watched::out_of_budget);
      return ++out_of_budget, "";
    }
    return std::string(how) + ": " + result.error().message + "\n";
  }
  if (result->spilled_bytes > 0) {
    ++spilled_cases;
    count_watched(test.query, &Watched::spilled);
  }
  const std::string reason = first_difference(expected, result->rows, strictness(test.query));
  if (reason.empty()) return "";
  return std::string(how) + ": " + reason + "\n" +
         (replays_one() ? "engine:\n" + joined(result->rows) : "");
}

// The report of a case, "" if engine and oracle agree.
std::string check(const Case& test) {
  auto parsed = spl2::parse(test.query);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return spl2::render_error(test.query, errors->front());
  const Context context{tests::PipeOptions().now_ns};
  std::vector<std::string> expected;
  for (const Row& row : answer(std::get<spl2::Query>(parsed), test.events.rows, context))
    expected.push_back(print(row));

  tests::PipeOptions options;
  std::string report = difference(test, expected, options, "one worker");
  options.threads = 3;
  options.files = 4;
  if (report.empty()) report = difference(test, expected, options, "three workers");
  const bool many = test.events.rows.size() > 100;
  if (report.empty() && (many || test.seed % 5 == 0 || has_watched_command(test.query))) {
    options.memory_limit_bytes = std::size_t{many ? 32U + 16U * (test.seed % 4) : 24U} << 10U;
    report = difference(test, expected, options, "little memory");
  }
  if (report.empty()) return "";
  return report + (replays_one() ? "oracle:\n" + joined(expected) : "");
}

TEST(Oracle, AgreesWithTheEngine) {
  const std::uint64_t first = from_environment("LYNXDB_ORACLE_SEED", kFirstSeed);
  const std::uint64_t cases = from_environment("LYNXDB_ORACLE_CASES", replays_one() ? 1 : kCases);
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + cases; ++seed) {
    const Case test = make_case(seed);
    const std::string report = check(test);
    if (report.empty()) continue;
    if (++failures > kFailuresShown) continue;
    ADD_FAILURE() << "seed " << seed << "\nquery: " << test.query << "\n"
                  << report << (replays_one() ? "events:\n" + test.events.ndjson : "");
  }
  std::cout << spilled_cases << " of " << cases << " cases spilled, " << out_of_budget
            << " had not enough\n";
  for (const Watched& command : watched) {
    std::cout << command.command << ": " << command.spilled << " spilled, " << command.out_of_budget
              << " had not enough\n";
    if (cases < kCases) continue;
    EXPECT_GT(command.spilled, 3U) << command.command << " no longer spills";
    EXPECT_LT(command.out_of_budget, command.spilled) << command.command;
  }
  if (cases >= kCases) {
    EXPECT_GT(spilled_cases, cases / 50) << "the memory limit no longer bites";
    EXPECT_LT(out_of_budget, cases / 100) << "too many cases say nothing of spilling";
  }
  EXPECT_EQ(failures, 0) << "cases that differ, of " << cases;
}

}  // namespace
}  // namespace lynxdb::oracle
