// Expressions read as the table "Expressions" says: precedence, names, literals, calls.
#include "spl2/expression_parser.h"

#include <gmock/gmock.h>

#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

using ::testing::HasSubstr;

ExprPtr expr_of(std::string_view text) {
  return only_command<WhereCommand>("where " + std::string(text)).expr;
}

// The tree, fully parenthesised where the printer would leave parentheses out.
std::string tree(const Expr& expr) {
  if (expr.args.empty()) return to_text(expr);
  std::string text = "(" + std::to_string(static_cast<int>(expr.kind)) + "." +
                     std::to_string(static_cast<int>(expr.op));
  for (const ExprPtr& arg : expr.args) text += " " + tree(*arg);
  return text + ")";
}

void expect_same(std::string_view a, std::string_view b) {
  EXPECT_EQ(tree(*expr_of(a)), tree(*expr_of(b))) << a;
}

TEST(Expression, BindsFromLooseToTight) {
  expect_same("a OR b AND c", "a OR (b AND c)");
  expect_same("NOT a AND b", "(NOT a) AND b");
  expect_same("NOT a = b", "NOT (a = b)");
  expect_same("a = b ?? c", "a = (b ?? c)");
  expect_same("a ?? b + c", "a ?? (b + c)");
  expect_same("a + b * c", "a + (b * c)");
  expect_same("a - b - c", "(a - b) - c");
  expect_same("a . b . c", "(a . b) . c");
  expect_same("-a * b", "(-a) * b");
  expect_same("a OR b OR (c OR d)", "a OR b OR c OR d");
}

TEST(Expression, ReadsKeywordsInAnyCaseAndReservesNone) {
  expect_same("a and b Or not c", "a AND b OR NOT c");
  EXPECT_EQ(expr_of("in = 1")->args[0]->name, "in");
  EXPECT_EQ(expr_of("not = 1")->args[0]->name, "not");
  EXPECT_EQ(expr_of("by > 1")->args[0]->name, "by");
  EXPECT_EQ(expr_of("like(a, \"b\")")->kind, ExprKind::kCall);
}

TEST(Expression, TellsPathsFromConcatenation) {
  EXPECT_EQ(expr_of("a.b.c = 1")->args[0]->name, "a.b.c");
  EXPECT_EQ(expr_of("a . b = 1")->args[0]->op, Op::kConcat);
  EXPECT_EQ(expr_of("a.\":\" = 1")->args[0]->op, Op::kConcat);
  EXPECT_EQ(expr_of("a. b = 1")->args[0]->op, Op::kConcat);
}

