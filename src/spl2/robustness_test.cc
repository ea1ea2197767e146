// Whatever the text, parsing ends without a crash: in a query that prints and parses again, or in
// one to five errors whose positions lie in the text.
#include <random>

#include "spl2/example_queries.h"
#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

void expect_sound(const std::string& text) {
  const auto result = parse(text);
  if (const auto* query = std::get_if<Query>(&result)) {
    const std::string printed = to_text(*query);
    const auto again = parse(printed, {.query_bytes_max = 1U << 20U});
    const auto* same = std::get_if<Query>(&again);
    ASSERT_NE(same, nullptr) << text << "\nprinted: " << printed << "\n"
                             << render_error(printed, std::get<1>(again).front());
    ASSERT_EQ(to_text(*same), printed) << text;
    return;
  }
  const auto& errors = std::get<1>(result);
  ASSERT_GE(errors.size(), 1U) << text;
  ASSERT_LE(errors.size(), 5U) << text;
  for (const ParseError& error : errors) {
    ASSERT_LE(error.span.offset + std::size_t{error.span.length}, text.size()) << text;
    ASSERT_FALSE(error.message.empty()) << text;
    ASSERT_FALSE(render_error(text, error).empty());
  }
}

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (int i = pick(3); i >= 0; --i) change(text);
    return text;
  }

 private:
  int pick(std::size_t count) { return static_cast<int>(random_() % count); }

  std::size_t position(const std::string& text) {
    return static_cast<std::size_t>(pick(text.size() + 1));
  }

  void change(std::string& text) {
    constexpr std::string_view kBytes = "\"'`|()[]=!<>~*\\,.;:$#-+/% \n\tax0_@?\x00\x01\xFF\xC3";
    const std::size_t at = position(text);
    switch (pick(4)) {
      case 0:
        text.insert(at, 1, kBytes[static_cast<std::size_t>(pick(kBytes.size()))]);
        break;
      case 1:
        text.erase(at, 1 + static_cast<std::size_t>(pick(4)));
        break;
      case 2:
        text.resize(at);
        break;
      default: {
        const std::string_view other =
            kExampleQueries[static_cast<std::size_t>(pick(kExampleQueries.size()))];
        const auto from = static_cast<std::size_t>(pick(other.size()));
        text.insert(at, other.substr(from, static_cast<std::size_t>(pick(30))));
      }
    }
  }

  std::mt19937 random_{20'240'601};
};

TEST(Robustness, EveryPrefixOfAQueryIsHandled) {
  for (const std::string_view text : kExampleQueries)
    for (std::size_t length = 0; length <= text.size(); ++length) {
      expect_sound(std::string(text.substr(0, length)));
      if (HasFatalFailure()) return;
    }
}

TEST(Robustness, MutatedQueriesAreHandled) {
  Mutator mutator;
  for (int round = 0; round < 40; ++round)
    for (const std::string_view text : kExampleQueries) {
      expect_sound(mutator.mutate(std::string(text)));
      if (HasFatalFailure()) return;
    }
}

TEST(Robustness, LongRunsOfOneTokenEndQuickly) {
  for (const std::string_view token :
       {"(",     "[",  "NOT ", "a ",       "a.",     "\"",     "'",        "`",  "|",
        "- ",    "-",  "\\",   "*",        "a=",     "a,",     "$a=",      "# ", "-- ",
        "from ", "\n", "f(",   "append [", "x IN (", "count(", "\n$a = b", ";"}) {
    std::string text;
    while (text.size() < 20'000) text += token;
    for (const std::string_view start : {"", "where ", "stats ", "fields ", "$x = ", "| sort "}) {
      SCOPED_TRACE(std::string(start) + std::string(token));
      const auto result = parse(std::string(start) + text);
      if (const auto* errors = std::get_if<1>(&result)) EXPECT_LE(errors->size(), 5U);
    }
  }
}

}  // namespace
}  // namespace lynxdb::spl2
