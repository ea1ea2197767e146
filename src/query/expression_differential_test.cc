// The typed loops give what the rules for single values give: random columns of every kind, through
// every operator and many functions, against the same values in mixed columns row by row.
#include <random>

#include "query/expression_nodes.h"
#include "query/expression_test_support.h"
#include "query/expression_value.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Value;
using event::ValueView;
using spl2::Op;

constexpr std::size_t kRows = 70;  // More than one word of a null bitmap.

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  Value integer() {
    constexpr std::array<std::int64_t, 9> kEdges = {
        0, 1, -1, 42, INT64_MAX, INT64_MIN, 9007199254740993, 1768473000, -7};
    return Value::integer(below(2) == 0 ? kEdges[below(kEdges.size())]
                                        : static_cast<std::int64_t>(below(20)) - 10);
  }
  Value floating() {
    constexpr std::array<double, 9> kEdges = {
        0.0, -0.0, 1.0, 2.5, 9007199254740992.0, 9223372036854775808.0, -1e300, 1e-300, 42.0};
    return Value::floating(below(2) == 0 ? kEdges[below(kEdges.size())]
                                         : static_cast<double>(below(100)) / 8 - 6);
  }
  Value text() {
    static const std::vector<std::string> kTexts = {"",
                                                    "a",
                                                    "b",
                                                    "42",
                                                    "42.0",
                                                    " 42 ",
                                                    "-1",
                                                    "1e3",
                                                    "true",
                                                    "FALSE",
                                                    "abc",
                                                    "%",
                                                    "a_c",
                                                    "ü",
                                                    "nan",
                                                    "0x10",
                                                    "\xff",
                                                    "-1h",
                                                    "2026-01-15T10:30:00Z",
                                                    "1768473000",
                                                    "9007199254740993",
                                                    "1e400",
                                                    "web-1"};
    return Value::string(kTexts[below(kTexts.size())]);
  }
  Value timestamp() {
    constexpr std::array<std::int64_t, 4> kEdges = {1768473000'000000000, 0, 42'000000000,
                                                    -1'500000000};
    return Value::timestamp(kEdges[below(kEdges.size())]);
  }
  Value list() {
    std::vector<Value> elements;
    for (std::size_t i = below(4); i-- > 0;) elements.push_back(scalar());
    return Value::list(std::move(elements));
  }
  Value scalar() {
    switch (below(5)) {
      case 0:
        return integer();
      case 1:
        return floating();
      case 2:
        return text();
      case 3:
        return timestamp();
      default:
        return Value::boolean(below(2) == 0);
    }
  }

  // Values of one kind of column, with nulls in half of the cases.
  std::vector<Value> values() {
    const std::size_t kind = below(8);
    const bool nulls = below(2) == 0;
    std::vector<Value> result;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (nulls && below(4) == 0)
        result.emplace_back();
      else
        result.push_back(value_of(kind));
    }
    return result;
  }

  // The column of those values as it would be read; texts as a dictionary in half of the cases.
  ColumnPtr column(const std::vector<Value>& values) {
    ColumnPtr plain = Column::mixed(values);
    if (plain->kind() != event::Kind::kString || below(2) == 0) return plain;
    std::map<std::string_view, std::uint32_t> known;
    std::vector<std::string_view> entries;
    std::vector<std::uint32_t> codes(plain->size());
    event::NullBitmap nulls;
    for (std::size_t row = 0; row < plain->size(); ++row) {
      if (plain->is_null(row)) {
        nulls.set(row);
        continue;
      }
      const auto [place, added] = known.emplace(plain->string_values()[row], entries.size());
      if (added) entries.push_back(place->first);
      codes[row] = place->second;
    }
    return Column::dictionary(codes, Column::strings(entries, {plain}), nulls);
  }

 private:
  Value value_of(std::size_t kind) {
    switch (kind) {
      case 0:
        return integer();
      case 1:
        return floating();
      case 2:
        return Value::boolean(below(2) == 0);
      case 3:
        return timestamp();
      case 4:
      case 5:
        return text();
      case 6:
        return list();
      default:
        return scalar();
    }
  }

  std::mt19937_64 random_;
};

