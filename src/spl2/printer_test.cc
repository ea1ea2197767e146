// Printed queries mean what was written: printing, parsing and printing again gives the same text.
#include "spl2/printer.h"

#include "spl2/example_queries.h"
#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

// The one example that uses a CTE without defining it.
std::string defined(std::string_view text) {
  const bool uses_x = text.find("[$x]") != std::string_view::npos && !text.starts_with("$x");
  return uses_x ? "$x = a; " + std::string(text) : std::string(text);
}

TEST(Printer, PrintsWhatParsesToTheSameText) {
  for (const std::string_view text : kExampleQueries) {
    SCOPED_TRACE(text);
    const std::string once = canonical(defined(text));
    EXPECT_EQ(canonical(once), once);
  }
}

TEST(Printer, PutsParenthesesOnlyWhereTheyAreNeeded) {
  EXPECT_EQ(canonical("where ((a=1) AND (b=2 OR (c=3))) OR NOT (d=4)"),
            "where a = 1 AND (b = 2 OR c = 3) OR NOT d = 4");
  EXPECT_EQ(canonical("where (a-b)-c = a-(b-c)"), "where a - b - c = a - (b - c)");
  EXPECT_EQ(canonical("search (a b) (c OR d)"), "search a AND b AND (c OR d)");
}

TEST(Printer, QuotesNamesThatWouldReadAsSomethingElse) {
  EXPECT_EQ(canonical("where `a-b` = `not`"), "where `a-b` = `not`");
  EXPECT_EQ(canonical("table a-b, \"x*\""), "table a-b, `x*`");
  EXPECT_EQ(canonical("where `tick\\`s` = 1"), "where `tick\\`s` = 1");
}

TEST(Printer, KeepsAValueThatBeginsWithATildeApartFromItsOperator) {
  const auto parsed = parse("index_name= ~x");
  ASSERT_TRUE(std::holds_alternative<Query>(parsed));
  const std::string printed = to_text(std::get<Query>(parsed));
  EXPECT_NE(printed.find("index_name= ~x"), std::string::npos) << printed;
  EXPECT_TRUE(std::holds_alternative<Query>(parse(printed))) << printed;
}

TEST(Printer, LeavesOutDefaultNames) {
  EXPECT_EQ(canonical("stats count() AS count, Sum( x ) AS \"sum(x)\", mean(y)"),
            "stats count, sum(x), avg(y) AS `mean(y)`");
}

TEST(Printer, KeepsWordsThatLookLikeCommentsAsWords) {
  EXPECT_EQ(canonical("search a(--)"), "search a AND \"--\"");
}

}  // namespace
}  // namespace lynxdb::spl2
