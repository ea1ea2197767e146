// How the store reads what services answer: errors in words that help, answers that lie or break
// off, checksums that differ. A small server plays the service; tests/s3 has a real one.
#include "s3/s3_object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "io/fault_file.h"
#include "s3/checksum.h"
#include "s3/multipart_upload.h"
#include "s3/testing/test_server.h"

namespace lynxdb::s3 {
namespace {

using testing::Connection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Request;
using testing::TestServer;

constexpr std::string_view kSecret = "the-secret-key";
constexpr std::string_view kToken = "the-session-token";

std::string error_xml(std::string_view code, std::string_view more = {}) {
  return fmt::format(
      "<?xml version=\"1.0\"?><Error><Code>{}</Code><Message>said so</Message>{}"
      "<RequestId>R1</RequestId></Error>",
      code, more);
}

class S3Store : public ::testing::Test {
 protected:
  std::unique_ptr<S3ObjectStore> open(TestServer& server, int attempts_max = 3) {
    S3Options options;
    options.bucket = "logs";
    options.region = "eu-west-1";
    options.prefix = "/team/";
    options.endpoint = server.url();
    options.attempts_max = attempts_max;
    options.backoff_first = std::chrono::milliseconds(1);
    options.backoff_max = std::chrono::milliseconds(2);
    S3ObjectStore::Machine machine;
    machine.environment = [](const std::string& name) -> std::optional<std::string> {
      if (name == "AWS_ACCESS_KEY_ID") return "AKID";
      if (name == "AWS_SECRET_ACCESS_KEY") return std::string(kSecret);
      if (name == "AWS_SESSION_TOKEN") return std::string(kToken);
      return std::nullopt;
    };
    auto store = S3ObjectStore::open(options, machine);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  // What a put comes to when every request is answered so.
  Error put_error(int status, const std::string& body, const std::string& headers = {}) {
    TestServer server([&](const Request&, Connection& connection) {
      connection.answer(status, body, headers);
      return true;
    });
    const auto done = open(server)->put("k", "x");
    EXPECT_FALSE(done);
    if (done) return {};
    for (const std::string_view secret : {kSecret, kToken}) {
      EXPECT_THAT(done.error().message + done.error().suggestion, Not(HasSubstr(secret)));
    }
    return done.error();
  }
};

// --- Requests ------------------------------------------------------------------------------------

TEST_F(S3Store, SignsAndAddressesEveryRequest) {
  TestServer server([](const Request&, Connection& connection) {
    connection.answer(200, "", "ETag: \"9dd4e461268c8034f5c8564e155c67a6\"\r\n");
    return true;
  });
  EXPECT_TRUE(open(server)->put("a b/c+d", "x"));
  ASSERT_EQ(server.requests().size(), 1U);
  const Request request = server.requests().front();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/logs/team/a%20b/c%2Bd");
  EXPECT_EQ(request.body, "x");
  EXPECT_EQ(request.header("host"), server.authority());
  EXPECT_EQ(request.header("content-md5"), "ndTkYSaMgDT1yFZOFVxnpg==");
  EXPECT_EQ(request.header("x-amz-security-token"), kToken);
  EXPECT_EQ(request.header("x-amz-content-sha256"),
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  EXPECT_THAT(request.header("authorization"),
              HasSubstr("/eu-west-1/s3/aws4_request, SignedHeaders=content-md5;content-type;host;"
                        "x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="));
  EXPECT_THAT(request.raw, Not(HasSubstr(kSecret)));
}

TEST_F(S3Store, KeepsItsConnection) {
  TestServer server([](const Request&, Connection& connection) {
    connection.answer(404, error_xml("NoSuchKey"));
    return true;
  });
  const auto store = open(server);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(store->get("k", {0, 1}));
  EXPECT_EQ(server.requests().size(), 5U);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(S3Store, OutlivesAConnectionThatTheServerDropped) {
  TestServer server([](const Request&, Connection& connection) {
    connection.answer(200, "", "ETag: \"9dd4e461268c8034f5c8564e155c67a6\"\r\n");
    return false;  // Closed although it promised to keep it.
  });
  const auto store = open(server, 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(store->put("k", "x"));
}

// --- Errors --------------------------------------------------------------------------------------

TEST_F(S3Store, SaysWhatThePersonMustDo) {
  const Error denied = put_error(403, error_xml("AccessDenied"));
  EXPECT_EQ(denied.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(denied.message, "S3 put k: the service answers 403 AccessDenied: said so (request R1)");
  EXPECT_THAT(denied.suggestion, HasSubstr("s3:PutObject"));

  const Error elsewhere =
      put_error(400, error_xml("AuthorizationHeaderMalformed", "<Region>us-west-2</Region>"));
  EXPECT_THAT(elsewhere.message, HasSubstr("is in the region us-west-2, not in eu-west-1"));
  EXPECT_THAT(elsewhere.suggestion, HasSubstr("storage.s3_region to us-west-2"));

  const Error moved =
      put_error(301, error_xml("PermanentRedirect"), "x-amz-bucket-region: ap-south-1\r\n");
  EXPECT_THAT(moved.message, HasSubstr("region ap-south-1"));

  const Error skewed = put_error(403, error_xml("RequestTimeTooSkewed"));
  EXPECT_THAT(skewed.suggestion, HasSubstr("NTP"));
}

TEST_F(S3Store, RepeatsOnlyWhatMayPass) {
  const auto requests_for = [&](int status, std::string_view code) {
    std::atomic<int> requests{0};
    TestServer server([&](const Request&, Connection& connection) {
      ++requests;
      connection.answer(status, code.empty() ? "" : error_xml(code));
      return true;
    });
    EXPECT_FALSE(open(server)->put("k", "x"));
    return requests.load();
  };
  EXPECT_EQ(requests_for(503, "SlowDown"), 3);
  EXPECT_EQ(requests_for(500, "InternalError"), 3);
  EXPECT_EQ(requests_for(502, ""), 3);
  EXPECT_EQ(requests_for(429, ""), 3);
  EXPECT_EQ(requests_for(400, "RequestTimeout"), 3);
  EXPECT_EQ(requests_for(403, "ExpiredToken"), 2);  // Once more with other credentials.
  EXPECT_EQ(requests_for(403, "AccessDenied"), 1);
  EXPECT_EQ(requests_for(400, "InvalidRequest"), 1);
  EXPECT_EQ(requests_for(501, "NotImplemented"), 1);
}

TEST_F(S3Store, ShowsNoMoreOfAnAnswerThanALine) {
  const Error error = put_error(400, "<Error><Code>Bad\nCode</Code><Message>" +
                                         std::string(100'000, 'x') + "</Message></Error>");
  EXPECT_LT(error.message.size(), 400U);
  EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  EXPECT_THAT(put_error(418, "<html>"), ::testing::Field(&Error::message, HasSubstr("418")));
}

// --- Answers that lie ----------------------------------------------------------------------------

TEST_F(S3Store, ComparesTheChecksumOfWhatWasStored) {
  const auto put = [&](const std::string& headers, std::string_view length) {
    TestServer server([&](const Request& request, Connection& connection) {
      if (request.method == "HEAD") {
        connection.write(
            fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nLast-Modified: Wed, "
                        "12 Oct 2009 17:50:00 GMT\r\n\r\n",
                        length));
      } else {
        connection.answer(200, "", headers);
      }
      return true;
    });
    const auto done = open(server)->put("k", "x");
    return done ? std::string("stored") : std::string(to_string(done.error().code));
  };
  const std::string other = "ETag: \"00000000000000000000000000000000\"\r\n";
  const std::string kms = "x-amz-server-side-encryption: aws:kms\r\n";
  EXPECT_EQ(put("ETag: \"9dd4e461268c8034f5c8564e155c67a6\"\r\n", "0"), "stored");
  EXPECT_EQ(put(other, "1"), "corruption");
  EXPECT_EQ(put(other + kms, "1"), "stored");  // No MD5 there: the length decides.
  EXPECT_EQ(put(other + kms, "2"), "corruption");
  EXPECT_EQ(put("ETag: \"opaque\"\r\n", "1"), "stored");
  EXPECT_EQ(put("", "2"), "corruption");
}

TEST_F(S3Store, TakesNoOtherRangeThanItAskedFor) {
  const auto get = [&](int status, const std::string& body, const std::string& headers) {
    TestServer server([&](const Request&, Connection& connection) {
      connection.answer(status, body, headers);
      return true;
    });
    const auto bytes = open(server)->get("k", {2, 3});
    return bytes ? *bytes : std::string(to_string(bytes.error().code));
  };
  EXPECT_EQ(get(206, "cde", "Content-Range: bytes 2-4/9\r\n"), "cde");
  EXPECT_EQ(get(206, "cd", "Content-Range: bytes 2-3/4\r\n"), "corruption");
  EXPECT_EQ(get(206, "cd", "Content-Range: bytes 2-4/9\r\n"),
            "unavailable");  // Cut off, each time.
  EXPECT_EQ(get(206, "cdef", ""), "corruption");
  EXPECT_EQ(get(200, "abc", ""), "corruption");
  EXPECT_EQ(get(200, std::string(100'000, 'x'), ""), "corruption");
  EXPECT_EQ(get(416, error_xml("InvalidRange"), ""), "corruption");
}

TEST_F(S3Store, EndsAListThatDoesNotGetOn) {
  const std::string object =
      "<Contents><Key>team/a</Key><Size>1</Size>"
      "<LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents>";
  const auto list = [&](const std::string& inside, std::string_view after) {
    TestServer server([&](const Request&, Connection& connection) {
      connection.answer(200, "<ListBucketResult>" + inside + "</ListBucketResult>");
      return true;
    });
    const auto page = open(server)->list("", after, 10);
    return page ? std::string("page") : std::string(to_string(page.error().code));
  };
  const std::string more = "<IsTruncated>true</IsTruncated>";
  EXPECT_EQ(list(object, ""), "page");
  EXPECT_EQ(list(more + object, ""), "page");
  EXPECT_EQ(list(more + object, "a"), "parse");
  EXPECT_EQ(list(more, ""), "parse");
  EXPECT_EQ(list("<Contents><Key>other/a</Key><Size>1</Size><LastModified>2009-10-12T17:50:30Z"
                 "</LastModified></Contents>",
                 ""),
            "parse");
}

TEST_F(S3Store, RepeatsTheKeysThatTheServiceWasTooBusyToDelete) {
  std::atomic<int> requests{0};
  TestServer server([&](const Request& request, Connection& connection) {
    ++requests;
    const bool is_first = request.body.find("team/b") != std::string::npos;
    connection.answer(200, is_first ? "<DeleteResult><Error><Key>team/a</Key><Code>InternalError"
                                      "</Code></Error></DeleteResult>"
                                    : "<DeleteResult/>");
    return true;
  });
  const std::vector<std::string> keys = {"a", "b"};
  EXPECT_TRUE(open(server)->remove(keys));
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(server.requests().at(1).body,
            "<Delete><Quiet>true</Quiet><Object><Key>team/a</Key></Object></Delete>");
}

TEST_F(S3Store, ReportsTheKeyThatItMayNotDelete) {
  TestServer server([&](const Request&, Connection& connection) {
    connection.answer(200,
                      "<DeleteResult><Error><Key>team/a</Key><Code>AccessDenied</Code><Message>no"
                      "</Message></Error></DeleteResult>");
    return true;
  });
  const std::vector<std::string> keys = {"a", "b"};
  const auto done = open(server)->remove(keys);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(done.error().message, HasSubstr("AccessDenied"));
}

// --- Multipart -----------------------------------------------------------------------------------

TEST(PartSize, IsSoLargeThatAFileFits) {
  constexpr std::uint64_t kMiB = 1U << 20U;
  EXPECT_EQ(part_size_for(0, 16 * kMiB), 16 * kMiB);
  EXPECT_EQ(part_size_for(100'000 * kMiB, 16 * kMiB), 16 * kMiB);
  for (const std::uint64_t size : {200'000 * kMiB, 5'000'000 * kMiB, 160'000 * kMiB + 1}) {
    const std::uint64_t part = part_size_for(size, 16 * kMiB);
    EXPECT_LE((size + part - 1) / part, kPartsMax);
  }
}

TEST_F(S3Store, GivesUpWhenPartsCannotBePutTogether) {
  TestServer server([&](const Request& request, Connection& connection) {
    if (request.target.find("uploads=") != std::string::npos) {
      connection.answer(200,
                        "<InitiateMultipartUploadResult><UploadId>U&amp;1</UploadId>"
                        "</InitiateMultipartUploadResult>");
    } else if (request.method == "POST") {
      connection.answer(200, error_xml("InternalError"));  // S3 may say so after "200 OK".
    } else {
      connection.answer(request.method == "DELETE" ? 204 : 200, "");
    }
    return true;
  });
  io::FaultFileSystem disk;
  disk.set_contents("/f", std::string(17U << 20U, 'x'));
  const auto file = *disk.open("/f", io::OpenMode::kRead);
  const auto done = open(server)->put_file("f", *file);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(server.requests().back().method, "DELETE");
  EXPECT_EQ(server.requests().back().target, "/logs/team/f?uploadId=U%261");
}

// --- Options -------------------------------------------------------------------------------------

TEST(S3Options, AreCheckedBeforeAnybodyIsAsked) {
  const auto open = [](const std::string& bucket, const std::string& prefix,
                       const std::string& endpoint, const std::string& region) {
    S3Options options;
    options.bucket = bucket;
    options.prefix = prefix;
    options.endpoint = endpoint;
    options.region = region;
    const auto store = S3ObjectStore::open(options);
    return store ? std::string("fine") : store.error().message;
  };
  EXPECT_EQ(open("logs", "a/b", "http://minio:9000", "eu"), "fine");
  EXPECT_THAT(open("s3://logs", "", "", "eu"), HasSubstr("bucket name"));
  EXPECT_THAT(open("lo", "", "", "eu"), HasSubstr("bucket name"));
  EXPECT_THAT(open("logs", "../x", "", "eu"), HasSubstr("prefix"));
  EXPECT_THAT(open("logs", "", "minio:9000", "eu"), HasSubstr("storage.s3_endpoint"));
  EXPECT_THAT(open("logs", "", "", "eu/west"), HasSubstr("region"));
}

std::string url_of(const S3Options& options, std::string_view region) {
  const auto address = Address::of(options, region);
  EXPECT_TRUE(address);
  return address->url(address->object_path("k y"), "");
}

TEST(Addresses, AreThoseOfTheService) {
  S3Options options;
  options.bucket = "logs";
  EXPECT_EQ(url_of(options, "eu-west-1"), "https://logs.s3.eu-west-1.amazonaws.com/k%20y");
  EXPECT_EQ(url_of(options, "cn-north-1"), "https://logs.s3.cn-north-1.amazonaws.com.cn/k%20y");
  options.force_path_style = true;
  options.prefix = "a/b/";
  EXPECT_EQ(url_of(options, "eu-west-1"), "https://s3.eu-west-1.amazonaws.com/logs/a/b/k%20y");
  options.force_path_style = false;
  options.endpoint = "https://account.r2.cloudflarestorage.com";
  EXPECT_EQ(url_of(options, "auto"), "https://logs.account.r2.cloudflarestorage.com/a/b/k%20y");
  options.endpoint = "http://10.0.0.1:9000/base";  // No name can stand before an address.
  EXPECT_EQ(url_of(options, "x"), "http://10.0.0.1:9000/base/logs/a/b/k%20y");
  options.endpoint = "https://s3.example.com";
  options.bucket = "my.logs";  // No certificate is for two names before the service's.
  EXPECT_EQ(url_of(options, "x"), "https://s3.example.com/my.logs/a/b/k%20y");
}

TEST(Backoffs, DoubleAndVary) {
  using std::chrono::milliseconds;
  const auto length = [](int attempt, std::uint64_t random) {
    return Backoff::length(attempt, milliseconds(100), milliseconds(5'000), random);
  };
  EXPECT_EQ(length(1, 0), milliseconds(50));
  EXPECT_EQ(length(1, 50), milliseconds(100));
  EXPECT_EQ(length(3, 0), milliseconds(200));
  EXPECT_EQ(length(1'000, 2'500), milliseconds(5'000));
  for (std::uint64_t random = 0; random < 1'000; ++random) {
    EXPECT_LE(length(2, random), milliseconds(200));
  }
}

TEST(ETags, AreComparedOnlyWhereTheyAreChecksums) {
  const std::vector<Md5> parts = {md5("a"), md5("b")};
  EXPECT_EQ(
      multipart_etag(parts),
      to_hex(as_text(md5(std::string(as_text(md5("a"))) + std::string(as_text(md5("b")))))) + "-2");
  const std::string ours = to_hex(as_text(md5("a")));
  const std::string theirs = to_hex(as_text(md5("b")));
  EXPECT_EQ(match_etag(ours, ours, {}), Match::kSame);
  EXPECT_EQ(match_etag(theirs, ours, {}), Match::kDifferent);
  EXPECT_EQ(match_etag(theirs + "-2", ours, {}), Match::kUnknown);
  EXPECT_EQ(match_etag(theirs + "-2", ours + "-2", {}), Match::kDifferent);
  EXPECT_EQ(match_etag("", ours, {}), Match::kUnknown);
}

}  // namespace
}  // namespace lynxdb::s3
