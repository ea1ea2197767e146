// URLs that users write are taken apart or refused; keys with any bytes survive the way there.
#include "s3/uri.h"

#include <gtest/gtest.h>

namespace lynxdb::s3 {
namespace {

TEST(PercentEncoding, GivesBackWhatWentIn) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(*percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a/b c+%~\xc3\xa9"), "a%2Fb%20c%2B%25~%C3%A9");
  EXPECT_EQ(percent_encode_path("a/b c"), "a/b%20c");
}

TEST(PercentEncoding, RefusesHalfACode) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4g"}) EXPECT_FALSE(percent_decode(text));
}

TEST(CanonicalQuery, SortsByNameBeforeValue) {
  EXPECT_EQ(canonical_query({{"a-b", "2"}, {"a", "1"}, {"B", ""}}), "B=&a=1&a-b=2");
}

TEST(ParseUrl, TakesTheFormsThatUsersWrite) {
  const Url plain = *parse_url("https://s3.example.com");
  EXPECT_TRUE(plain.tls);
  EXPECT_EQ(plain.authority(), "s3.example.com");
  EXPECT_EQ(plain.path, "");

  const Url full = *parse_url("http://127.0.0.1:9000/base/path/");
  EXPECT_FALSE(full.tls);
  EXPECT_EQ(full.origin(), "http://127.0.0.1:9000");
  EXPECT_EQ(full.path, "/base/path");

  EXPECT_EQ(parse_url("http://[::1]:9000")->authority(), "[::1]:9000");
  EXPECT_EQ(parse_url("http://[::1]")->authority(), "[::1]");
}

TEST(ParseUrl, LeavesOutThePortThatTheSchemeImplies) {
  EXPECT_EQ(parse_url("https://s3:443")->authority(), "s3");
  EXPECT_EQ(parse_url("http://s3:80")->authority(), "s3");
  EXPECT_EQ(parse_url("http://s3:443")->authority(), "s3:443");
}

TEST(ParseUrl, RefusesWhatItWouldHaveToGuess) {
  for (const char* text :
       {"", "minio:9000", "ftp://host", "http://", "http://user:secret@host", "http://host:port",
        "http://host:", "http://host:123456", "http://host/?a=b", "http://host/a b", "http://a b",
        "http://host\r\n", "http://[::1", "http://[x]", "HTTP//host"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
  }
}

TEST(Hosts, AreAddressesOrNames) {
  EXPECT_TRUE(is_ip_address("10.0.0.1"));
  EXPECT_TRUE(is_ip_address("[fe80::1]"));
  EXPECT_FALSE(is_ip_address("s3.example.com"));
  EXPECT_TRUE(is_loopback("127.0.77.1"));
  EXPECT_TRUE(is_loopback("localhost"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
  EXPECT_FALSE(is_loopback("127.example.com"));
}

}  // namespace
}  // namespace lynxdb::s3