TEST(Expression, ReadsLiterals) {
  const auto literal = [](std::string_view text) {
    return expr_of("x = " + std::string(text))->args[1]->literal;
  };
  EXPECT_EQ(literal("42"), Literal{std::int64_t{42}});
  EXPECT_EQ(literal("-1"), Literal{std::int64_t{-1}});
  EXPECT_EQ(literal("3.14"), Literal{3.14});
  EXPECT_EQ(literal("1e6"), Literal{1e6});
  EXPECT_EQ(literal("-9223372036854775808"), Literal{std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(literal("9223372036854775808"), Literal{9223372036854775808.0});
  EXPECT_EQ(literal("TRUE"), Literal{true});
  EXPECT_EQ(literal("null"), Literal{});
  EXPECT_EQ(literal("\"007\""), Literal{std::string("007")});
  EXPECT_EQ(literal("'it\\'s'"), Literal{std::string("it's")});
  EXPECT_EQ(literal(R"("\d+\.\\\n")"), Literal{std::string("\\d+\\.\\\n")});
}

TEST(Expression, ReadsEveryComparison) {
  EXPECT_EQ(expr_of("a == b")->op, Op::kEq);
  EXPECT_EQ(expr_of("a =~ \"x\"")->kind, ExprKind::kRegex);
  EXPECT_TRUE(expr_of("a !~ \"x\"")->negated);
  EXPECT_EQ(expr_of("a IN (1, 2)")->args.size(), 3U);
  EXPECT_TRUE(expr_of("a NOT IN (1)")->negated);
  EXPECT_EQ(expr_of("a BETWEEN 1 AND 2 AND c")->kind, ExprKind::kAnd);
  EXPECT_TRUE(expr_of("a NOT LIKE \"x\"")->negated);
  EXPECT_EQ(expr_of("a ILIKE \"x\"")->kind, ExprKind::kILike);
  EXPECT_FALSE(expr_of("a IS NULL")->negated);
  EXPECT_TRUE(expr_of("a IS NOT NULL")->negated);
}

TEST(Expression, GivesCallsTheTextOfTheirColumn) {
  EXPECT_EQ(expr_of("Avg( duration_ms ) > 5")->args[0]->call_text, "avg(duration_ms)");
  EXPECT_EQ(expr_of("mvjoin(Values( level ), \", \") = \"x\"")->args[0]->call_text,
            "mvjoin(values(level),\", \")");
  EXPECT_EQ(expr_of("count(eval( a = 1 )) > 5")->args[0]->call_text, "count(eval(a=1))");
  EXPECT_EQ(expr_of("p99.9(x) > 5")->args[0]->name, "p99.9");
  EXPECT_EQ(expr_of("count() > 5")->args[0]->call_text, "count");
}

TEST(Expression, ChecksArgumentCounts) {
  EXPECT_EQ(error_of("where len(a, b) > 1"), "len() takes 1 argument, not 2");
  EXPECT_EQ(error_of("where if(a, b)"), "if() takes 3 arguments, not 2");
  EXPECT_EQ(error_of("where round() > 1"), "round() takes 1 to 2 arguments, not 0");
  EXPECT_EQ(error_of("where coalesce()"), "coalesce() takes at least 1 argument, not 0");
  EXPECT_EQ(error_of("where perc(x) > 1"), "perc() takes 2 arguments, not 1");
}

TEST(Expression, ChecksLiteralArguments) {
  EXPECT_THAT(error_of("eval x = time_bucket(_time, \"5q\")"), HasSubstr("expected a time span"));
  EXPECT_THAT(error_of("eval x = time_bucket(_time, y)"), HasSubstr("expected a time span"));
  EXPECT_THAT(error_of("eval x = tonumber(y, 40)"), HasSubstr("2 to 36"));
  EXPECT_THAT(error_of("where match(a, \"(?=x)\")"), HasSubstr("look-around"));
  EXPECT_THAT(error_of("where a =~ \"(x)\\1\""), HasSubstr("back-references"));
}

TEST(Expression, SuggestsFunctions) {
  EXPECT_EQ(error_of("where tonumbr(x) > 5"), "unknown function 'tonumbr'; tonumber");
  EXPECT_EQ(error_of("where strlen(x) > 5"), "function 'strlen' is not supported; len(text)");
  EXPECT_EQ(error_of("where a.lower(x) = 5"), "unknown function 'a.lower'; a . lower(...)");
  EXPECT_EQ(error_of("where md5(x) = 5"), "function 'md5' is not supported");
}

TEST(Expression, ReportsMistakesInTheirOwnWords) {
  EXPECT_EQ(error_of("where host=web-*"),
            "'web-*' is no expression: wildcards work in search; search field=web-* or field LIKE "
            "\"web-%\"");
  EXPECT_EQ(marked_by_error("where host=web-*"), "web-*");
  EXPECT_THAT(error_of("where host=*web"), HasSubstr("wildcards work in search"));
  EXPECT_THAT(error_of("where host=web* AND x=1"), HasSubstr("wildcards work in search"));
  EXPECT_THAT(error_of("where a < b < c"), HasSubstr("comparisons do not chain"));
  EXPECT_EQ(error_of("where a <> 5"), "unknown operator '<>'; !=");
  EXPECT_THAT(error_of("where x IN [search y]"), HasSubstr("no subsearch"));
  EXPECT_THAT(error_of("where x = [search y]"), HasSubstr("subsearch cannot stand"));
  EXPECT_EQ(error_of("where a = 5m"), "'5m' is no number; \"5m\"");
  EXPECT_EQ(error_of("where"), "expected a value at the end");
  EXPECT_EQ(error_of("where a AND"), "expected a value at the end");
  EXPECT_EQ(error_of("where a AND OR b"), "expected a value before 'OR'");
  EXPECT_EQ(error_of("where a = 1 b"), "unexpected 'b' after where");
  EXPECT_EQ(error_of("where a IS 5"), "expected NULL after IS before '5'; IS NULL or IS NOT NULL");
  EXPECT_EQ(error_of("where (a"), "expected ')' at the end");
  EXPECT_EQ(error_of("where qwertz(a"), "unknown function 'qwertz'");
  EXPECT_EQ(error_of("where a BETWEEN 1 OR 2"), "expected AND before 'OR'; BETWEEN low AND high");
}

TEST(Expression, StaysShallowHoweverLongTheChain) {
  std::string sum = "where a";
  for (int i = 0; i < 20'000; ++i) sum += "+a";
  EXPECT_THAT(error_of(sum), HasSubstr("more than 1000 operators"));
  std::string list = "where a";
  for (int i = 0; i < 20'000; ++i) list += " or a";
  EXPECT_EQ(expr_of(list.substr(6))->args.size(), 20'001U);
  std::string minus = "where a = " + std::string(20'000, '-') + "1";
  EXPECT_THAT(error_of(minus), HasSubstr("nests deeper"));
}

}  // namespace
}  // namespace lynxdb::spl2
