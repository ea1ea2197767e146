// A parameter that a route does not know, or that comes twice, is refused by name.
#include "server/http/known_parameters.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lynxdb::server {
namespace {

// "message / suggestion", or "" when the query string is fine.
std::string refusal(std::string_view query_string, const std::vector<std::string_view>& known) {
  const auto checked = check_parameters(parse_query_string(query_string), known);
  return checked ? "" : checked.error().message + " / " + checked.error().suggestion;
}

TEST(KnownParameters, TakesEachOnce) {
  EXPECT_EQ(refusal("", {}), "");
  EXPECT_EQ(refusal("limit=1&query=x", {"q|query", "limit"}), "");
}

TEST(KnownParameters, NamesTheNearestOfAnUnknownOne) {
  EXPECT_EQ(refusal("limt=1", {"q|query", "limit"}),
            "unknown parameter 'limt' / did you mean limit?");
  EXPECT_EQ(refusal("color=1", {"q|query", "limit"}),
            "unknown parameter 'color' / known: q, query, limit");
  EXPECT_EQ(refusal("color=1", {}), "unknown parameter 'color' / there are none here");
  EXPECT_EQ(refusal("from|to=1", {"from|to"}), "unknown parameter 'from|to' / known: from, to");
}

TEST(KnownParameters, RefusesTwoOfOne) {
  EXPECT_EQ(refusal("q=a&q=b", {"q|query"}), "the parameter 'q' is given twice / ");
  EXPECT_EQ(refusal("q=a&query=a", {"q|query"}),
            "'q' and 'query' are the same parameter: give one of them / ");
}

}  // namespace
}  // namespace lynxdb::server
