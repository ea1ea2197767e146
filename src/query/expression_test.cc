// What operators give: comparison, logic, arithmetic, membership and patterns, for every pairing of
// types, whichever kinds of columns hold them.
#include "query/expression.h"

#include "query/expression_test_support.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::EventBatch;
using event::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Value texts(std::vector<std::string> elements) {
  std::vector<Value> values;
  for (std::string& element : elements) values.push_back(Value::string(std::move(element)));
  return Value::list(std::move(values));
}

Value ints(const std::vector<std::int64_t>& elements) {
  std::vector<Value> values;
  for (const std::int64_t element : elements) values.push_back(Value::integer(element));
  return Value::list(std::move(values));
}

Fields row() {
  return {
      {"i", Value::integer(42)},
      {"zero", Value::integer(0)},
      {"big", Value::integer(9007199254740993)},
      {"most", Value::integer(INT64_MAX)},
      {"least", Value::integer(INT64_MIN)},
      {"f", Value::floating(2.5)},
      {"edge", Value::floating(9007199254740992.0)},
      {"s", Value::string("web-1")},
      {"num", Value::string("42")},
      {"dec", Value::string(" 2.50 ")},
      {"empty", Value::string("")},
      {"yes", Value::boolean(true)},
      {"no", Value::boolean(false)},
      {"t", Value::timestamp(1768473000'000000000)},
      {"l", texts({"a", "b", "c"})},
      {"n", ints({1, 5, 9})},
      {"one", texts({"x"})},
  };
}

TEST(Comparison, OfNumbersGoesByValueExactly) {
  expect_results({{"i = 42", "true"},
                  {"i = 42.0", "true"},
                  {"i != 42.5", "true"},
                  {"i < 42.5", "true"},
                  {"i >= 43", "false"},
                  {"f > 2", "true"},
                  {"f <= 2.5", "true"},
                  {"f = 2", "false"},
                  {"i > f", "true"},
                  {"f < i", "true"},
                  {"big = 9007199254740992.0", "false"},
                  {"big > 9007199254740992.0", "true"},
                  {"f < 9007199254740993", "true"},
                  {"edge < 9007199254740993", "true"},
                  {"edge = 9007199254740993", "false"},
                  {"most < 9223372036854775808.0", "true"},
                  {"least = -9223372036854775808.0", "true"},
                  {"42 = i", "true"},
                  {"43 > i", "true"}},
                 row());
}

TEST(Comparison, OfANumberAndTextGoesByValueWhenTheTextIsANumber) {
  expect_results({{"num = 42", "true"},
                  {"num = 42.0", "true"},
                  {"dec = 2.5", "true"},
                  {"num < 100", "true"},
                  {"i = \"42\"", "true"},
                  {"i < \"100\"", "true"},
                  {"s = 42", "false"},
                  {"s != 42", "true"},
                  {"s < 42", "null"},
                  {"i > s", "null"},
                  {"i = \"x\"", "false"},
                  {"i != \"x\"", "true"},
                  {"i < \"x\"", "null"},
                  {"f = dec", "true"},
                  {"i = num", "true"},
                  {"empty = 0", "false"}},
                 row());
}

TEST(Comparison, OfTextsIsByBytesAndOrdersNumbersByValue) {
  expect_results({{"s = \"web-1\"", "true"},
                  {"s = \"WEB-1\"", "false"},
                  {"s = \"web-*\"", "false"},
                  {"num = \"42.0\"", "false"},
                  {"num <= \"42.0\"", "true"},
                  {"num < \"100\"", "true"},
                  {"s > \"web\"", "true"},
                  {"s < \"100\"", "false"},
                  {"num < s", "true"},
                  {"dec = \"2.50\"", "false"},
                  {"empty = \"\"", "true"},
                  {"s = s", "true"}},
                 row());
}

TEST(Comparison, OfBoolsTakesNumbersAndTheirNames) {
  expect_results({{"yes = true", "true"},
                  {"yes = 1", "true"},
                  {"no = 0", "true"},
                  {"yes > no", "true"},
                  {"yes = \"TRUE\"", "true"},
                  {"no = \"false\"", "true"},
                  {"yes = \"x\"", "false"},
                  {"yes < \"x\"", "null"},
                  {"yes != \"x\"", "true"},
                  {"yes = \"1\"", "false"},
                  {"yes < 2", "true"},
                  {"i > yes", "true"},
                  {"no < \"true\"", "true"}},
                 row());
}

TEST(Comparison, OfTimestampsReadsTextAndEpochSeconds) {
  expect_results({{"t = \"2026-01-15T10:30:00Z\"", "true"},
                  {"t >= \"2026-01-15\"", "true"},
                  {"t < \"2026-01-15\"", "false"},
                  {"t = 1768473000", "true"},
                  {"t < 1768473000.5", "true"},
                  {"t = \"soon\"", "false"},
                  {"t != \"soon\"", "true"},
                  {"t < \"soon\"", "null"},
                  {"t > \"-1h\"", "true"},
                  {"t <= now()", "true"},
                  {"1768473000 = t", "true"},
                  {"t = yes", "false"},
                  {"i < t", "true"}},
                 row());
}

TEST(Comparison, OfListsIsTrueWhenAnyElementFits) {
  expect_results({{"l = \"b\"", "true"},
                  {"l = \"z\"", "false"},
                  {"l != \"z\"", "true"},
                  {"l != \"b\"", "false"},
                  {"n > 8", "true"},
                  {"n > 9", "false"},
                  {"n = \"5\"", "true"},
                  {"one = \"x\"", "true"},
                  {"\"b\" = l", "true"},
                  {"l = l", "true"},
                  {"n < l", "null"}},
                 row());
}

TEST(Comparison, WithNullIsNull) {
  expect_results({{"missing = 1", "null"},
                  {"missing != \"a\"", "null"},
                  {"1 = missing", "null"},
                  {"i < missing", "null"},
                  {"s = null", "null"},
                  {"null = null", "null"},
                  {"l = missing", "null"}},
                 row());
}

TEST(Logic, IsThreeValued) {
  expect_results({{"false AND missing", "false"},
                  {"no AND missing", "false"},
                  {"missing AND no", "false"},
                  {"yes AND missing", "null"},
                  {"yes OR missing", "true"},
                  {"missing OR yes", "true"},
                  {"no OR missing", "null"},
                  {"NOT missing", "null"},
                  {"NOT yes", "false"},
                  {"NOT (missing = 1)", "null"},
                  {"yes AND i = 42 AND f < 3", "true"}},
                 row());
}

TEST(Logic, TakesValuesAsConditions) {
  expect_results({{"NOT i", "false"},
                  {"NOT zero", "true"},
                  {"NOT s", "false"},
                  {"NOT empty", "true"},
                  {"NOT t", "false"},
                  {"NOT l", "false"},
                  {"i AND s", "true"},
                  {"zero OR empty", "false"}},
                 row());
}

TEST(Logic, IsNullIsNeverNull) {
  expect_results({{"missing IS NULL", "true"},
                  {"i IS NULL", "false"},
                  {"missing IS NOT NULL", "false"},
                  {"empty IS NULL", "false"},
                  {"l IS NOT NULL", "true"}},
                 row());
}

TEST(Arithmetic, KeepsIntsAndTurnsOverflowIntoFloats) {
  expect_results({{"i + 1", "43"},
                  {"i - 50", "-8"},
                  {"i * 2", "84"},
                  {"2 - i", "-40"},
                  {"typeof(i + 1)", "\"int\""},
                  {"typeof(most + 1)", "\"float\""},
                  {"typeof(least - 1)", "\"float\""},
                  {"typeof(most * 2)", "\"float\""},
                  {"typeof(-least)", "\"float\""},
                  {"i + i", "84"},
                  {"f + i", "44.5"},
                  {"-f", "-2.5"},
                  {"-i", "-42"},
                  {"least % -1", "0"},
                  {"least * -1 = 9223372036854775808.0", "true"}},
                 row());
}

TEST(Arithmetic, DivisionIsAFloatAndByZeroIsNull) {
  expect_results({{"i / 4", "10.5"},
                  {"i / 42", "1"},
                  {"typeof(i / 42)", "\"float\""},
                  {"i / zero", "null"},
                  {"i % zero", "null"},
                  {"f / zero", "null"},
                  {"f % 0", "null"},
                  {"i % 5", "2"},
                  {"-i % 5", "-2"},
                  {"f % 2", "0.5"},
                  {"i / 0", "null"}},
                 row());
}

TEST(Arithmetic, TakesNumbersInTextAndJoinsOtherTexts) {
  expect_results({{"num + 1", "43"},
                  {"num * dec", "105"},
                  {"num + num", "84"},
                  {"s + num", "\"web-142\""},
                  {"s + s", "\"web-1web-1\""},
                  {"s + 1", "null"},
                  {"s - s", "null"},
                  {"yes + 1", "2"},
                  {"-num", "-42"},
                  {"-s", "null"},
                  {"l + 1", "null"},
                  {"missing + 1", "null"},
                  {"\"a\" + \"b\"", "\"ab\""},
                  {"1 + \"2\"", "3"}},
                 row());
}

TEST(Arithmetic, MovesTimestampsBySeconds) {
  expect_results({{"t - t", "0"},
                  {"t - time_bucket(t, \"1h\")", "1800"},
                  {"t + 60", "\"2026-01-15T10:31:00Z\""},
                  {"t - 0.5", "\"2026-01-15T10:29:59.5Z\""},
                  {"60 + t", "\"2026-01-15T10:31:00Z\""},
                  {"t / 2", "884236500"},
                  {"t + \"60\"", "\"2026-01-15T10:31:00Z\""},
                  {"t + \"x\"", "null"},
                  {"typeof(t - t)", "\"float\""},
                  {"t + 1e300", "null"},
                  {"t + most", "null"}},
                 row());
}

TEST(Concatenation, JoinsTextForms) {
  expect_results({{"s . \":\" . i", "\"web-1:42\""},
                  {"f . yes", "\"2.5true\""},
                  {"s . missing", "null"},
                  {"l . \"!\"", "\"[\\\"a\\\",\\\"b\\\",\\\"c\\\"]!\""},
                  {"one . \"!\"", "\"x!\""},
                  {"t . \"\"", "\"2026-01-15T10:30:00Z\""},
                  {"s . (missing ?? \"-\")", "\"web-1-\""}},
                 row());
}

TEST(Coalesce, GivesTheFirstValueThatIsNotNull) {
  expect_results({{"missing ?? i", "42"},
                  {"i ?? 1", "42"},
                  {"missing ?? absent ?? \"x\"", "\"x\""},
                  {"missing ?? absent", "null"},
                  {"empty ?? \"x\"", "\"\""}},
                 row());
}

TEST(In, FollowsTheRulesOfEquality) {
  expect_results({{"i IN (1, 42)", "true"},
                  {"i IN (42.0)", "true"},
                  {"i IN (\"42\", \"x\")", "true"},
                  {"i NOT IN (1, 2)", "true"},
                  {"num IN (42)", "true"},
                  {"num IN (\"42.0\")", "false"},
                  {"s IN (\"web-1\")", "true"},
                  {"s IN (\"a\", null)", "null"},
                  {"missing IN (1)", "null"},
                  {"missing NOT IN (1)", "null"},
                  {"l IN (\"z\", \"c\")", "true"},
                  {"l NOT IN (\"z\", \"c\")", "false"},
                  {"yes IN (1)", "true"},
                  {"i IN (yes, f, 42)", "true"},
                  {"i IN (yes, f)", "false"},
                  {"t IN (1768473000)", "true"},
                  {"i IN (true)", "false"},
                  {"1 IN (true)", "true"},
                  {"f IN (2.5, 3)", "true"}},
                 row());
}

TEST(Between, IsAnInclusiveRange) {
  expect_results({{"i BETWEEN 1 AND 42", "true"},
                  {"i BETWEEN 43 AND 50", "false"},
                  {"i NOT BETWEEN 43 AND 50", "true"},
                  {"f BETWEEN 2 AND 3", "true"},
                  {"num BETWEEN 40 AND 45", "true"},
                  {"missing BETWEEN 1 AND 2", "null"},
                  {"i BETWEEN missing AND 1", "false"},
                  {"i BETWEEN missing AND 50", "null"},
                  {"n BETWEEN 2 AND 4", "false"},
                  {"n BETWEEN 4 AND 6", "true"},
                  {"t BETWEEN \"2026-01-15\" AND \"2026-01-16\"", "true"}},
                 row());
}

TEST(Like, MatchesTheWholeValue) {
  expect_results({{"s LIKE \"web%\"", "true"},
                  {"s LIKE \"web\"", "false"},
                  {"s LIKE \"%-1\"", "true"},
                  {"s LIKE \"%eb-%\"", "true"},
                  {"s LIKE \"w_b-_\"", "true"},
                  {"s LIKE \"WEB%\"", "false"},
                  {"s ILIKE \"WEB%\"", "true"},
                  {"s NOT LIKE \"db%\"", "true"},
                  {"i LIKE \"4_\"", "true"},
                  {"missing LIKE \"%\"", "null"},
                  {"s LIKE missing", "null"},
                  {"s LIKE s", "true"},
                  {"l LIKE \"b\"", "true"},
                  {"l NOT LIKE \"b\"", "false"},
                  {"empty LIKE \"%\"", "true"}},
                 row());
}

TEST(RegexOperator, FindsAnywhere) {
  expect_results({{"s =~ \"b-[0-9]\"", "true"},
                  {"s =~ \"^b\"", "false"},
                  {"s !~ \"^b\"", "true"},
                  {"i =~ \"4\"", "true"},
                  {"l =~ \"^c$\"", "true"},
                  {"missing =~ \"x\"", "null"},
                  {"s =~ s", "true"},
                  {"s =~ (s . \"(\")", "null"}},
                 row());
}

TEST(Compile, RefusesWhatCannotBeComputedByRow) {
  EXPECT_THAT(refusal("s =~ \"(\""), HasSubstr("regex"));
  EXPECT_THAT(refusal("match(s, \"(?=x)\")"), HasSubstr("look"));
  EXPECT_THAT(refusal("nosuch(1)"), HasSubstr("nosuch"));
  EXPECT_THAT(refusal("lower()"), HasSubstr("argument"));
}

TEST(Compile, FoldsConstants) {
  EXPECT_EQ(constant_value(*compiled("1 + 2 * 3")), Value::integer(7));
  EXPECT_EQ(constant_value(*compiled("upper(\"a\" . \"b\")")), Value::string("AB"));
  EXPECT_EQ(constant_value(*compiled("i = 1 AND false")), Value::boolean(false));
  EXPECT_EQ(constant_value(*compiled("i = 1 OR true")), Value::boolean(true));
  EXPECT_EQ(constant_value(*compiled("now()")), Value::timestamp(kTestNow));
  EXPECT_EQ(constant_value(*compiled("i + 1")), std::nullopt);
}

TEST(Compile, ReadsColumnsMadeUpstreamByTheirText) {
  spl2::Expr call;
  call.kind = spl2::ExprKind::kCall;
  call.name = "avg";
  call.call_text = "avg(x)";
  EXPECT_FALSE(compile(call, 0).has_value());
  const Result<ExpressionPtr> expression = compile(call, 0, {"avg(x)"});
  ASSERT_TRUE(expression.has_value());
  EventBatch batch(1);
  batch.set("avg(x)", Column::ints({7}));
  EXPECT_EQ((*expression)->evaluate(batch)->value(0), Value::integer(7));
}

TEST(Compile, BoundsTheDepthOfChains) {
  spl2::ExprPtr chain = std::make_shared<spl2::Expr>();
  for (int i = 0; i < 2000; ++i) {  // Deep, but not too deep to be destroyed.
    auto next = std::make_shared<spl2::Expr>();
    next->kind = spl2::ExprKind::kNegate;
    next->args = {chain};
    chain = next;
  }
  EXPECT_FALSE(compile(*chain, 0).has_value());
}

TEST(CollectFields, NamesEveryFieldOnce) {
  std::set<std::string> fields;
  compiled("if(a.b > 1 AND c LIKE d, lower(e), f IN (1, g) OR a.b BETWEEN h AND 2)")
      ->collect_fields(fields);
  EXPECT_THAT(fields, ElementsAre("a.b", "c", "d", "e", "f", "g", "h"));
}

EventBatch numbered(std::size_t rows) {
  std::vector<std::int64_t> numbers(rows);
  for (std::size_t i = 0; i < rows; ++i) numbers[i] = static_cast<std::int64_t>(i);
  EventBatch batch(rows);
  batch.set("x", Column::ints(numbers));
  return batch;
}

TEST(MatchingRows, KeepsOnlyTrueOnes) {
  EXPECT_THAT(matching_rows(*compiled("x > 7"), numbered(10)), ElementsAre(8, 9));
  EXPECT_THAT(matching_rows(*compiled("x"), numbered(3)), ElementsAre(1, 2));
  EXPECT_THAT(matching_rows(*compiled("missing = 1"), numbered(3)), IsEmpty());
  EXPECT_THAT(matching_rows(*compiled("NOT missing = 1"), numbered(3)), IsEmpty());
  EXPECT_THAT(matching_rows(*compiled("true"), numbered(2)), ElementsAre(0, 1));
}

TEST(MatchingRows, OfConjunctionsNarrowStepByStep) {
  EXPECT_THAT(matching_rows(*compiled("x > 95 AND x % 2 = 0 AND missing IS NULL"), numbered(100)),
              ElementsAre(96, 98));
  EXPECT_THAT(matching_rows(*compiled("x > 10 AND x < 13"), numbered(100)), ElementsAre(11, 12));
  EXPECT_THAT(matching_rows(*compiled("x > 1000 AND x < 13"), numbered(100)), IsEmpty());
  EXPECT_THAT(matching_rows(*compiled("x > 98 AND (x = 1 OR x = 99) AND (x > 0 AND x = 99)"),
                            numbered(100)),
              ElementsAre(99));
}

}  // namespace
}  // namespace lynxdb::query
