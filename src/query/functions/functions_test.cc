// What each scalar function gives: the usual case, its corners, null, wrong types and lists, on
// typed, mixed and null-ridden columns alike.
#include "query/functions/function.h"

#include "query/expression_test_support.h"

namespace lynxdb::query {
namespace {

using event::Value;
using ::testing::HasSubstr;

Value texts(std::vector<std::string> elements) {
  std::vector<Value> values;
  for (std::string& element : elements) values.push_back(Value::string(std::move(element)));
  return Value::list(std::move(values));
}

Fields row() {
  return {
      {"i", Value::integer(42)},
      {"neg", Value::integer(-7)},
      {"most", Value::integer(INT64_MAX)},
      {"least", Value::integer(INT64_MIN)},
      {"f", Value::floating(2.5)},
      {"nf", Value::floating(-2.5)},
      {"huge", Value::floating(1e300)},
      {"s", Value::string("Grüße, Welt")},
      {"pad", Value::string("  x y  ")},
      {"num", Value::string("12.5")},
      {"hex", Value::string("ff")},
      {"empty", Value::string("")},
      {"bad", Value::string("\xff\xfe")},
      {"path", Value::string("/api/v1/users")},
      {"ip", Value::string("10.1.2.3")},
      {"ip6", Value::string("2001:db8::1")},
      {"yes", Value::boolean(true)},
      {"no", Value::boolean(false)},
      {"t", Value::timestamp(1768473000'123456789)},
      {"iso", Value::string("2026-01-15T10:30:00Z")},
      {"l", texts({"b", "a", "b", "10", "9"})},
      {"n", Value::list({Value::integer(1), Value::floating(-2.5), Value::string("x")})},
      {"one", texts({"Solo"})},
      {"j",
       Value::string(
           R"({"a":{"b":[1,2.5,"x"],"c":null},"items":[{"sku":"p"},{"sku":"q"}],"d.e":true})")},
      {"arr", Value::string(" [1, {\"k\": 2}, [3]] ")},
  };
}

TEST(If, TakesTheSecondUnlessTheConditionIsTrue) {
  expect_results({{"if(i > 40, \"hi\", \"lo\")", "\"hi\""},
                  {"if(i > 50, \"hi\", \"lo\")", "\"lo\""},
                  {"if(missing > 1, \"hi\", \"lo\")", "\"lo\""},
                  {"if(i, f, s)", "2.5"},
                  {"if(empty, 1, missing)", "null"},
                  {"if(yes, missing, 1)", "null"}},
                 row());
}

TEST(Case, TakesTheFirstTrueCondition) {
  expect_results({{"case(i < 10, \"a\", i < 50, \"b\", true, \"c\")", "\"b\""},
                  {"case(i < 10, \"a\", i < 20, \"b\")", "null"},
                  {"case(i < 10, \"a\", f)", "2.5"},
                  {"case(missing, 1, 2)", "2"},
                  {"case(i > 1, missing, 2)", "null"}},
                 row());
}

TEST(Case, MayHaveMoreBranchesThanAByteCounts) {
  std::string text = "case(";
  for (int i = 0; i < 300; ++i)
    text += "x = " + std::to_string(i) + ", " + std::to_string(i * 10) + ", ";
  text += "-1)";
  const ExpressionPtr expression = compiled(text);
  event::EventBatch batch(4);
  batch.set("x", event::Column::ints({0, 130, 299, 300}));
  const event::ColumnPtr result = expression->evaluate(batch);
  EXPECT_EQ(
      json(result->view(0)) + json(result->view(1)) + json(result->view(2)) + json(result->view(3)),
      "013002990-1");
}

TEST(Coalesce, TakesTheFirstThatIsNotNull) {
  expect_results({{"coalesce(missing, absent, i)", "42"},
                  {"coalesce(empty, i)", "\"\""},
                  {"coalesce(missing)", "null"},
                  {"coalesce(missing, 1.5)", "1.5"}},
                 row());
}

TEST(NullFunctions, TestAndMakeNulls) {
  expect_results({{"nullif(i, 42)", "null"},
                  {"nullif(i, 1)", "42"},
                  {"nullif(missing, 1)", "null"},
                  {"nullif(i, \"42\")", "null"},
                  {"null()", "null"},
                  {"isnull(missing)", "true"},
                  {"isnull(empty)", "false"},
                  {"isnotnull(i)", "true"},
                  {"isnotnull(missing)", "false"}},
                 row());
}

TEST(ToNumber, ReadsNumbersInAnyBase) {
  expect_results({{"tonumber(num)", "12.5"},
                  {"tonumber(\" +7 \")", "7"},
                  {"tonumber(s)", "null"},
                  {"tonumber(hex, 16)", "255"},
                  {"tonumber(\"-101\", 2)", "-5"},
                  {"tonumber(hex, 10)", "null"},
                  {"tonumber(\"zz\", 36)", "1295"},
                  {"tonumber(hex, 8)", "null"},
                  {"tonumber(yes)", "1"},
                  {"tonumber(i)", "42"},
                  {"tonumber(missing)", "null"},
                  {"tonumber(empty)", "null"},
                  {"tonumber(\"0x1f\")", "null"},
                  {"tonumber(\"0x1f\", 16)", "31"},
                  {"tonumber(\"inf\")", "null"},
                  {"tonumber(l)", "[10,9]"},
                  {"tonumber(iso)", "null"},
                  {"tonumber(\"8000000000000000\", 16)", "9223372036854775808"},
                  {"tonumber(\"-8000000000000000\", 16)", "-9223372036854775808"}},
                 row());
}

TEST(ToString, GivesTheTextForm) {
  expect_results({{"tostring(i)", "\"42\""},
                  {"tostring(f)", "\"2.5\""},
                  {"tostring(yes)", "\"true\""},
                  {"tostring(t)", "\"2026-01-15T10:30:00.123456789Z\""},
                  {"tostring(missing)", "null"},
                  {"tostring(one)", "\"Solo\""},
                  {"tostring(n)", "\"[1,-2.5,\\\"x\\\"]\""},
                  {"tostring(3.0)", "\"3\""}},
                 row());
}

TEST(ToBool, TakesNumbersAndNames) {
  expect_results({{"tobool(\"TRUE\")", "true"},
                  {"tobool(\"false\")", "false"},
                  {"tobool(0)", "false"},
                  {"tobool(i)", "true"},
                  {"tobool(\"0\")", "false"},
                  {"tobool(s)", "null"},
                  {"tobool(missing)", "null"},
                  {"tobool(yes)", "true"}},
                 row());
}

TEST(TypeTests, AreNeverNull) {
  expect_results({{"isnum(i)", "true"},
                  {"isnum(f)", "true"},
                  {"isnum(num)", "false"},
                  {"isnum(missing)", "false"},
                  {"isint(i)", "true"},
                  {"isint(f)", "false"},
                  {"isint(missing)", "false"},
                  {"isstr(s)", "true"},
                  {"isstr(i)", "false"},
                  {"isstr(missing)", "false"},
                  {"isbool(yes)", "true"},
                  {"isbool(i)", "false"},
                  {"isbool(missing)", "false"},
                  {"ismv(l)", "true"},
                  {"ismv(i)", "false"},
                  {"ismv(missing)", "false"}},
                 row());
}

TEST(TypeOf, NamesTheType) {
  expect_results({{"typeof(i)", "\"int\""},
                  {"typeof(f)", "\"float\""},
                  {"typeof(s)", "\"string\""},
                  {"typeof(yes)", "\"bool\""},
                  {"typeof(t)", "\"timestamp\""},
                  {"typeof(l)", "\"list\""},
                  {"typeof(missing)", "\"null\""}},
                 row());
}

TEST(LetterCase, ChangesEveryScriptThatHasOne) {
  expect_results({{"lower(s)", "\"grüße, welt\""},
                  {"upper(s)", "\"GRÜßE, WELT\""},
                  {"lower(\"ÄΣЖ\")", "\"äσж\""},
                  {"upper(\"äσςж\")", "\"ÄΣΣЖ\""},
                  {"upper(i)", "\"42\""},
                  {"upper(missing)", "null"},
                  {"upper(l)", "[\"B\",\"A\",\"B\",\"10\",\"9\"]"},
                  {"lower(one)", "\"solo\""},
                  {"upper(empty)", "\"\""},
                  {"len(upper(bad))", "2"}},
                 row());
}

TEST(Trim, CutsSpacesOrTheCharactersGiven) {
  expect_results({{"trim(pad)", "\"x y\""},
                  {"ltrim(pad)", "\"x y  \""},
                  {"rtrim(pad)", "\"  x y\""},
                  {"trim(\"xxaxx\", \"x\")", "\"a\""},
                  {"trim(\"äaä\", \"ä\")", "\"a\""},
                  {"trim(missing)", "null"},
                  {"trim(pad, missing)", "null"},
                  {"trim(i)", "\"42\""},
                  {"trim(pad, empty)", "\"  x y  \""},
                  {"ltrim(\"//a/\", \"/\")", "\"a/\""},
                  {"rtrim(one, \"o\")", "\"Sol\""}},
                 row());
}

TEST(Len, CountsCharacters) {
  expect_results({{"len(s)", "11"},
                  {"len(empty)", "0"},
                  {"len(i)", "2"},
                  {"len(missing)", "null"},
                  {"len(l)", "[1,1,1,2,1]"},
                  {"len(\"日本\")", "2"}},
                 row());
}

TEST(Substr, CountsFromOneOrFromTheEnd) {
  expect_results({{"substr(s, 3, 3)", "\"üße\""},
                  {"substr(s, -4)", "\"Welt\""},
                  {"substr(s, 0, 2)", "\"Gr\""},
                  {"substr(s, 1)", "\"Grüße, Welt\""},
                  {"substr(s, 100)", "\"\""},
                  {"substr(s, -100, 2)", "\"Gr\""},
                  {"substr(s, 2, 0)", "\"\""},
                  {"substr(s, 2, -1)", "\"\""},
                  {"substr(i, 2)", "\"2\""},
                  {"substr(missing, 1)", "null"},
                  {"substr(s, missing)", "null"},
                  {"substr(s, s)", "null"},
                  {"substr(path, 2, 3)", "\"api\""},
                  {"substr(path, most)", "\"\""},
                  {"substr(path, least, most)", "\"/api/v1/users\""},
                  {"substr(l, 1, 1)", "[\"b\",\"a\",\"b\",\"1\",\"9\"]"}},
                 row());
}

TEST(Replace, PutsGroupsInPlaceOfEveryMatch) {
  expect_results({{"replace(path, \"/\", \".\")", "\".api.v1.users\""},
                  {"replace(path, \"v([0-9])\", \"V$1\")", "\"/api/V1/users\""},
                  {"replace(path, \"v([0-9])\", \"V\\1\")", "\"/api/V1/users\""},
                  {"replace(path, \"v(?<n>[0-9])\", \"<${n}>\")", "\"/api/<1>/users\""},
                  {"replace(path, \"zzz\", \"x\")", "\"/api/v1/users\""},
                  {"replace(\"aaa\", \"x*\", \"-\")", "\"-a-a-a-\""},
                  {"replace(missing, \"a\", \"b\")", "null"},
                  {"replace(path, path, \"x\")", "\"x\""},
                  {"replace(path, s . \"(\", \"x\")", "null"},
                  {"replace(i, \"4\", \"5\")", "\"52\""},
                  {"replace(path, \"/\", missing)", "null"},
                  {"replace(l, \"b\", \"c\")", "[\"c\",\"a\",\"c\",\"10\",\"9\"]"},
                  {"replace(\"ü\", \"\", \"-\")", "\"-ü-\""},
                  {"replace(\"a\", \"a\", \"$$1\")", "\"$1\""}},
                 row());
}

TEST(TextConditions, FindParts) {
  expect_results({{"match(path, \"v[0-9]\")", "true"},    {"match(path, \"^v\")", "false"},
                  {"match(missing, \"v\")", "null"},      {"match(l, \"^1\")", "true"},
                  {"match(i, \"^4\")", "true"},           {"match(path, missing)", "null"},
                  {"like(path, \"/api/%\")", "true"},     {"like(path, \"/API/%\")", "false"},
                  {"ilike(path, \"/API/%\")", "true"},    {"like(missing, \"%\")", "null"},
                  {"ilike(missing, \"%\")", "null"},      {"like(l, \"a\")", "true"},
                  {"startswith(path, \"/api\")", "true"}, {"startswith(path, \"api\")", "false"},
                  {"startswith(missing, \"a\")", "null"}, {"endswith(path, \"users\")", "true"},
                  {"endswith(path, \"user\")", "false"},  {"endswith(l, \"0\")", "true"},
                  {"endswith(missing, \"a\")", "null"},   {"contains(path, \"/v1/\")", "true"},
                  {"contains(path, \"V1\")", "false"},    {"contains(i, 2)", "true"},
                  {"contains(path, empty)", "true"},      {"contains(path, missing)", "null"},
                  {"contains(l, \"z\")", "false"},        {"contains(path, path)", "true"}},
                 row());
}

TEST(Split, MakesLists) {
  expect_results({{"split(path, \"/\")", "[\"\",\"api\",\"v1\",\"users\"]"},
                  {"split(\"aüb\", \"\")", "[\"a\",\"ü\",\"b\"]"},
                  {"split(missing, \"/\")", "null"},
                  {"split(\"a::b\", \"::\")", "[\"a\",\"b\"]"},
                  {"split(path, missing)", "null"},
                  {"split(i, 2)", "[\"4\",\"\"]"},
                  {"mvcount(split(path, \"x\"))", "1"}},
                 row());
}

TEST(Rounding, KeepsWholeResultsAsInts) {
  expect_results({{"abs(neg)", "7"},
                  {"abs(nf)", "2.5"},
                  {"abs(num)", "12.5"},
                  {"abs(s)", "null"},
                  {"abs(missing)", "null"},
                  {"typeof(abs(least))", "\"float\""},
                  {"abs(n)", "[1,2.5]"},
                  {"ceil(f)", "3"},
                  {"ceil(nf)", "-2"},
                  {"ceiling(f)", "3"},
                  {"ceil(missing)", "null"},
                  {"ceiling(s)", "null"},
                  {"floor(f)", "2"},
                  {"floor(nf)", "-3"},
                  {"floor(i)", "42"},
                  {"floor(missing)", "null"},
                  {"typeof(floor(f))", "\"int\""},
                  {"typeof(floor(huge))", "\"float\""},
                  {"round(f)", "3"},
                  {"round(nf)", "-3"},
                  {"round(2.4999)", "2"},
                  {"round(3.14159, 2)", "3.14"},
                  {"round(1250, -2)", "1300"},
                  {"round(-1250, -2)", "-1300"},
                  {"round(1234.5, -2)", "1200"},
                  {"typeof(round(f))", "\"int\""},
                  {"typeof(round(i, 1))", "\"float\""},
                  {"round(missing)", "null"},
                  {"round(f, missing)", "null"},
                  {"round(s)", "null"},
                  {"round(most, -30)", "0"},
                  {"typeof(round(most, -1))", "\"float\""},
                  {"round(f, 400)", "2.5"},
                  {"round(yes)", "1"},
                  // As their texts say, whatever binary makes of them.
                  {"round(1.005, 2)", "1.01"},
                  {"round(2.675, 2)", "2.68"},
                  {"round(-1.005, 2)", "-1.01"},
                  {"round(1.0049999999999999, 2)", "1.01"},  // The same number as 1.005.
                  {"round(0.285, 2)", "0.29"},
                  {"round(1.115, 2)", "1.12"},
                  {"round(8.345, 2)", "8.35"},
                  {"round(0.5, 0)", "1"},
                  {"round(9.995, 2)", "10"},
                  {"round(99.95, 1)", "100"},
                  {"round(0.05, 1)", "0.1"},
                  {"round(0.04, 1)", "0"},
                  {"round(0.004, 1)", "0"},
                  {"round(5e-9, 8)", "1e-08"},
                  {"round(4503599627370.4985, 3)", "4503599627370.498"},
                  {"round(1e300, 5)", "1e+300"},
                  {"round(123456789012345680000, -5)", "123456789012345700352"},
                  {"round(1e23, -2)", "1e+23"},
                  {"round(5e22, -23)", "1e+23"},
                  {"round(1234.5678, 30)", "1234.5678"}},
                 row());
}

TEST(Powers, GiveNullOutsideTheirDomain) {
  expect_results({{"sqrt(16)", "4"},
                  {"sqrt(neg)", "null"},
                  {"sqrt(missing)", "null"},
                  {"exp(0)", "1"},
                  {"exp(1e6)", "null"},
                  {"exp(s)", "null"},
                  {"ln(1)", "0"},
                  {"ln(0)", "null"},
                  {"ln(neg)", "null"},
                  {"log(1000)", "3"},
                  {"log(8, 2)", "3"},
                  {"log(0)", "null"},
                  {"log(8, 1)", "null"},
                  {"log(8, -2)", "null"},
                  {"log(missing)", "null"},
                  {"round(log(81, 3), 6)", "4"},
                  {"pow(2, 10)", "1024"},
                  {"pow(f, 2)", "6.25"},
                  {"pow(-8, 0.5)", "null"},
                  {"pow(0, -1)", "null"},
                  {"pow(missing, 2)", "null"},
                  {"pow(2, missing)", "null"},
                  {"pow(huge, 2)", "null"}},
                 row());
}

TEST(MaxMin, FollowTheSortOrderAndSkipNulls) {
  expect_results({{"max(i, f, num)", "42"},
                  {"min(i, f, num)", "2.5"},
                  {"max(missing, 3)", "3"},
                  {"min(missing)", "null"},
                  {"max(i, s)", "\"Grüße, Welt\""},
                  {"min(\"10\", 9)", "9"},
                  {"max(l)", "\"b\""},
                  {"min(l)", "\"9\""},
                  {"max(yes, 0)", "0"}},
                 row());
}

TEST(TimeFunctions, FormatParseAndFloor) {
  expect_results({{"now()", "\"2026-01-15T10:30:00Z\""},
                  {"time() = now()", "true"},
                  {"typeof(now())", "\"timestamp\""},
                  {"strftime(t, \"%Y-%m-%d %H:%M:%S.%3N\")", "\"2026-01-15 10:30:00.123\""},
                  {"strftime(i, \"%s\")", "\"42\""},
                  {"strftime(iso, \"%F\")", "\"2026-01-15\""},
                  {"strftime(missing, \"%F\")", "null"},
                  {"strftime(t, missing)", "null"},
                  {"strftime(s, \"%F\")", "null"},
                  {"strptime(\"15/01/2026\", \"%d/%m/%Y\")", "\"2026-01-15T00:00:00Z\""},
                  {"strptime(s, \"%F\")", "null"},
                  {"strptime(missing, \"%F\")", "null"},
                  {"time_bucket(t, \"1h\")", "\"2026-01-15T10:00:00Z\""},
                  {"time_bucket(iso, \"1d\")", "\"2026-01-15T00:00:00Z\""},
                  {"time_bucket(1768473000, \"1w\")", "\"2026-01-12T00:00:00Z\""},
                  {"time_bucket(t, \"1mon\")", "\"2026-01-01T00:00:00Z\""},
                  {"time_bucket(missing, \"1h\")", "null"},
                  {"time_bucket(s, \"1h\")", "null"},
                  {"relative_time(t, \"-1d@d\")", "\"2026-01-14T00:00:00Z\""},
                  {"relative_time(missing, \"-1d\")", "null"},
                  {"relative_time(t, s)", "null"},
                  {"relative_time(iso, \"+1h\")", "\"2026-01-15T11:30:00Z\""}},
                 row());
}

TEST(CidrMatch, KnowsBothFamilies) {
  expect_results({{"cidrmatch(\"10.0.0.0/8\", ip)", "true"},
                  {"cidrmatch(\"10.2.0.0/16\", ip)", "false"},
                  {"cidrmatch(\"10.1.2.0/23\", ip)", "true"},
                  {"cidrmatch(\"0.0.0.0/0\", ip)", "true"},
                  {"cidrmatch(\"0.0.0.0/0\", ip6)", "false"},
                  {"cidrmatch(\"2001:db8::/33\", ip6)", "true"},
                  {"cidrmatch(\"2001:db9::/32\", ip6)", "false"},
                  {"cidrmatch(\"10.1.2.3\", ip)", "true"},
                  {"cidrmatch(\"10.0.0.0/8\", s)", "false"},
                  {"cidrmatch(\"10.0.0.0/8\", missing)", "null"},
                  {"cidrmatch(ip, ip)", "true"},
                  {"cidrmatch(s, ip)", "null"},
                  {"cidrmatch(\"10.0.0.0/8\", mvappend(\"x\", ip))", "true"}},
                 row());
}

TEST(Lists, AreCountedJoinedAndCut) {
  expect_results({{"mvcount(l)", "5"},
                  {"mvcount(i)", "1"},
                  {"mvcount(missing)", "0"},
                  {"mvjoin(l, \",\")", "\"b,a,b,10,9\""},
                  {"mvjoin(n, \"-\")", "\"1--2.5-x\""},
                  {"mvjoin(i, \",\")", "\"42\""},
                  {"mvjoin(missing, \",\")", "null"},
                  {"mvdedup(l)", "[\"b\",\"a\",\"10\",\"9\"]"},
                  {"mvdedup(i)", "42"},
                  {"mvdedup(missing)", "null"},
                  {"mvappend(i, l, missing)", "[42,\"b\",\"a\",\"b\",\"10\",\"9\"]"},
                  {"mvappend(missing)", "null"},
                  {"mvappend(1, \"a\")", "[1,\"a\"]"},
                  {"mvindex(l, 0)", "\"b\""},
                  {"mvindex(l, -1)", "\"9\""},
                  {"mvindex(l, 5)", "null"},
                  {"mvindex(l, -6)", "null"},
                  {"mvindex(l, 1, 2)", "[\"a\",\"b\"]"},
                  {"mvindex(l, -2, -1)", "[\"10\",\"9\"]"},
                  {"mvindex(l, 3, 1)", "null"},
                  {"mvindex(l, 3, 99)", "[\"10\",\"9\"]"},
                  {"mvindex(i, 0)", "42"},
                  {"mvindex(missing, 0)", "null"},
                  {"mvindex(l, s)", "null"},
                  {"mvindex(l, most)", "null"},
                  {"mvindex(l, least)", "null"},
                  {"mvindex(l, least, most)", "[\"b\",\"a\",\"b\",\"10\",\"9\"]"},
                  {"mvfind(l, \"^1\")", "3"},
                  {"mvfind(l, \"zz\")", "null"},
                  {"mvfind(missing, \"a\")", "null"},
                  {"mvfind(i, \"4\")", "0"},
                  {"mvsort(l)", "[\"9\",\"10\",\"a\",\"b\",\"b\"]"},
                  {"mvsort(n)", "[-2.5,1,\"x\"]"},
                  {"mvsort(i)", "42"},
                  {"mvsort(missing)", "null"}},
                 row());
}

TEST(JsonExtract, FollowsPaths) {
  expect_results({{"json_extract(j, \"a.b[0]\")", "1"},
                  {"json_extract(j, \"a.b[-1]\")", "\"x\""},
                  {"json_extract(j, \"a.b\")", "[1,2.5,\"x\"]"},
                  {"json_extract(j, \"a.b[9]\")", "null"},
                  {"json_extract(j, \"a.c\")", "null"},
                  {"json_extract(j, \"items[*].sku\")", "[\"p\",\"q\"]"},
                  {"json_extract(j, \"items.sku\")", "[\"p\",\"q\"]"},
                  {"json_extract(j, \"items[1]\")", "\"{\\\"sku\\\":\\\"q\\\"}\""},
                  {"json_extract(j, \"nope.x\")", "null"},
                  {"json_extract(missing, \"a\")", "null"},
                  {"json_extract(s, \"a\")", "null"},
                  {"json_extract(i, \"a\")", "null"},
                  {"json_extract(arr, \"[1].k\")", "2"},
                  {"json_extract(j, missing)", "null"},
                  {"json_extract(j, s)", "null"}},
                 row());
}

TEST(JsonFunctions, InspectText) {
  expect_results({{"json_valid(j)", "true"},
                  {"json_valid(s)", "false"},
                  {"json_valid(missing)", "false"},
                  {"json_valid(\"[1,]\")", "false"},
                  {"json_valid(\"01\")", "false"},
                  {"json_valid(\"123456789012345678901234567890\")", "true"},
                  {"json_valid(\"{} x\")", "false"},
                  {"json_keys(j)", "[\"a\",\"items\",\"d.e\"]"},
                  {"json_keys(j, \"a\")", "[\"b\",\"c\"]"},
                  {"json_keys(arr)", "null"},
                  {"json_keys(missing)", "null"},
                  {"json_array_length(arr)", "3"},
                  {"json_array_length(j, \"items\")", "2"},
                  {"json_array_length(j)", "null"},
                  {"json_array_length(missing)", "null"},
                  {"json_type(j)", "\"object\""},
                  {"json_type(j, \"a.b[1]\")", "\"float\""},
                  {"json_type(j, \"a.c\")", "\"null\""},
                  {"json_type(j, \"zz\")", "null"},
                  {"json_type(arr)", "\"array\""},
                  {"json_type(missing)", "null"},
                  {"json_type(j, \"a.b[0]\")", "\"int\""}},
                 row());
}

TEST(JsonFunctions, MakeText) {
  expect_results({{"json_object(\"a\", i, \"b\", missing)", R"("{\"a\":42,\"b\":null}")"},
                  {"json_object()", "\"{}\""},
                  {"json_object(missing, 1)", "null"},
                  {"json_array(1, \"x\", missing, yes)", R"("[1,\"x\",null,true]")"},
                  {"json_array()", "\"[]\""},
                  {"json_array(l)", R"("[[\"b\",\"a\",\"b\",\"10\",\"9\"]]")"},
                  {"json_set(\"{}\", \"a.b\", 1)", R"("{\"a\":{\"b\":1}}")"},
                  {"json_set(arr, \"[0]\", \"x\")", R"("[\"x\",{\"k\": 2},[3]]")"},
                  {"json_set(arr, \"[3]\", \"[4]\")", R"("[1,{\"k\": 2},[3],[4]]")"},
                  {"json_set(arr, \"[9]\", 1)", R"("[1,{\"k\": 2},[3]]")"},
                  {"json_set(s, \"a\", 1)", "null"},
                  {"json_set(missing, \"a\", 1)", "null"},
                  {"json_remove(arr, \"[1].k\")", R"("[1,{},[3]]")"},
                  {"json_remove(arr, \"[0]\")", R"("[{\"k\": 2},[3]]")"},
                  {"json_remove(arr, \"[7]\")", R"("[1,{\"k\": 2},[3]]")"},
                  {"json_remove(missing, \"a\")", "null"},
                  {"json_remove(s, \"a\")", "null"},
                  {"json_merge(\"{\\\"a\\\":1,\\\"b\\\":2}\", \"{\\\"b\\\":3,\\\"c\\\":4}\")",
                   R"("{\"a\":1,\"b\":3,\"c\":4}")"},
                  {"json_merge(arr, j)", "null"},
                  {"json_merge(j, missing)", "null"}},
                 row());
}

TEST(Functions, RefuseLiteralsThatCannotWork) {
  EXPECT_THAT(refusal("cidrmatch(\"10.0.0.0/33\", ip)"), HasSubstr("network"));
  EXPECT_THAT(refusal("replace(s, \"(\", \"\")"), HasSubstr("regex"));
  EXPECT_THAT(refusal("time_bucket(t, \"5 parsecs\")"), HasSubstr("span"));
  EXPECT_THAT(refusal("relative_time(t, \"yesterday-ish\")"), HasSubstr("yesterday-ish"));
  EXPECT_THAT(refusal("json_extract(j, \"a[\")"), HasSubstr("path"));
  EXPECT_THAT(refusal("json_object(\"a\")"), HasSubstr("pairs"));
  EXPECT_THAT(refusal("substr(s)"), HasSubstr("argument"));
  EXPECT_THAT(refusal("mvfind(l, \"(\")"), HasSubstr("regex"));
}

TEST(Functions, OfDictionaryColumnsStayDictionaries) {
  event::EventBatch batch(3);
  batch.set("s", event::Column::dictionary({1, 0, 1}, event::Column::strings({"a", "A"}, {})));
  const event::ColumnPtr lower = compiled("lower(s)")->evaluate(batch);
  EXPECT_EQ(lower->kind(), event::Kind::kDictionary);
  EXPECT_EQ(lower->dictionary()->size(), 1U);
  EXPECT_EQ(lower->value(0), Value::string("a"));
}

}  // namespace
}  // namespace lynxdb::query
