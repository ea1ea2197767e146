// Servers are named as people name them, and what is no server is refused.
#include "client/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lynxdb::client {
namespace {

using testing::ElementsAre;

TEST(Servers, AreBaseUrls) {
  EXPECT_THAT(*parse_servers("http://localhost:3100"), ElementsAre("http://localhost:3100"));
  EXPECT_THAT(*parse_servers("localhost:3100"), ElementsAre("http://localhost:3100"));
  EXPECT_THAT(*parse_servers("https://logs.example.com/db/"),
              ElementsAre("https://logs.example.com/db"));
  EXPECT_THAT(*parse_servers("a:1, https://b:2 ,[::1]:3"),
              ElementsAre("http://a:1", "https://b:2", "http://[::1]:3"));
}

TEST(Servers, AreRefusedWhenTheyAreNone) {
  for (const char* text : {"", ",", "ftp://x", "http://", "http:///path", "http://u:p@x", "x?y=1",
                           "x#y", "a b", "x\ny"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_servers(text).has_value());
  }
}

TEST(Servers, OnThisMachineAreKnown) {
  EXPECT_TRUE(is_loopback("http://localhost:3100"));
  EXPECT_TRUE(is_loopback("https://127.0.0.1/x"));
  EXPECT_TRUE(is_loopback("http://[::1]:3100"));
  EXPECT_FALSE(is_loopback("http://localhost.example.com:3100"));
  EXPECT_FALSE(is_loopback("http://10.0.0.1:3100"));
}

TEST(Parameters, KeepEveryByte) {
  EXPECT_EQ(with_parameters("/x", {}), "/x");
  EXPECT_EQ(with_parameters("/x", {{"q", "a=b & \"\xc3\xa4\"|+%"}, {"to", "now"}}),
            "/x?q=a%3Db%20%26%20%22%C3%A4%22%7C%2B%25&to=now");
}

}  // namespace
}  // namespace lynxdb::client
