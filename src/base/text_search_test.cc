// What text search promises: the same answers as the most naive loop, for every small input and at
// every alignment, with and without AVX2, without a look outside the haystack (the haystacks here
// end where their allocation ends, so that AddressSanitizer sees one).
#include "base/text_search.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace lynxdb::base {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::size_t naive_find(std::string_view haystack, std::string_view needle, std::size_t from,
                       LetterCase letter_case) {
  if (from > haystack.size()) return std::string_view::npos;
  for (std::size_t at = from; at + needle.size() <= haystack.size(); ++at) {
    std::size_t i = 0;
    const auto same = [&](char a, char b) {
      return letter_case == LetterCase::kExact ? a == b : lower(a) == lower(b);
    };
    while (i < needle.size() && same(haystack[at + i], needle[i])) ++i;
    if (i == needle.size()) return at;
  }
  return std::string_view::npos;
}

// A copy without a readable byte before or after it.
class Fenced {
 public:
  explicit Fenced(std::string_view text) : bytes_(new char[text.size()]), size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

void expect_same_as_naive(std::string_view text, std::string_view needle, std::size_t from) {
  const Fenced haystack(text);
  for (const LetterCase letter_case : {LetterCase::kExact, LetterCase::kIgnoreAscii}) {
    SubstringFinder finder(needle, letter_case);
    const std::size_t expected = naive_find(text, needle, from, letter_case);
    ASSERT_EQ(finder.find(haystack.view(), from), expected)
        << text << " / " << needle << " @" << from;
    TextSearchAccess::use_plain_code(finder);
    ASSERT_EQ(finder.find(haystack.view(), from), expected)
        << text << " / " << needle << " @" << from;
  }
}

std::string random_text(std::mt19937& random, std::size_t size, std::string_view letters) {
  std::string text(size, ' ');
  for (char& c : text) c = letters[random() % letters.size()];
  return text;
}

TEST(SubstringFinder, AgreesWithANaiveSearchOnEveryShortInput) {
  const auto word = [](std::size_t number, std::size_t size) {
    std::string text(size, 'a');
    for (char& c : text) {
      c = "aB"[number % 2];
      number /= 2;
    }
    return text;
  };
  for (std::size_t size = 0; size <= 7; ++size) {
    for (std::size_t number = 0; number < (1U << size); ++number) {
      for (std::size_t needle_size = 0; needle_size <= 3; ++needle_size) {
        for (std::size_t needle = 0; needle < (1U << needle_size); ++needle) {
          for (std::size_t from = 0; from <= size + 1; from += 2) {
            expect_same_as_naive(word(number, size), word(needle, needle_size), from);
          }
        }
      }
    }
  }
}

TEST(SubstringFinder, FindsANeedleAtEveryPlaceOfAnyHaystack) {
  const std::string needle = "Connection Refused";
  for (std::size_t size = needle.size(); size < 140; ++size) {
    for (std::size_t at = 0; at + needle.size() <= size; ++at) {
      std::string text(size, 'c');  // A byte of the needle all around it.
      text.replace(at, needle.size(), needle);
      expect_same_as_naive(text, needle, 0);
      expect_same_as_naive(text, "CONNECTION refused", at > 0 ? at - 1 : 0);
    }
  }
}

TEST(SubstringFinder, AgreesWithANaiveSearchOnRandomInputs) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random_text(random, random() % 200, "abAB@`\xc3\xa4");
    const std::string needle = random_text(random, random() % 6, "abAB@`\xc3\xa4");
    expect_same_as_naive(text, needle, random() % (text.size() + 2));
  }
}

TEST(SubstringFinder, TakesOnlyLettersForOneAnotherWhenCaseIsIgnored) {
  // Each pair differs in the bit that differs between cases, but is no letter.
  const std::string around(40, 'x');
  for (const std::string pair : {"@`", "`@", "[{", "{[", "\n*", "\xc4\xe4", "0\x10"}) {
    const SubstringFinder finder(pair.substr(0, 1), LetterCase::kIgnoreAscii);
    EXPECT_FALSE(finder.contains(around + pair.substr(1) + around)) << pair;
    EXPECT_TRUE(finder.contains(around + pair + around)) << pair;
  }
  EXPECT_TRUE(SubstringFinder("ERROR", LetterCase::kIgnoreAscii).contains("an error"));
  EXPECT_FALSE(SubstringFinder("ERROR").contains("an error"));
}

TEST(SubstringFinder, FindsAllPlacesOneAfterTheOther) {
  const SubstringFinder finder("aa");
  std::vector<std::size_t> places;
  for (std::size_t at = finder.find("xaaax"); at != SubstringFinder::npos;
       at = finder.find("xaaax", at + 1)) {
    places.push_back(at);
  }
  EXPECT_EQ(places, (std::vector<std::size_t>{1, 2}));
}

TEST(CountByte, AgreesWithANaiveCount) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size < 200; ++size) {
    const Fenced text(random_text(random, size, "a\n"));
    const auto expected =
        static_cast<std::size_t>(std::count(text.view().begin(), text.view().end(), '\n'));
    EXPECT_EQ(count_byte(text.view(), '\n'), expected);
    EXPECT_EQ(TextSearchAccess::count_byte_plain(text.view(), '\n'), expected);
  }
}

std::size_t naive_lines(std::string_view text) {
  std::size_t count = 0;
  bool seen = false;
  for (const char c : text) {
    if (c == '\n') {
      count += seen ? 1 : 0;
      seen = false;
    } else {
      seen = seen || static_cast<unsigned char>(c) > ' ';
    }
  }
  return count + (seen ? 1 : 0);
}

TEST(CountLinesNotBlank, SkipsBlankLinesWhereverTheyStand) {
  EXPECT_EQ(count_lines_not_blank(""), 0U);
  EXPECT_EQ(count_lines_not_blank("a"), 1U);
  EXPECT_EQ(count_lines_not_blank("a\n\r\n \t\nb\r\n\n"), 2U);
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    const Fenced text(random_text(random, random() % 150, random() % 2 == 0 ? "a\n" : "\xc3\n \r"));
    ASSERT_EQ(count_lines_not_blank(text.view()), naive_lines(text.view()));
    ASSERT_EQ(TextSearchAccess::count_lines_not_blank_plain(text.view()), naive_lines(text.view()));
  }
}

TEST(FindJsonSpecial, StopsAtQuotesBackslashesAndControlCharactersOnly) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool special = byte == '"' || byte == '\\' || byte < 0x20;
    for (const std::size_t at : {0U, 1U, 31U, 32U, 33U, 63U, 69U}) {
      std::string text(70, 'x');
      text[at] = static_cast<char>(byte);
      const Fenced fenced(text);
      const std::size_t expected = special ? at : text.size();
      EXPECT_EQ(find_json_special(fenced.view()), expected);
      EXPECT_EQ(TextSearchAccess::find_json_special_plain(fenced.view(), 0), expected);
      EXPECT_EQ(find_json_special(fenced.view(), at + 1), text.size());
    }
  }
}

}  // namespace
}  // namespace lynxdb::base
