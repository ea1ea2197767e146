// What a search on encoded text promises: what it rules out does not hold the literal. Random
// templates are filled with random values, and what the walk says is compared with the text.
#include "segment/encoding/text_hits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace lynxdb::segment {
namespace {

struct TestPart {
  std::string known;
  SlotKind kind = SlotKind::kText;
  std::string value;
};

std::string value_of(SlotKind kind, std::mt19937_64& random) {
  switch (kind) {
    case SlotKind::kInteger:
      return std::to_string(random() % 200);
    case SlotKind::kDecimal:
      return std::to_string(random() % 20) + "." + std::to_string(random() % 10);
    case SlotKind::kHex:
      return random() % 2 == 0 ? "00ab" : "1f";
    case SlotKind::kAddress:
      return "10.1.0." + std::to_string(random() % 3);
    case SlotKind::kTime:
      return "2024-05-01T00:00:00Z";
    default:
      return std::string(random() % 3, "ab 1."[random() % 5]);
  }
}

std::vector<TestPart> random_parts(std::mt19937_64& random) {
  constexpr SlotKind kKinds[] = {SlotKind::kInteger, SlotKind::kDecimal, SlotKind::kHex,
                                 SlotKind::kAddress, SlotKind::kTime,    SlotKind::kText,
                                 SlotKind::kSameText};
  std::vector<TestPart> parts(1 + random() % 4);
  for (TestPart& part : parts) {
    for (std::size_t i = random() % 4; i > 0; --i) part.known += "aB 1.-:"[random() % 7];
    part.kind = kKinds[random() % std::size(kKinds)];
    part.value = value_of(part.kind, random);
  }
  return parts;
}

SlotSpec spec_of(const TestPart& part) {
  const bool hex = part.kind == SlotKind::kHex;
  return {part.kind, static_cast<std::uint8_t>(hex ? part.value.size() / 2 : 0), 0};
}

std::string hex_bytes(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

bool walk_or_a_text_holds(const std::vector<TestPart>& parts, const LiteralQuery& query) {
  LiteralWalk walk(query);
  bool in_slot = false;
  for (const TestPart& part : parts) {
    walk.take_text(part.known);
    const std::uint64_t begun = walk.begun();
    walk.take_slot(spec_of(part));
    in_slot = in_slot || query.in_text(part.value) ||
              (part.kind == SlotKind::kHex &&
               query.hits_of_hex(hex_bytes(part.value), part.value.size(), begun).any());
  }
  return walk.may_hold() || in_slot;
}

TEST(TextHits, NeverRuleOutATextThatHoldsTheLiteral) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<TestPart> parts = random_parts(random);
    std::string text;
    for (const TestPart& part : parts) text += part.known + part.value;
    if (text.empty()) continue;
    std::string literal = text.substr(random() % text.size(), 1 + random() % 8);
    if (random() % 2 == 0) std::ranges::transform(literal, literal.begin(), ::toupper);
    ASSERT_TRUE(walk_or_a_text_holds(parts, LiteralQuery(literal))) << text << " / " << literal;
  }
}

TEST(TextHits, RuleOutWhatNoSlotCanHold) {
  const auto may_hold = [](std::string_view before, SlotKind kind, std::string_view after,
                           std::string_view literal) {
    const LiteralQuery query(literal);
    LiteralWalk walk(query);
    walk.take_text(before);
    walk.take_slot({kind, static_cast<std::uint8_t>(kind == SlotKind::kHex ? 2 : 0), 0});
    walk.take_text(after);
    return walk.may_hold();
  };
  EXPECT_FALSE(may_hold("\"user\":\"", SlotKind::kSameText, "\",", "u009074"));
  EXPECT_FALSE(may_hold("took=", SlotKind::kInteger, "ms", "refused"));
  EXPECT_FALSE(may_hold("took=", SlotKind::kDecimal, "ms", "10.10.87.99"));
  EXPECT_TRUE(may_hold("took=", SlotKind::kInteger, "ms", "K=12"));
  EXPECT_TRUE(may_hold("took=", SlotKind::kInteger, "ms", "2MS"));
  EXPECT_TRUE(may_hold("", SlotKind::kInteger, "", "12"));
  // Four digits: what lies within them, and what ends in them, is for hits_of_hex to say.
  EXPECT_FALSE(may_hold("id=", SlotKind::kHex, " ", "12"));
  EXPECT_FALSE(may_hold("id=", SlotKind::kHex, " ", "id=12ab"));
  EXPECT_TRUE(may_hold("id=", SlotKind::kHex, " ", "=12ab "));
  EXPECT_FALSE(may_hold("id=", SlotKind::kHex, " ", "=12a "));
  EXPECT_TRUE(may_hold("id=", SlotKind::kHex, " x", "a x"));
}

TEST(TextHits, FindHexadecimalDigitsInTheBytes) {
  const std::string bytes = hex_bytes("00ff12abcdefcdef");
  const auto hits = [&](std::string_view literal, std::uint64_t begun = 0) {
    return LiteralQuery(literal).hits_of_hex(bytes, 4, begun).text;
  };
  using Hits = std::vector<std::uint8_t>;
  EXPECT_EQ(hits("12AB"), (Hits{0, 1, 0, 0}));
  EXPECT_EQ(hits("0ff"), (Hits{1, 0, 0, 0}));
  EXPECT_EQ(hits("de"), (Hits{0, 0, 1, 1}));
  EXPECT_EQ(hits("ff12"), Hits{});   // In two values.
  EXPECT_EQ(hits("abcde"), Hits{});  // More digits than a value has.
  EXPECT_EQ(hits("x"), Hits{});
  EXPECT_EQ(hits("id=cd", 1U << 3U), (Hits{0, 0, 1, 1}));
  EXPECT_EQ(hits("id=cd", 1U << 2U), Hits{});
  EXPECT_EQ(hits(""), (Hits{1, 1, 1, 1}));
}

TEST(TextHits, LookOnlyAtTheStartOfALongLiteral) {
  const std::string text(200, 'x');
  EXPECT_TRUE(LiteralQuery(text).in_text(std::string(LiteralQuery::kLiteralBytesMax, 'x')));
  const LiteralQuery query(text);
  LiteralWalk walk(query);
  walk.take_text(text);
  EXPECT_TRUE(walk.may_hold());
}

TEST(TextHits, KnowThatJsonWritesSomeTextsDifferently) {
  const LiteralQuery query("nb");
  EXPECT_FALSE(query.in_text("a\nb"));
  EXPECT_TRUE(query.in_json("a\nb"));
  EXPECT_FALSE(query.in_json("a b"));
}

}  // namespace
}  // namespace lynxdb::segment
