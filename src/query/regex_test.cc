// Regexes: both spellings of named groups, errors that say what is wrong, matches with positions,
// replacements with groups; hostile patterns cost bounded memory and time.
#include "query/regex.h"

#include "query/regex_literal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::query {
namespace {

using ::testing::HasSubstr;

RegexPtr regex_of(std::string_view pattern) {
  Result<RegexPtr> regex = Regex::compile(pattern);
  EXPECT_TRUE(regex.has_value()) << pattern;
  return regex ? *regex : nullptr;
}

std::string error_of(std::string_view pattern) {
  const Result<RegexPtr> regex = Regex::compile(pattern);
  return regex ? "" : regex.error().message;
}

std::string replaced(std::string_view pattern, std::string_view text, std::string_view with) {
  std::string out;
  const bool any = RegexReplacement(regex_of(pattern), with).apply(text, out);
  return any ? out : "(no match)";
}

TEST(Regex, FindsAnywhere) {
  EXPECT_TRUE(regex_of("b+")->matches("abbbc"));
  EXPECT_FALSE(regex_of("^b")->matches("ab"));
  EXPECT_TRUE(regex_of("")->matches(""));
  EXPECT_TRUE(regex_of("(?i)ERROR")->matches("an error"));
  EXPECT_TRUE(regex_of("plain text")->matches("some plain text here"));
  EXPECT_FALSE(regex_of("plain text")->matches("Plain Text"));
}

TEST(Regex, TakesNamedGroupsInBothSpellings) {
  for (const char* pattern :
       {"(?P<user>\\w+)=(\\d+)-(?P<id>x)?", "(?<user>\\w+)=(\\d+)-(?<id>x)?"}) {
    const RegexPtr regex = regex_of(pattern);
    ASSERT_EQ(regex->group_count(), 3U);
    ASSERT_EQ(regex->named_groups().size(), 2U);
    EXPECT_EQ(regex->named_groups()[0].name, "user");
    EXPECT_EQ(regex->named_groups()[0].index, 1U);
    EXPECT_EQ(regex->named_groups()[1].name, "id");
    EXPECT_EQ(regex->named_groups()[1].index, 3U);
    std::array<std::string_view, 4> groups;
    ASSERT_TRUE(regex->find("  bob=7- ", groups));
    EXPECT_EQ(groups[0], "bob=7-");
    EXPECT_EQ(groups[1], "bob");
    EXPECT_EQ(groups[2], "7");
    EXPECT_EQ(groups[3].data(), nullptr);
  }
}

TEST(Regex, LeavesEscapesAndClassesAlone) {
  EXPECT_TRUE(regex_of("\\(?<a>")->matches("<a>"));
  EXPECT_TRUE(regex_of("[(?<]x")->matches("<x"));
  EXPECT_TRUE(regex_of("[]a]x")->matches("]x"));
  EXPECT_TRUE(regex_of("[[:alpha:](?<]+1")->matches("ab<1"));
  EXPECT_TRUE(regex_of("\\Q(?<n>\\E")->matches("(?<n>"));
}

TEST(Regex, SaysWhatIsWrong) {
  EXPECT_THAT(error_of("(a"), HasSubstr("invalid regex"));
  EXPECT_THAT(error_of("a(?=b)"), HasSubstr("look-ahead"));
  EXPECT_THAT(error_of("a(?!b)"), HasSubstr("look-ahead"));
  EXPECT_THAT(error_of("(?<=a)b"), HasSubstr("look-behind"));
  EXPECT_THAT(error_of("(?<!a)b"), HasSubstr("look-behind"));
  EXPECT_THAT(error_of("(a)\\1"), HasSubstr("back-reference"));
  EXPECT_THAT(error_of("(?P<n>a)(?P=n)"), HasSubstr("back-reference"));
  EXPECT_THAT(error_of("(?>a)"), HasSubstr("atomic"));
  EXPECT_THAT(error_of("((a{1000}){1000}){1000}"), HasSubstr("invalid regex"));
  EXPECT_THAT(error_of(std::string(100'000, 'a')), HasSubstr("64 kb"));
  EXPECT_THAT(error_of("a\\"), HasSubstr("invalid regex"));
  EXPECT_THAT(error_of("[a"), HasSubstr("invalid regex"));
}

TEST(Regex, WalksThroughAllMatchesWithoutRepeatingEmptyOnes) {
  const RegexPtr regex = regex_of("x*");
  const std::string_view text = "aüx";
  std::vector<std::string_view> found;
  std::array<std::string_view, 1> group;
  for (std::size_t at = 0; regex->find(text, group, at); at = Regex::after(text, group[0]))
    found.push_back(group[0]);
  EXPECT_THAT(found, ::testing::ElementsAre("", "", "x", ""));
}

TEST(Regex, StaysLinearOnPatternsThatExplodeElsewhere) {
  EXPECT_FALSE(regex_of("^(a+)+$")->matches(std::string(50'000, 'a') + "b"));
}

TEST(RegexLiteral, IsWhatEveryMatchContains) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"status=5\\d\\d", "status=5"},
      {"took (\\d+)ms", "took "},
      {"(?P<a>x+) end", " end"},
      {"(?<a>x) end", " end"},
      {"abc|def", ""},
      {"(abc|def)gh", "gh"},
      {"abcd*", "abc"},
      {"abcd?e", "abc"},
      {"abc{0,2}d", "ab"},
      {"abc+d", "abc"},
      {"(?i)abc", ""},
      {"a\\.b\\/c", "a.b/c"},
      {"x[abc]+yyy", "yyy"},
      {"[]x]yy", "yy"},
      {"[[:alpha:]]yy", ""},
      {"\\Qa|b\\E", ""},
      {"\\x41bc", ""},
      {"\\pLabc", ""},
      {"(a(b|c)[)]d)?ef", "ef"},
      {"grü*n", "gr"},
      {"^abc$", "abc"},
      {"(\\))abc", "abc"},
      {"a.bc", "bc"},
      {"(?:x|y)z(?s:.)", ""},
  };
  for (const auto& [pattern, literal] : cases)
    EXPECT_EQ(required_literal(pattern), literal) << pattern;
}

// All patterns of a few parts against all short texts: the literal never hides a match.
TEST(RegexLiteral, NeverChangesWhatMatches) {
  const std::vector<std::string> parts = {"abc", "a",       "b?",    "(b|c)", "[ab]+", "c*", "|",
                                          "\\w", "(?:ab)?", "{0,1}", "^",     "$",     "."};
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; texts.size() < 1000; ++i)
    for (const char letter : {'a', 'b', 'c'}) texts.push_back(texts[i] + letter);
  for (const std::string& a : parts)
    for (const std::string& b : parts)
      for (const std::string& c : parts) {
        const std::string pattern = a + b + c;
        const Result<RegexPtr> regex = Regex::compile(pattern);
        // An empty group in front proves nothing, so this one has no literal.
        const Result<RegexPtr> plain = Regex::compile("(?:" + pattern + ")");
        ASSERT_EQ(regex.has_value(), plain.has_value()) << pattern;
        if (!regex) continue;
        for (std::size_t i = 0; i < texts.size(); i += 7) {
          std::array<std::string_view, 1> x;
          std::array<std::string_view, 1> y;
          ASSERT_EQ((*regex)->matches(texts[i]), (*plain)->matches(texts[i]))
              << pattern << " " << texts[i];
          ASSERT_EQ((*regex)->find(texts[i], x), (*plain)->find(texts[i], y))
              << pattern << " " << texts[i];
          ASSERT_EQ(x[0], y[0]) << pattern << " " << texts[i];
        }
      }
}

TEST(RegexReplacement, PutsGroupsIn) {
  EXPECT_EQ(replaced("(\\w)(\\d)", "a1 b2", "$2\\1"), "1a 2b");
  EXPECT_EQ(replaced("(?<n>\\d)", "a1", "<${n}${1}>"), "a<11>");
  EXPECT_EQ(replaced("a", "aba", "$0$0"), "aabaa");
  EXPECT_EQ(replaced("a", "a", "$9${no}"), "");
  EXPECT_EQ(replaced("a", "a", "$$ \\\\ $"), "$ \\ $");
  EXPECT_EQ(replaced("b", "a", "x"), "(no match)");
  EXPECT_EQ(replaced("", "ab", "-"), "-a-b-");
  EXPECT_EQ(replaced("^", "\xff\xfe", "x"), "x\xff\xfe");
}

}  // namespace
}  // namespace lynxdb::query
