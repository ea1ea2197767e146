// Errors point into the original text, go on behind the next `|`, and are shown as the user guide
// shows them.
#include <gmock/gmock.h>

#include "spl2/test_parsing.h"

namespace lynxdb::spl2 {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> marked_by_errors(std::string_view text) {
  std::vector<std::string> marked;
  for (const ParseError& error : errors_of(text))
    marked.emplace_back(text.substr(error.span.offset, error.span.length));
  return marked;
}

TEST(ParseErrors, ContinueBehindTheNextPipe) {
  EXPECT_THAT(marked_by_errors("a | staats | head 5 | where len(x, y) > 1 | sort"),
              ElementsAre("staats", "len(x, y)", ""));
  EXPECT_THAT(marked_by_errors("(a | head x | fieds b"), ElementsAre("|", "x", "fieds"));
  EXPECT_THAT(marked_by_errors("a | lookup \"x | y\" [z | w] | heead"),
              ElementsAre("lookup", "heead"));
}

TEST(ParseErrors, ContinueInsideSubsearchesAndBehindDefinitions) {
  EXPECT_THAT(marked_by_errors("append [a | staats | heead] | sortt x"),
              ElementsAre("staats", "heead", "sortt"));
  EXPECT_THAT(marked_by_errors("$a = x | staats; $b = FROM $a | heead\nFROM $b | sortt"),
              ElementsAre("staats", "heead", "sortt"));
}

TEST(ParseErrors, StopAtFive) { EXPECT_THAT(errors_of("| a | b | c | d | e | f | g"), SizeIs(5)); }

TEST(ParseErrors, CountBytesOfTheOriginalText) {
  const std::string text = "  n\xC3\xA4me=1 -- \xF0\x9F\x98\x80\n| staats";
  const Span span = errors_of(text).front().span;
  EXPECT_EQ(text.substr(span.offset, span.length), "staats");
}

TEST(ParseErrors, AreRenderedWithTheLineAndAMark) {
  const std::string text = "level=error | staats count";
  EXPECT_EQ(render_error(text, errors_of(text).front()),
            "parse error: unknown command 'staats'\n"
            "  level=error | staats count\n"
            "                ^^^^^^\n"
            "did you mean: stats");
}

TEST(ParseErrors, AreRenderedWithTheirLineOfManyAndWithoutControlCharacters) {
  const std::string text = "n\xC3\xA4me=1\n\t| qwertz\x1B[1m\n| head";
  EXPECT_EQ(render_error(text, errors_of(text).front()),
            "parse error: unknown command 'qwertz'\n"
            "   | qwertz [1m\n"
            "     ^^^^^^");
}

TEST(ParseErrors, AreRenderedInAWindowOfLongLines) {
  const std::string text = std::string(5'000, 'a') + " | staats | " + std::string(5'000, 'b');
  const std::string shown = render_error(text, errors_of(text).front());
  EXPECT_LT(shown.size(), 500U);
  EXPECT_NE(shown.find("| staats |"), std::string::npos);
}

TEST(ParseErrors, AreRenderedWhateverTheSpan) {
  EXPECT_EQ(render_error("", {{0, 0}, "the query is empty", ""}),
            "parse error: the query is empty\n  \n  ^");
  EXPECT_EQ(render_error("a\n", {{2, 9}, "m", ""}), "parse error: m\n  \n  ^");
  EXPECT_EQ(render_error("ab", {{900, 9}, "m", ""}), "parse error: m\n  ab\n    ^");
}

}  // namespace
}  // namespace lynxdb::spl2
