// Our signatures are those of AWS's published examples: the Signature Version 4 test suite, and the
// four requests of "Authenticating Requests: Using the Authorization Header" in S3's API reference.
#include "s3/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "s3/digest.h"

namespace lynxdb::s3 {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// --- The test suite ------------------------------------------------------------------------------

struct SuiteCase {
  std::string name;
  std::string method;
  std::string path;
  Query query;
  Headers headers;
  std::string body;
  std::string signature;
};

std::string sign_of_suite(const SuiteCase& request) {
  SignedParts parts;
  parts.method = request.method;
  parts.path = request.path;
  parts.query = request.query;
  parts.headers = request.headers;
  parts.headers.emplace_back("Host", "example.amazonaws.com");
  parts.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
  parts.payload_sha256 = to_hex(as_text(sha256(request.body)));
  const Credentials credentials{.access_key_id = "AKIDEXAMPLE",
                                .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  return authorization(parts, credentials, {.region = "us-east-1", .service = "service"},
                       "20150830T123600Z");
}

const std::vector<SuiteCase>& suite() {
  static const std::string unreserved =
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  static const std::vector<SuiteCase> cases = {
      {"get-vanilla",
       "GET",
       "/",
       {},
       {},
       "",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/",
       {{"Param2", "value2"}, {"Param1", "value1"}},
       {},
       "",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-unreserved",
       "GET",
       "/" + unreserved,
       {},
       {},
       "",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-vanilla-query-unreserved",
       "GET",
       "/",
       {{unreserved, unreserved}},
       {},
       "",
       "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
      {"get-utf8",
       "GET",
       percent_encode_path("/\u1234"),
       {},
       {},
       "",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-header-value-trim",
       "GET",
       "/",
       {},
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post-vanilla",
       "POST",
       "/",
       {},
       {},
       "",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {},
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  };
  return cases;
}

TEST(SigV4, SignsAsTheTestSuiteSays) {
  for (const SuiteCase& request : suite()) {
    EXPECT_THAT(sign_of_suite(request), EndsWith("Signature=" + request.signature)) << request.name;
  }
}

// --- S3's API reference --------------------------------------------------------------------------

struct S3Case {
  std::string method;
  std::string path;
  Query query;
  Headers headers;
  std::string body;
  std::string signature;
};

std::string sign_of_s3(const S3Case& request) {
  SignedParts parts;
  parts.method = request.method;
  parts.path = request.path;
  parts.query = request.query;
  parts.headers = request.headers;
  parts.payload_sha256 = to_hex(as_text(sha256(request.body)));
  parts.headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload_sha256);
  parts.headers.emplace_back("x-amz-date", "20130524T000000Z");
  const Credentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  return authorization(parts, credentials, {.region = "us-east-1"}, "20130524T000000Z");
}

TEST(SigV4, SignsTheExamplesOfS3) {
  const std::vector<S3Case> cases = {
      {"GET",
       "/test.txt",
       {},
       {{"Range", "bytes=0-9"}},
       "",
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT",
       percent_encode_path("/test$file.text"),
       {},
       {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
       "Welcome to Amazon S3.",
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET",
       "/",
       {{"lifecycle", ""}},
       {},
       "",
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"GET",
       "/",
       {{"max-keys", "2"}, {"prefix", "J"}},
       {},
       "",
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  for (const S3Case& request : cases) {
    EXPECT_THAT(sign_of_s3(request), EndsWith("Signature=" + request.signature)) << request.path;
  }
}

TEST(SigV4, WritesTheCanonicalRequestOfTheReference) {
  const SignedParts parts = {
      .method = "GET",
      .path = "/test.txt",
      .query = {},
      .headers = {{"x-amz-date", "20130524T000000Z"},
                  {"Range", "bytes=0-9"},
                  {"Host", "examplebucket.s3.amazonaws.com"},
                  {"x-amz-content-sha256", std::string(kEmptySha256)}},
      .payload_sha256 = std::string(kEmptySha256),
  };
  EXPECT_EQ(canonical_request(parts),
            "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-9\n"
            "x-amz-content-sha256:" +
                std::string(kEmptySha256) +
                "\nx-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n" +
                std::string(kEmptySha256));
}

TEST(SigV4, NeverShowsTheSecret) {
  EXPECT_THAT(sign_of_suite(suite().front()), Not(HasSubstr("wJalr")));
}

TEST(SigV4, WritesTimes) {
  EXPECT_EQ(amz_time(1'369'353'600'000'000'000), "20130524T000000Z");
  EXPECT_EQ(amz_time(951'782'399'999'999'999), "20000228T235959Z");
}

TEST(Digest, KnowsItsEncodings) {
  EXPECT_EQ(to_hex(as_text(md5("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(as_text(sha256(""))), kEmptySha256);
  EXPECT_EQ(to_base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_EQ(to_base64(""), "");
}

}  // namespace
}  // namespace lynxdb::s3
