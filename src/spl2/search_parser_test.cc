// Searches read as the table "Search expressions" says: what is a word, a phrase, a condition.
#include "spl2/search_parser.h"

#include <gmock/gmock.h>

#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SearchPtr search_of(std::string_view text) {
  return only_command<SearchCommand>("| search " + std::string(text)).expr;
}
SearchPattern pattern_of(std::string_view text) { return search_of(text)->values.at(0); }

TEST(Search, BindsNotTighterThanAndTighterThanOr) {
  EXPECT_EQ(canonical("a b OR c NOT d"), "search a AND b OR c AND NOT d");
  EXPECT_EQ(canonical("NOT a OR b"), "search NOT a OR b");
  EXPECT_EQ(canonical("a AND (b OR c)"), "search a AND (b OR c)");
}

TEST(Search, TakesOperatorsInUpperCaseOnly) {
  EXPECT_EQ(canonical("search not found"), "search not AND found");
  EXPECT_EQ(canonical("a or b and c"), "search a AND or AND b AND and AND c");
}

TEST(Search, ReadsBareWordsUpToSpacePipeBracketOrQuote) {
  EXPECT_EQ(pattern_of("a-b.c/d:e@f#g%h&i~j'k_l,m").text, "a-b.c/d:e@f#g%h&i~j'k_l,m");
  EXPECT_EQ(canonical("foo\"bar\""), "search foo AND \"bar\"");
  EXPECT_EQ(canonical("foo|head"), "search foo | head 10");
  EXPECT_EQ(pattern_of("status?").text, "status?");
}

TEST(Search, CutsPatternsAtStars) {
  EXPECT_THAT(pattern_of("err*or").pieces, ElementsAre("err", "or"));
  EXPECT_THAT(pattern_of("*x").pieces, ElementsAre("", "x"));
  EXPECT_THAT(pattern_of("a**b").pieces, ElementsAre("a", "b"));
  EXPECT_THAT(pattern_of("\"a * b\"").pieces, ElementsAre("a ", " b"));
  EXPECT_TRUE(pattern_of("\"a b\"").quoted);
}

TEST(Search, KeepsEscapedStars) {
  EXPECT_THAT(pattern_of("a\\*b").pieces, ElementsAre("a*b"));
  EXPECT_THAT(pattern_of("a\\\\*b").pieces, ElementsAre("a\\", "b"));
  EXPECT_THAT(pattern_of("\"a\\*b*\"").pieces, ElementsAre("a*b", ""));
  EXPECT_THAT(pattern_of("C:\\dir\\x").pieces, ElementsAre("C:\\dir\\x"));
  EXPECT_THAT(pattern_of("\"tab\\tquote\\\" back\\\\ d\\d\"").pieces,
              ElementsAre("tab\tquote\" back\\ d\\d"));
}

TEST(Search, AStarAloneIsEveryEvent) {
  EXPECT_EQ(search_of("*")->kind, SearchKind::kAll);
  EXPECT_EQ(search_of("\"*\"")->kind, SearchKind::kAll);
  EXPECT_EQ(search_of("f=*")->kind, SearchKind::kCompare);
}

TEST(Search, ReadsConditionsWithAndWithoutSpaces) {
  for (const char* text : {"status>=500", "status >= 500", "status>= 500"})
    EXPECT_EQ(canonical(text), "search status>=500") << text;
  EXPECT_EQ(search_of("a==b")->op, Op::kEq);
  EXPECT_EQ(search_of("a!=b")->op, Op::kNe);
  EXPECT_EQ(search_of("a<b")->op, Op::kLt);
  EXPECT_EQ(search_of("a<=b")->op, Op::kLe);
  EXPECT_EQ(search_of("a>b")->op, Op::kGt);
  EXPECT_EQ(search_of("host=web-01")->values[0].text, "web-01");
  EXPECT_EQ(search_of("a=b=c")->values[0].text, "b=c");
  EXPECT_EQ(search_of("a=\"\"")->values[0].text, "");
  EXPECT_EQ(search_of("a-b:c/d.e=1")->field, "a-b:c/d.e");
  EXPECT_EQ(search_of("a='x y'")->values[0].text, "x y");
}

