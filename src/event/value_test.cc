// Text form, numbers in text, and the total order of values, as the user guide gives them.
#include "event/value.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::event {
namespace {

std::string float_text(double v) { return text(ValueView::floating(v)); }

TEST(TextForm, FloatsAreShortestAndIntegralOnesHaveNoFraction) {
  EXPECT_EQ(float_text(3.14), "3.14");
  EXPECT_EQ(float_text(1e6), "1000000");
  EXPECT_EQ(float_text(1e20), "100000000000000000000");
  EXPECT_EQ(float_text(1e21), "1e+21");
  EXPECT_EQ(float_text(0.000001), "0.000001");
  EXPECT_EQ(float_text(0.0000001), "1e-07");
  EXPECT_EQ(float_text(-0.0), "0");
  EXPECT_EQ(float_text(0.1 + 0.2), "0.30000000000000004");
}

TEST(TextForm, NotANumberAndInfinityAreNull) {
  EXPECT_TRUE(ValueView::floating(std::nan("")).is_null());
  EXPECT_TRUE(Value::floating(std::numeric_limits<double>::infinity()).is_null());
}

TEST(TextForm, TimestampsAreRfc3339WithAsMuchFractionAsNeeded) {
  EXPECT_EQ(text(ValueView::timestamp(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(ValueView::timestamp(1768473000123000000)), "2026-01-15T10:30:00.123Z");
  EXPECT_EQ(text(ValueView::timestamp(951782400000000001)), "2000-02-29T00:00:00.000000001Z");
  EXPECT_EQ(text(ValueView::timestamp(-1)), "1969-12-31T23:59:59.999999999Z");
}

TEST(TextForm, ListsAreJsonAndAListOfOneIsItsElement) {
  EXPECT_EQ(text(Value::list({Value::string("a"), Value::integer(2)})), R"(["a",2])");
  EXPECT_EQ(text(Value::list({Value::string("a")})), "a");
  EXPECT_TRUE(Value::list({Value(), Value()}).is_null());
}

TEST(JsonForm, EscapesWhatMustBeAndReplacesInvalidUtf8) {
  std::string out;
  append_json_string("a\"b\\c\n\x01</é", out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\u0001</é\"");
  out.clear();
  append_json_string("x\xff\xc0\xafy\xed\xa0\x80", out);
  EXPECT_EQ(out, "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(ParseNumber, TakesDecimalNumbersWithOuterSpaces) {
  EXPECT_EQ(parse_number(" 42 ")->as_int(), 42);
  EXPECT_EQ(parse_number("+7")->as_int(), 7);
  EXPECT_EQ(parse_number("-1")->as_int(), -1);
  EXPECT_EQ(parse_number("007")->as_int(), 7);
  EXPECT_EQ(parse_number("3.50")->as_float(), 3.5);
  EXPECT_EQ(parse_number("1e3")->type(), Type::kFloat);
  EXPECT_EQ(parse_number("9223372036854775808")->type(), Type::kFloat);
}

TEST(ParseNumber, RefusesEverythingElse) {
  for (const char* text :
       {"", " ", "0x10", "inf", "nan", "1.", ".5", "1e", "--1", "1 2", "5m", "+"})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_TRUE(parse_number("1e999")->is_null());
}

TEST(ToNumber, TakesATimestampAsItsNearestEpochSeconds) {
  const Value time = Value::timestamp(1'768'471'450'086'000'000);
  EXPECT_EQ(to_number(time).as_float(), 1768471450.086);
  EXPECT_EQ(to_number(Value::timestamp(-500'000'000)).as_float(), -0.5);
}

TEST(SortOrder, GoesFromNullOverNumbersAndTimesToText) {
  const std::vector<Value> ascending = {Value(),
                                        Value::boolean(false),
                                        Value::boolean(true),
                                        Value::integer(-5),
                                        Value::string("3"),
                                        Value::floating(3.5),
                                        Value::integer(10),
                                        Value::timestamp(5),
                                        Value::string(""),
                                        Value::string("Z"),
                                        Value::string("a")};
  for (std::size_t i = 0; i < ascending.size(); ++i)
    for (std::size_t j = 0; j < ascending.size(); ++j)
      EXPECT_EQ(sort_compare(ascending[i], ascending[j]) < 0, i < j) << i << " " << j;
}

TEST(SortOrder, ComparesIntsAndFloatsExactly) {
  constexpr std::int64_t kBig = (1LL << 53) + 1;
  EXPECT_GT(sort_compare(Value::integer(kBig), Value::floating(9007199254740992.0)), 0);
  EXPECT_LT(compare_int_float(std::numeric_limits<std::int64_t>::max(), 9223372036854775808.0), 0);
  EXPECT_EQ(compare_int_float(std::numeric_limits<std::int64_t>::min(), -9223372036854775808.0), 0);
  EXPECT_LT(compare_int_float(3, 3.5), 0);
  EXPECT_GT(compare_int_float(-3, -3.5), 0);
}

}  // namespace
}  // namespace lynxdb::event