// The same value again, in a column that no typed loop takes: between a bool and a text.
ColumnPtr alone_in_mixed(const Value& value) {
  return Column::mixed({Value::boolean(true), value, Value::string("x")});
}

std::string described(const Value& value) {
  return std::string(event::to_string(value.type())) + " " + json(value);
}

const std::vector<std::string>& expressions() {
  static const std::vector<std::string> kExpressions = {"a = b",
                                                        "a != b",
                                                        "a < b",
                                                        "a <= b",
                                                        "a > b",
                                                        "a >= b",
                                                        "a = 42",
                                                        "a < 42",
                                                        "a != 2.5",
                                                        "a >= 2.5",
                                                        "a > 9007199254740993",
                                                        "a < 9007199254740993",
                                                        "a = 9007199254740993",
                                                        "a <= -0.0",
                                                        "a = \"42\"",
                                                        "a < \"42\"",
                                                        "a != \"abc\"",
                                                        "a > \"abc\"",
                                                        "a = true",
                                                        "a < true",
                                                        "1 < a",
                                                        "\"b\" >= a",
                                                        "a = \"2026-01-15T10:30:00Z\"",
                                                        "a < 1768473000",
                                                        "a >= 1768473000.5",
                                                        "a > \"-1h\"",
                                                        "a < now()",
                                                        "42 = a",
                                                        "a = \"true\"",
                                                        "a + b",
                                                        "a - b",
                                                        "a * b",
                                                        "a / b",
                                                        "a % b",
                                                        "a + 1",
                                                        "1 - a",
                                                        "a * 2.5",
                                                        "a / 0",
                                                        "a % 3",
                                                        "3 % a",
                                                        "a . b",
                                                        "a . \"-\"",
                                                        "-a",
                                                        "a AND b",
                                                        "a OR b",
                                                        "NOT a",
                                                        "a AND b AND a",
                                                        "a OR b OR NOT a",
                                                        "a IS NULL",
                                                        "a IS NOT NULL",
                                                        "a ?? b",
                                                        "a ?? 7",
                                                        "a IN (42, \"abc\", 2.5)",
                                                        "a NOT IN (1, null)",
                                                        "a IN (b, 42)",
                                                        "a IN (true, \"42\")",
                                                        "a IN (now(), 0)",
                                                        "a BETWEEN b AND 42",
                                                        "a BETWEEN 0 AND 42",
                                                        "a NOT BETWEEN \"a\" AND \"c\"",
                                                        "a LIKE \"%a%\"",
                                                        "a LIKE \"4_\"",
                                                        "a NOT LIKE b",
                                                        "a ILIKE \"A%\"",
                                                        "a =~ \"^[a-z]\"",
                                                        "a !~ \"4\"",
                                                        "if(a, b, 1)",
                                                        "if(a > b, a, b)",
                                                        "case(a = b, 1, a < b, \"x\", b)",
                                                        "coalesce(a, b, 0)",
                                                        "nullif(a, b)",
                                                        "tonumber(a)",
                                                        "tostring(a)",
                                                        "tobool(a)",
                                                        "typeof(a)",
                                                        "lower(a)",
                                                        "upper(a)",
                                                        "trim(a, \"a\")",
                                                        "len(a)",
                                                        "substr(a, 2, 1)",
                                                        "substr(a, -1)",
                                                        "replace(a, \"[0-9]\", \"#\")",
                                                        "match(a, \"a\")",
                                                        "contains(a, \"4\")",
                                                        "startswith(a, b)",
                                                        "split(a, \"\")",
                                                        "abs(a)",
                                                        "ceil(a)",
                                                        "floor(a)",
                                                        "round(a, 1)",
                                                        "sqrt(a)",
                                                        "pow(a, 2)",
                                                        "max(a, b)",
                                                        "min(a, b)",
                                                        "strftime(a, \"%F\")",
                                                        "time_bucket(a, \"1d\")",
                                                        "mvcount(a)",
                                                        "mvjoin(a, \",\")",
                                                        "mvappend(a, b)",
                                                        "mvsort(a)",
                                                        "cidrmatch(\"10.0.0.0/8\", a)",
                                                        "json_valid(a)"};
  return kExpressions;
}

