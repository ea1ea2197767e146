// "Did you mean" finds typing mistakes and stays silent on words that are merely different.
#include "base/suggest.h"

#include <array>

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

constexpr std::array<std::string_view, 4> kCommands = {"stats", "sort", "streamstats", "head"};

TEST(Suggest, FindsTypingMistakes) {
  EXPECT_EQ(suggest("staats", kCommands), "stats");
  EXPECT_EQ(suggest("tsats", kCommands), "stats");
  EXPECT_EQ(suggest("STATS", kCommands), "stats");
  EXPECT_EQ(suggest("haed", kCommands), "head");
}

TEST(Suggest, IsStrictWithShortWords) {
  EXPECT_EQ(suggest("hd", kCommands), std::nullopt);
  EXPECT_EQ(suggest("foo", kCommands), std::nullopt);
  EXPECT_EQ(suggest("", kCommands), std::nullopt);
}

}  // namespace
}  // namespace lynxdb::base
