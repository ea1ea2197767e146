// Every command, function and aggregate that the language knows has a row in coverage.tsv, and so a
// case in the scripts (scripts/check-coverage looks after that).
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "spl2/parser.h"

namespace lynxdb::tests {
namespace {

// The first column.
std::set<std::string> covered() {
  std::ifstream table(LYNXDB_QUERY_SCRIPTS "/coverage.tsv");
  EXPECT_TRUE(table.good());
  std::set<std::string> ids;
  for (std::string line; std::getline(table, line);) ids.insert(line.substr(0, line.find('\t')));
  return ids;
}

void expect_rows(const std::string& section, const std::vector<std::string_view>& names) {
  const std::set<std::string> ids = covered();
  EXPECT_FALSE(names.empty());
  for (const std::string_view name : names)
    EXPECT_TRUE(ids.contains(section + std::string(name))) << "no row " << section << name;
}

TEST(QueryCoverage, HasEveryCommand) { expect_rows("4.", spl2::command_names()); }

TEST(QueryCoverage, HasEveryAggregate) { expect_rows("5.1.", spl2::aggregate_names()); }

TEST(QueryCoverage, HasEveryFunction) { expect_rows("5.2.", spl2::function_names()); }

}  // namespace
}  // namespace lynxdb::tests
