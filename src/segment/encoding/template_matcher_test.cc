// A matched text promises to be what the parser would have made of it: the same literals, the same
// references, the same values. What differs in any way is left to the parser.
#include "segment/encoding/template_matcher.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;

// What a row's template is, in words.
std::string shape_of(std::string_view text, const std::vector<Piece>& pieces) {
  std::string shape;
  std::size_t end = 0;
  for (const Piece& piece : pieces) {
    shape += text.substr(end, piece.token.begin - end);
    shape += '<' + std::to_string(static_cast<int>(piece.spec.kind)) + ' ' +
             std::to_string(piece.spec.size) + ' ' + std::to_string(piece.spec.sibling) + '>';
    end = piece.token.end;
  }
  return shape + std::string(text.substr(end));
}

ColumnPtr column_of(const std::vector<event::Value>& values) {
  ColumnBuilder builder;
  for (const event::Value& value : values) builder.append(value);
  return builder.finish();
}

// Texts one after the other, each matched if it can be and parsed in any case.
class Matching {
 public:
  Matching(std::vector<std::string> texts, std::vector<ColumnPtr> columns)
      : texts_(std::move(texts)), columns_(std::move(columns)) {
    std::vector<std::string_view> values(texts_.begin(), texts_.end());
    const Siblings siblings{columns_, {}};
    const TemplateRules rules = learn_rules(values, siblings);
    TemplateParser parser(rules, siblings);
    TemplateMatcher matcher(rules, siblings);
    for (std::size_t row = 0; row < values.size(); ++row) {
      const auto number = matcher.match(values[row], row);
      const auto* pieces = parser.parse(values[row], row);
      const std::string shape = shape_of(values[row], *pieces);
      const auto known = shapes_.try_emplace(shape, static_cast<std::uint32_t>(shapes_.size()));
      if (number) {
        ++matched_;
        EXPECT_EQ(*number, known.first->second) << values[row] << '\n' << shape;
        check_values(values[row], *pieces, matcher.values());
        continue;
      }
      std::vector<std::uint32_t> slots(pieces->size());
      for (std::uint32_t i = 0; i < slots.size(); ++i) slots[i] = i;
      matcher.learn(known.first->second, values[row], *pieces, slots);
    }
  }

  std::size_t matched() const { return matched_; }

 private:
  static void check_values(std::string_view text, const std::vector<Piece>& pieces,
                           std::span<const TemplateMatcher::Value> values) {
    auto value = values.begin();
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
      const Piece& piece = pieces[i];
      if (is_reference(piece.spec.kind)) continue;
      ASSERT_NE(value, values.end());
      EXPECT_EQ(value->slot, i);
      EXPECT_EQ(value->kind, piece.spec.kind);
      EXPECT_EQ(value->token, text.substr(piece.token.begin, piece.token.end - piece.token.begin));
      EXPECT_EQ(value->number, piece.token.number) << text;
      ++value;
    }
    EXPECT_EQ(value, values.end());
  }

  std::vector<std::string> texts_;
  std::vector<ColumnPtr> columns_;
  std::map<std::string, std::uint32_t> shapes_;
  std::size_t matched_ = 0;
};

TEST(TemplateMatcher, AgreesWithTheParserOnEveryKindOfValue) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  const auto number = [&](std::size_t below) { return std::to_string(random() % below); };
  for (int i = 0; i < 2000; ++i) {
    std::string id;
    for (int d = 0; d < 16; ++d)
      id += (i % 9 == 0 ? "0123456789" : "0123456789abcdef")[random() % 10];
    switch (random() % 8) {
      case 0:
        texts.push_back("took " + number(1000) + " ms");
        break;
      case 1:
        texts.push_back("took " + number(10) + "." + number(1000) + " ms");
        break;
      case 2:
        texts.push_back("took 0" + number(1000) + " ms");
        break;
      case 3:
        texts.push_back("id=" + id + " of " + number(5) + " done");
        break;
      case 4:
        texts.push_back("from 10." + number(300) + ".0." + number(256) + ", bye");
        break;
      case 5:
        texts.push_back("at 2024-05-0" + number(10) + "T00:00:0" + number(10) + ".25Z on");
        break;
      case 6:
        texts.push_back("key a" + number(9) + "b" + number(9) + "c" + number(9) + " set");
        break;
      default:
        texts.push_back(number(100'000'000));
        break;
    }
  }
  EXPECT_GT(Matching(std::move(texts), {}).matched(), 1500U);
}

TEST(TemplateMatcher, AgreesWithTheParserOnWhatOtherColumnsHold) {
  std::mt19937_64 random(2);
  std::vector<std::string> texts;
  std::vector<event::Value> users;
  std::vector<event::Value> sizes;
  std::vector<event::Value> times;
  std::vector<event::Value> agents;
  for (int i = 0; i < 2000; ++i) {
    const std::string user = "u" + std::to_string(100 + random() % 500);
    const std::string other = "u" + std::to_string(100 + random() % 500);
    const auto size = static_cast<std::int64_t>(random() % 1000);
    const double seconds = static_cast<double>(random() % 1000) / 10;
    const std::string agent = random() % 9 == 0 ? "a \"b\" c" : "curl";
    users.push_back(random() % 7 == 0 ? event::Value() : event::Value::string(user));
    sizes.push_back(random() % 5 == 0 ? event::Value::floating(static_cast<double>(size))
                                      : event::Value::integer(size));
    times.push_back(event::Value::floating(seconds));
    agents.push_back(event::Value::string(agent));
    std::string quoted;
    event::append_json_string(agent, quoted);
    std::string text =
        "{\"user\":\"" + (random() % 4 == 0 ? other : user) + "\",\"agent\":" + quoted +
        ",\"bytes\":" + std::to_string(random() % 6 == 0 ? size + 1 : size) +
        ",\"s\":" + std::to_string(seconds).substr(0, random() % 3 == 0 ? 4 : 3) + "}";
    texts.push_back(std::move(text));
  }
  const Matching run(std::move(texts),
                     {column_of(users), column_of(sizes), column_of(times), column_of(agents)});
  EXPECT_GT(run.matched(), 1000U);
}

TEST(TemplateMatcher, TakesNothingFromTextsThatAreShorterOrLonger) {
  std::vector<std::string> texts;
  for (int i = 0; i < 50; ++i) texts.push_back("got " + std::to_string(i) + " of 7 rows");
  for (const char* text :
       {"", "g", "got ", "got 5", "got 5 of 7 row", "got 5 of 7 rowsx", "got x of 7 rows",
        "got 1234567890123456789 of 7 rows", "got 5 of 7 rows "}) {
    texts.emplace_back(text);
  }
  EXPECT_GE(Matching(std::move(texts), {}).matched(), 49U);
}

TEST(TemplateMatcher, StopsLearningInsteadOfGrowing) {
  const TemplateRules rules;
  TemplateMatcher matcher(rules, {});
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < 5000; ++i)
    texts.push_back("template of its own " + std::to_string(i));
  for (std::uint32_t i = 0; i < texts.size(); ++i) matcher.learn(i, texts[i], {}, {});
  EXPECT_EQ(matcher.match(texts[0], 0), 0U);
  EXPECT_EQ(matcher.match(texts[4999], 0), std::nullopt);
}

}  // namespace
}  // namespace lynxdb::segment
