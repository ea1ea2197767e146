// Where a query starts, what it reads, and how it becomes a pipeline (normalisation), with CTEs,
// subsearches and limits.
#include "spl2/pipeline_parser.h"

#include <gmock/gmock.h>

#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

std::size_t error_count(std::string_view text, const ParseOptions& options) {
  const auto result = parse(text, options);
  const auto* errors = std::get_if<1>(&result);
  return errors == nullptr ? 0 : errors->size();
}

TEST(Pipeline, TakesTextAsASearchUpToTheFirstPipe) {
  EXPECT_EQ(canonical("level=error timeout | stats count"),
            "search level=error AND timeout | stats count");
  EXPECT_EQ(canonical("\"a | b\" | head"), "search \"a | b\" | head 10");
  EXPECT_FALSE(query_of("level=error").main->explicit_from);
  EXPECT_THAT(query_of("level=error").main->sources, IsEmpty());
}

TEST(Pipeline, StartsWithACommandWordUnlessItIsAField) {
  EXPECT_EQ(canonical("stats count"), "stats count");
  EXPECT_EQ(canonical("Stats Count"), "stats count");
  EXPECT_EQ(canonical("sort=5"), "search sort=5");
  EXPECT_EQ(canonical("top >= 5"), "search top>=5");
  EXPECT_EQ(canonical("top-level failure"), "search top-level AND failure");
  EXPECT_EQ(canonical("reverse proxy"), "search reverse AND proxy");
  EXPECT_EQ(canonical("regex failed"), "search regex AND failed");
  EXPECT_EQ(canonical("| stats count"), "stats count");
  EXPECT_EQ(canonical("| reverse"), "| reverse");
  EXPECT_EQ(canonical("from=alice"), "search from=alice");
}

TEST(Pipeline, ReadsSources) {
  const Query query = query_of("FROM a, web-*, \"c d\", view.errors | head");
  ASSERT_THAT(query.main->sources, SizeIs(4));
  EXPECT_TRUE(query.main->explicit_from);
  EXPECT_FALSE(query.main->sources[0].glob);
  EXPECT_TRUE(query.main->sources[1].glob);
  EXPECT_EQ(query.main->sources[2].name, "c d");
  EXPECT_EQ(query.main->sources[3].name, "view.errors");
  EXPECT_EQ(canonical("from * | head 1"), "FROM * | head 1");
  EXPECT_EQ(canonical("| from web | head 1"), "FROM web | head 1");
}

TEST(Pipeline, AndsAdjacentConditionsBehindFromWhere) {
  const std::string expected = "FROM a | where b = 1 AND (c = 2 OR d = 3) AND e IS NULL";
  EXPECT_EQ(canonical("FROM a WHERE b=1 (c=2 OR d=3) e IS NULL"), expected);
  EXPECT_EQ(canonical("FROM a | WHERE b=1 (c=2 OR d=3) e IS NULL"), expected);
  EXPECT_EQ(error_of("FROM a | head | where b=1 c=2"), "unexpected 'c' after where");
}

TEST(Pipeline, ReadsAnIndexConditionAsSourceWithAHint) {
  EXPECT_EQ(canonical("index=web error"), "FROM web | search error");
  EXPECT_EQ(canonical("search index=web AND error | head"), "FROM web | search error | head 10");
  EXPECT_EQ(canonical("index=web"), "FROM web");
  EXPECT_EQ(canonical("index IN (a, b*) x | stats count"), "FROM a, b* | search x | stats count");
  EXPECT_EQ(canonical("(index=a OR index=b) x"), "FROM a, b | search x");
  EXPECT_THAT(hints_of("index=web error"), ElementsAre("index= is read as FROM web"));
  EXPECT_EQ(canonical("FROM a | search index=b"), "FROM a | search index=b");
  EXPECT_EQ(canonical("index=\"a b*\""), "FROM \"a b*\"");
  EXPECT_TRUE(query_of("FROM \"a b*\"").main->sources[0].glob);
  EXPECT_EQ(canonical("index!=web"), "search index!=web");
  EXPECT_THAT(hints_of("error index=web"), ElementsAre(HasSubstr("start with FROM")));
}

