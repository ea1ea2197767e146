// LIKE patterns agree with the definition: a plain recursive matcher, over all short patterns.
#include "query/like_pattern.h"

#include <gtest/gtest.h>

namespace lynxdb::query {
namespace {

// The definition, in ASCII.
bool fits(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%')
    return fits(pattern.substr(1), text) || (!text.empty() && fits(pattern, text.substr(1)));
  if (text.empty()) return false;
  return (pattern[0] == '_' || pattern[0] == text[0]) && fits(pattern.substr(1), text.substr(1));
}

// All texts over `letters` of up to `length_max` letters.
std::vector<std::string> all_texts(std::string_view letters, std::size_t length_max) {
  std::vector<std::string> texts{""};
  for (std::size_t begin = 0, length = 1; length <= length_max; ++length) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin)
      for (const char letter : letters) texts.push_back(texts[begin] + letter);
  }
  return texts;
}

TEST(LikePattern, AgreesWithTheDefinitionOnAllShortPatterns) {
  const std::vector<std::string> texts = all_texts("ab", 5);
  for (const std::string& pattern : all_texts("ab%_", 5)) {
    const LikePattern compiled(pattern);
    const LikePattern folded(pattern, true);
    for (const std::string& text : texts) {
      ASSERT_EQ(compiled.matches(text), fits(pattern, text)) << pattern << " / " << text;
      ASSERT_EQ(folded.matches(text), fits(pattern, text)) << pattern << " / " << text;
    }
  }
}

TEST(LikePattern, TakesEscapedWildcardsLiterally) {
  EXPECT_TRUE(LikePattern("100\\%").matches("100%"));
  EXPECT_FALSE(LikePattern("100\\%").matches("1000"));
  EXPECT_TRUE(LikePattern("a\\_b").matches("a_b"));
  EXPECT_FALSE(LikePattern("a\\_b").matches("axb"));
  EXPECT_TRUE(LikePattern("c:\\\\%").matches("c:\\dir"));
  EXPECT_TRUE(LikePattern("c:\\dir").matches("c:\\dir"));
  EXPECT_TRUE(LikePattern("a\\").matches("a\\"));
}

TEST(LikePattern, CountsCharactersNotBytes) {
  EXPECT_TRUE(LikePattern("gr_n").matches("grün"));
  EXPECT_FALSE(LikePattern("gr__n").matches("grün"));
  EXPECT_TRUE(LikePattern("%_本").matches("日本"));
  EXPECT_TRUE(LikePattern("_").matches("\xff"));
}

TEST(LikePattern, IgnoresAsciiCaseWhenAsked) {
  EXPECT_TRUE(LikePattern("WEB-%", true).matches("web-1"));
  EXPECT_TRUE(LikePattern("web-%", true).matches("WEB-1"));
  EXPECT_FALSE(LikePattern("web-%").matches("WEB-1"));
}

TEST(LikePattern, StaysFastOnManyWildcards) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "%a";
  EXPECT_FALSE(LikePattern(pattern + "b").matches(std::string(20'000, 'a')));
}

}  // namespace
}  // namespace lynxdb::query
