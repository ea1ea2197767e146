// Matching without an engine gives what the engine gives, or says that it does not know.
#include "query/regex_direct.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <array>
#include <random>

namespace lynxdb::query {
namespace {

using Found = DirectMatcher::Found;

bool is_direct(std::string_view pattern) { return DirectMatcher::compile(pattern).has_value(); }

TEST(DirectMatcher, TakesTextsAndGroupsOfOneClass) {
  for (const char* pattern :
       {"shard=(?<s>[0-9]+)", "a(?P<s>\\d+)", "a([^b]*)", "took (\\d+)\\.(\\d+) ms", "x([]a]+)",
        "x([^]a-]+)", "\\[([\\w.-]+)\\]", "a(\\S+) b"})
    EXPECT_TRUE(is_direct(pattern)) << pattern;
}

TEST(DirectMatcher, LeavesTheRestToTheEngine) {
  for (const char* pattern : {"",
                              "abc",
                              "([0-9]+)",
                              "a([0-9]+)?",
                              "a([0-9]+?)",
                              "a([0-9]{2})",
                              "a([0-9])",
                              "a(b+)",
                              "^a([0-9]+)",
                              "a([0-9]+)$",
                              "a([0-9]+)5",
                              "a([0-9]+)([a-z]+)",
                              "(?i)a([0-9]+)",
                              "a(?:[0-9]+)",
                              "a|b([0-9]+)",
                              "ab*([0-9]+)",
                              "a.([0-9]+)",
                              "a([[:digit:]]+)",
                              "a(.+)",
                              "a([0-9]+|x)",
                              "\\Qa\\E([0-9]+)",
                              "\xc3\xa4([0-9]+)",
                              "a([\xc3\xa4]+)",
                              "a(\\pN+)",
                              "a([\\x41]+)",
                              "a([0-9]+) b*"})
    EXPECT_FALSE(is_direct(pattern)) << pattern;
}

TEST(DirectMatcher, AsksTheEngineAboutBytesBeyondAsciiInOpenClasses) {
  std::array<std::string_view, 2> groups;
  const DirectMatcher open = *DirectMatcher::compile("a=([^ ]+)");
  EXPECT_EQ(open.find("a=x y\xc3\xa4", groups, 0), Found::kYes);
  EXPECT_EQ(open.find("a=x\xc3\xa4 y", groups, 0), Found::kUnknown);
  const DirectMatcher closed = *DirectMatcher::compile("a=([a-z]+)");
  EXPECT_EQ(closed.find("a=x\xc3\xa4 y", groups, 0), Found::kYes);
  EXPECT_EQ(groups[1], "x");
}

// Every start nearly matches: looking on from each would take the square of the text's size.
TEST(DirectMatcher, GivesUpWhereItWouldTakeLong) {
  const std::string text(1'000'000, 'a');
  EXPECT_EQ(DirectMatcher::compile("a([a-z]+)!")->find(text, {}, 0), Found::kUnknown);
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  template <std::size_t kSize>
  std::string_view one_of(const std::array<std::string_view, kSize>& choices) {
    return choices[below(kSize)];
  }

  std::string pattern() {
    static constexpr std::array<std::string_view, 12> kTexts{"a", "b",   "aa",  "ab", "1", " ",
                                                             "=", "\\.", "\\[", "a1", "-", "]"};
    static constexpr std::array<std::string_view, 20> kClasses{
        "[0-9]", "\\d",   "\\D",   "\\w",    "\\W",    "\\s",  "\\S",  "[a]",  "[^a]",  "[ab1]",
        "[^ ]",  "[^\n]", "[a-b]", "[^\\d]", "[\\w.]", "[-a]", "[a-]", "[]a]", "[^]1]", "[a-b-1]"};
    static constexpr std::array<std::string_view, 5> kRepeats{"+", "+", "+", "*", "+?"};
    std::string pattern(one_of(kTexts));
    for (std::size_t groups = 1 + below(3); groups > 0; --groups) {
      pattern += below(2) == 0 ? "(" : "(?P<g" + std::to_string(groups) + ">";
      pattern += one_of(kClasses);
      pattern += one_of(kRepeats);
      pattern += ')';
      if (below(3) != 0) pattern += one_of(kTexts);
    }
    return pattern;
  }

  std::string text() {
    static constexpr std::array<std::string_view, 13> kPieces{
        "a", "a", "b", "1", " ", "=", ".", "[", "-", "]", "\n", "\xc3\xa4", "\xff"};
    std::string text;
    for (std::size_t pieces = below(30); pieces > 0; --pieces) text += one_of(kPieces);
    return text;
  }

 private:
  std::mt19937 random_;
};

TEST(DirectMatcher, AgreesWithTheEngineOnAnyPatternAndText) {
  Random random(17);
  std::size_t direct = 0;
  std::size_t matches = 0;
  std::size_t unknown = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string pattern = random.pattern();
    const std::optional<DirectMatcher> matcher = DirectMatcher::compile(pattern);
    if (!matcher) continue;
    ++direct;
    const re2::RE2 engine(pattern);
    ASSERT_TRUE(engine.ok()) << pattern;
    for (int i = 0; i < 30; ++i) {
      const std::string text = random.text();
      const std::size_t start = random.below(text.size() + 1);
      SCOPED_TRACE(pattern + " in '" + text + "' from " + std::to_string(start));
      std::array<re2::StringPiece, 4> expected;
      const bool expected_match =
          engine.Match(text, start, text.size(), re2::RE2::UNANCHORED, expected.data(),
                       engine.NumberOfCapturingGroups() + 1);
      std::array<std::string_view, 4> groups;
      const Found found = matcher->find(text, groups, start);
      if (found == Found::kUnknown) {
        ++unknown;
        continue;
      }
      ASSERT_EQ(found == Found::kYes, expected_match);
      if (!expected_match) continue;
      ++matches;
      for (int g = 0; g <= engine.NumberOfCapturingGroups(); ++g) {
        const auto at = static_cast<std::size_t>(g);
        ASSERT_EQ(groups[at].data(), expected[at].data()) << g;
        ASSERT_EQ(groups[at].size(), expected[at].size()) << g;
      }
    }
  }
  EXPECT_GT(direct, 1000U);
  EXPECT_GT(matches, 1000U);
  EXPECT_GT(unknown, 100U);
}

}  // namespace
}  // namespace lynxdb::query