TEST(Search, ReadsARunWhoseLeftSideIsNoNameAsAWord) {
  for (const char* text : {"2024=x", "http://x.com/?a=b", "foo->bar", "<html>", "=>", "a!b"}) {
    EXPECT_EQ(search_of(text)->kind, SearchKind::kText) << text;
    EXPECT_EQ(pattern_of(text).text, text);
  }
}

TEST(Search, ReadsInLists) {
  const SearchPtr in = search_of("f IN (a, \"b c\",d*)");
  ASSERT_EQ(in->values.size(), 3U);
  EXPECT_EQ(in->values[1].text, "b c");
  EXPECT_TRUE(in->values[2].has_wildcard());
  EXPECT_TRUE(search_of("f NOT IN (a)")->negated);
  EXPECT_TRUE(search_of("f not in (a)")->negated);
  EXPECT_EQ(canonical("logged in users"), "search logged AND in AND users");
}

TEST(Search, ReadsLikeTermAndCase) {
  EXPECT_EQ(search_of("f LIKE \"%x_*\"")->values[0].pieces, (std::vector<std::string>{"%x_*"}));
  EXPECT_TRUE(search_of("f NOT LIKE \"a\"")->negated);
  EXPECT_EQ(canonical("looks like rain"), "search looks AND like AND rain");
  EXPECT_EQ(search_of("TERM(10.0.0.1)")->kind, SearchKind::kTerm);
  EXPECT_EQ(search_of("CASE(\"A b\")")->values[0].text, "A b");
}

TEST(Search, ReadsTimeBoundsAsConditionsWithAHint) {
  EXPECT_EQ(canonical("earliest=-1h latest=now error"),
            "search _time>=-1h AND _time<now AND error");
  EXPECT_THAT(hints_of("earliest=-1h x"), ElementsAre(HasSubstr("earliest=")));
  EXPECT_EQ(canonical("x | search earliest=-1h"), "search x | search earliest=-1h");
  EXPECT_THAT(error_of("earliest=soon"), HasSubstr("takes a time"));
}

TEST(Search, ReportsWhatIsNoSearch) {
  EXPECT_EQ(error_of("(a OR b"), "expected ')' at the end");
  EXPECT_EQ(error_of("a)"), "unexpected ')' after the search");
  EXPECT_EQ(error_of("a OR"), "expected a search term at the end");
  EXPECT_EQ(error_of("a AND OR b"), "expected a search term before 'OR'; \"OR\"");
  EXPECT_EQ(error_of("f="), "expected a value at the end");
  EXPECT_EQ(error_of("f=(a OR b)"), "expected a value before '('; field IN (a, b)");
  EXPECT_EQ(error_of("f IN ()"), "expected a value before ')'");
  EXPECT_EQ(error_of("f IN (a, b"), "expected ',' or ')' at the end");
  EXPECT_EQ(error_of("\"open"), "the \" is never closed");
  EXPECT_EQ(error_of("\"a b\"=5"), "a text in quotes is no field name; `a b`");
  EXPECT_EQ(error_of("host=a [search x]"), "a subsearch cannot stand in a search; join or a CTE");
  EXPECT_EQ(error_of("host IN ([search x])"),
            "a subsearch cannot stand in a search; join or a CTE");
}

TEST(Search, HintsAtSourcetypeAsALabel) {
  EXPECT_THAT(hints_of("sourcetype=nginx"), ElementsAre(HasSubstr("_sourcetype")));
  EXPECT_THAT(hints_of("source=nginx"), IsEmpty());
}

}  // namespace
}  // namespace lynxdb::spl2
