// How lists and addresses are written.
#include "config/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::config {
namespace {

using testing::ElementsAre;

TEST(Lists, AreWordsBetweenCommas) {
  EXPECT_THAT(split_list("a, b ,,c"), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(split_list("").empty());
  EXPECT_TRUE(split_list(" , ").empty());
}

TEST(Addresses, AreHostAndPort) {
  EXPECT_EQ(parse_address("localhost:3100"), (Address{"localhost", 3100}));
  EXPECT_EQ(parse_address(":0"), (Address{"", 0}));
  EXPECT_EQ(parse_address("[::1]:80"), (Address{"::1", 80}));
  EXPECT_EQ(parse_address("node-1", 9400), (Address{"node-1", 9400}));
  EXPECT_EQ(parse_address("[::]", 9400), (Address{"::", 9400}));
  for (const char* wrong : {"", "host", "host:", "host:port", "host:70000", "::1:80", "[::1",
                            "[::1]80", "[::1]:", "a b:1", "http://x:1", "h:-1", "h:+1"}) {
    EXPECT_EQ(parse_address(wrong), std::nullopt) << wrong;
  }
}

TEST(Addresses, PrintAsTheyAreRead) {
  for (const char* text : {"localhost:3100", "[::1]:80", ":0"})
    EXPECT_EQ(address_text(*parse_address(text)), text);
}

}  // namespace
}  // namespace lynxdb::config