TEST(Pipeline, ReadsDefinitionsThatEndAtSemicolonOrStatement) {
  const std::string expected = "$a = search x;\n$b = FROM $a | stats count;\nFROM $b | head 1";
  EXPECT_EQ(canonical("$a = x; $b = FROM $a | stats count; FROM $b | head 1"), expected);
  EXPECT_EQ(canonical("$a = x\n$b = FROM $a | stats count\nFROM $b | head 1"), expected);
  EXPECT_EQ(canonical("$a =\n  FROM x\n  | stats count\nfrom $a"),
            "$a = FROM x | stats count;\nFROM $a");
  EXPECT_EQ(canonical("$a = x; join id [$a]"), "$a = search x;\njoin id [FROM $a]");
  EXPECT_TRUE(query_of("$a = x; FROM $a").main->sources[0].cte);
}

TEST(Pipeline, RejectsUndefinedAndRepeatedNames) {
  EXPECT_EQ(error_of("$errs = x; FROM $err"), "'$err' is not defined; $errs");
  EXPECT_EQ(error_of("FROM $x"), "'$x' is not defined");
  EXPECT_EQ(error_of("$a = FROM $a; FROM $a"), "'$a' is not defined");
  EXPECT_EQ(error_of("$a = x; $a = y; FROM $a"), "'$a' is defined twice");
  EXPECT_EQ(error_of("$a = x;"), "the query ends with a definition; FROM $a");
}

TEST(Pipeline, ReadsSubsearchesWithTheirOwnStart) {
  EXPECT_EQ(canonical("append [stats count]"), "append [stats count]");
  EXPECT_EQ(canonical("append [| stats count]"), "append [stats count]");
  EXPECT_EQ(canonical("append [error]"), "append [search error]");
  EXPECT_EQ(canonical("append [FROM b | append [c]]"), "append [FROM b | append [search c]]");
  EXPECT_EQ(canonical("append [index=b c]"), "append [FROM b | search c]");
  EXPECT_EQ(error_of("append []"), "the subsearch is empty: expected a pipeline before ']'");
  EXPECT_EQ(error_of("append [a"), "the [ is never closed");
  EXPECT_EQ(error_of("append [a] ]"), "unexpected ']' after append");
}

TEST(Pipeline, SkipsComments) {
  EXPECT_EQ(canonical("a -- b | stats count\n| head 1 -- c"), "search a | head 1");
  EXPECT_EQ(canonical("# note | head\na b"), "search a AND b");
  EXPECT_EQ(canonical("a--b #c"), "search a--b AND #c");
  EXPECT_EQ(canonical("where a = 3 --2"), "where a = 3 - -2");
  EXPECT_EQ(canonical("\"a -- b\""), "search \"a -- b\"");
}

TEST(Pipeline, ReportsEmptyQueriesAndCommands) {
  EXPECT_EQ(error_of(""), "the query is empty");
  EXPECT_EQ(error_of("  -- nothing"), "the query is empty");
  EXPECT_EQ(error_of("a |"), "expected a command at the end");
  EXPECT_EQ(error_of("a || b"), "expected a command before '|'; a single | (or OR)");
  EXPECT_EQ(error_of("FROM"), "expected the name of an index at the end");
  EXPECT_EQ(error_of("FROM a level=error"),
            "unexpected 'level' after from; FROM name | search ...");
  EXPECT_EQ(error_of("a | from b"), "from must be the first command; append [FROM name]");
}

TEST(Pipeline, KeepsTheLimits) {
  EXPECT_EQ(error_count("a" + repeated(" | head", 255), {}), 0U);
  EXPECT_EQ(error_count("a" + repeated(" | head", 256), {}), 1U);
  EXPECT_EQ(error_count("where " + repeated("(", 128) + "a" + repeated(")", 128), {}), 0U);
  EXPECT_EQ(error_count("where " + repeated("(", 129) + "a" + repeated(")", 129), {}), 1U);
  EXPECT_EQ(error_count(repeated("(", 129) + "a" + repeated(")", 129), {}), 1U);
  EXPECT_EQ(error_count(repeated("NOT ", 129) + "a", {}), 1U);
  EXPECT_EQ(error_count(repeated("append [", 63) + "a" + repeated("]", 63), {}), 0U);
  EXPECT_EQ(error_count("a" + repeated(" | append [b]", 65), {}), 1U);
  EXPECT_EQ(error_count("f IN (1" + repeated(",2", 9'999) + ")", {}), 0U);
  EXPECT_EQ(error_count("f IN (1" + repeated(",2", 10'000) + ")", {}), 1U);
  EXPECT_EQ(error_count("where f IN (1" + repeated(",2", 10'000) + ")", {}), 1U);
  EXPECT_EQ(error_count("abcdef", {.query_bytes_max = 5}), 1U);
}

}  // namespace
}  // namespace lynxdb::spl2