TEST(TypedLoops, AgreeWithTheRulesRowByRow) {
  Generator generator(20260115);
  for (int round = 0; round < 60; ++round) {
    const std::vector<Value> a = generator.values();
    const std::vector<Value> b = generator.values();
    EventBatch batch(kRows);
    batch.set("a", generator.column(a));
    batch.set("b", generator.column(b));
    for (const std::string& text : expressions()) {
      const ExpressionPtr expression = compiled(text);
      ASSERT_NE(expression, nullptr);
      const ColumnPtr whole = expression->evaluate(batch);
      ASSERT_EQ(whole->size(), kRows) << text;
      const std::size_t row = generator.below(kRows);
      EventBatch alone(3);
      alone.set("a", alone_in_mixed(a[row]));
      alone.set("b", alone_in_mixed(b[row]));
      EXPECT_EQ(described(whole->value(row)), described(expression->evaluate(alone)->value(1)))
          << text << " with a = " << described(a[row]) << ", b = " << described(b[row]);
    }
  }
}

TEST(TypedLoops, AgreeWithCompareValuesForEveryRow) {
  Generator generator(7);
  for (int round = 0; round < 200; ++round) {
    const std::vector<Value> a = generator.values();
    const std::vector<Value> b = generator.values();
    EventBatch batch(kRows);
    batch.set("a", generator.column(a));
    batch.set("b", generator.column(b));
    const Value constant = generator.scalar();
    for (const Op op : {Op::kEq, Op::kNe, Op::kLt, Op::kLe, Op::kGt, Op::kGe}) {
      const ColumnPtr columns =
          make_compare(op, make_field("a"), make_field("b"), kTestNow)->evaluate(batch);
      const ColumnPtr with_constant =
          make_compare(op, make_field("a"), make_literal(constant), kTestNow)->evaluate(batch);
      const ColumnPtr mirrored =
          make_compare(op, make_literal(constant), make_field("a"), kTestNow)->evaluate(batch);
      for (std::size_t row = 0; row < kRows; ++row) {
        const auto expect = [&](const ColumnPtr& column, ValueView x, ValueView y) {
          const std::optional<bool> rule = compare_values(op, x, y, kTestNow);
          EXPECT_EQ(truth(column->view(row)), rule)
              << described(x.to_value()) << " op " << static_cast<int>(op) << " "
              << described(y.to_value());
        };
        expect(columns, a[row], b[row]);
        expect(with_constant, a[row], constant);
        expect(mirrored, constant, a[row]);
      }
    }
  }
}

TEST(MatchingRows, AgreeWithEvaluation) {
  Generator generator(99);
  for (int round = 0; round < 100; ++round) {
    EventBatch batch(kRows);
    batch.set("a", generator.column(generator.values()));
    batch.set("b", generator.column(generator.values()));
    for (const char* text : {"a > b", "a = 42 AND b != 1", "a AND b AND a != b",
                             "a > 1 AND (b < 5 OR b IS NULL) AND a . b != \"x\""}) {
      const ExpressionPtr expression = compiled(text);
      const ColumnPtr column = expression->evaluate(batch);
      std::vector<std::uint32_t> expected;
      for (std::uint32_t row = 0; row < kRows; ++row)
        if (truth(column->view(row)) == true) expected.push_back(row);
      EXPECT_EQ(matching_rows(*expression, batch), expected) << text;
    }
  }
}

}  // namespace
}  // namespace lynxdb::query
