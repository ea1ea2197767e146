// What an S3 store makes of a service and a network at their worst: what passes is outlasted, what
// does not is said in words, and whatever was reported as stored is there. A real service behind a
// proxy that breaks things (fault_proxy.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "io/fault_file.h"
#include "s3/fault_proxy.h"
#include "s3/test_bucket.h"

namespace lynxdb::s3 {
namespace {

using testing::Fault;
using testing::FaultProxy;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::open_store;
using testing::Request;
using testing::test_endpoint;
using testing::test_options;

template <typename T>
Error error_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? Error{} : result.error();
}

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// The `count` first of the requests that `wanted` picks fail in this way.
template <typename Wanted>
FaultProxy::Plan first(int count, Fault fault, Wanted wanted) {
  return [count, fault, wanted](const Request& request) mutable {
    if (!wanted(request) || count == 0) return Fault::kNone;
    --count;
    return fault;
  };
}
FaultProxy::Plan first(int count, Fault fault) {
  return first(count, fault, [](const Request&) { return true; });
}

bool has(const Request& request, std::string_view method, std::string_view in_target) {
  return request.method == method && request.target.find(in_target) != std::string::npos;
}

class S3Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test_endpoint()) GTEST_SKIP() << "runs under tests/s3/radosgw.sh";
    proxy_ = std::make_unique<FaultProxy>(test_endpoint()->substr(std::string("http://").size()));
    options_ = test_options(proxy_->url());
    store_ = open_store(options_);
  }
  FaultProxy& proxy() { return *proxy_; }
  io::ObjectStore& store() { return *store_; }
  void reopen() { store_ = open_store(options_); }

  // What is really there, past the proxy.
  std::string stored(const std::string& key) {
    S3Options options = options_;
    options.endpoint = *test_endpoint();
    const auto direct = open_store(options);
    const auto info = direct->head(key);
    if (!info) return "nothing: " + info.error().message;
    return *direct->get(key, {0, info->size_bytes});
  }
  std::unique_ptr<io::File> file_of(std::string_view bytes) {
    disk_.set_contents("/file", bytes);
    return *disk_.open("/file", io::OpenMode::kRead);
  }
  // Every kind of operation once.
  void use_everything() {
    ASSERT_TRUE(store().put("k", "content"));
    EXPECT_EQ(*store().get("k", {0, 7}), "content");
    EXPECT_EQ(store().head("k")->size_bytes, 7U);
    EXPECT_EQ(store().list("")->objects.size(), 1U);
    const std::vector<std::string> keys = {"k"};
    EXPECT_TRUE(store().remove(keys));
    EXPECT_EQ(error_of(store().head("k")).code, ErrorCode::kNotFound);
  }

  std::unique_ptr<FaultProxy> proxy_;
  S3Options options_;
  std::unique_ptr<S3ObjectStore> store_;
  io::FaultFileSystem disk_;
};

// --- What passes ---------------------------------------------------------------------------------

TEST_F(S3Faults, ThatPassAreOutlasted) {
  for (const Fault fault : {Fault::kSlowDown, Fault::kInternalError, Fault::kReset,
                            Fault::kLostAnswer, Fault::kCutAnswer}) {
    SCOPED_TRACE(static_cast<int>(fault));
    // Each request fails twice: a target and method is new when it came an even number of times.
    std::map<std::string, int> seen;
    proxy().set_plan([seen, fault](const Request& request) mutable {
      return seen[request.method + request.target]++ % 3 < 2 ? fault : Fault::kNone;
    });
    use_everything();
  }
  EXPECT_GT(store().stats().retries, 20U);
  EXPECT_EQ(store().stats().errors, 0U);
}

TEST_F(S3Faults, OfAServiceThatStaysBusyAreReportedInTime) {
  options_.attempts_max = 3;
  reopen();
  proxy().set_plan(first(1'000, Fault::kSlowDown));
  const Error busy = error_of(store().put("k", "x"));
  EXPECT_EQ(busy.code, ErrorCode::kUnavailable);
  EXPECT_THAT(busy.message, HasSubstr("503 SlowDown"));
  EXPECT_EQ(proxy().requests().size(), 3U);
  EXPECT_EQ(store().stats().errors, 1U);
}

TEST_F(S3Faults, OfAServiceThatIsGoneAreReported) {
  options_.endpoint = "http://127.0.0.1:1";
  options_.attempts_max = 2;
  reopen();
  EXPECT_EQ(error_of(store().get("k", {0, 1})).code, ErrorCode::kUnavailable);
}

TEST_F(S3Faults, ThatCutAnAnswerNeverShortenWhatIsRead) {
  const std::string content = noise(300'000);
  ASSERT_TRUE(store().put("k", content));
  proxy().set_plan(first(3, Fault::kCutAnswer));
  const auto read = store().get("k", {1'000, 200'000});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(*read == content.substr(1'000, 200'000));
  EXPECT_EQ(store().stats().retries, 3U);
}

TEST_F(S3Faults, OfSilenceEndInATimeOut) {
  options_.stall_max = std::chrono::seconds(1);
  options_.attempts_max = 2;
  reopen();
  proxy().set_delay(std::chrono::milliseconds(3'000));
  proxy().set_plan(first(2, Fault::kHang));
  const Error silent = error_of(store().put("k", "applied all the same"));
  EXPECT_EQ(silent.code, ErrorCode::kTimeout);
  EXPECT_EQ(stored("k"), "applied all the same");
}

TEST_F(S3Faults, OfSilenceAreOutlasted) {
  options_.stall_max = std::chrono::seconds(1);
  reopen();
  proxy().set_delay(std::chrono::milliseconds(3'000));
  proxy().set_plan(first(1, Fault::kHang));
  EXPECT_TRUE(store().put("k", "x"));
  EXPECT_EQ(store().stats().retries, 1U);
}

TEST_F(S3Faults, OfSilenceDoNotDelayACancel) {
  proxy().set_delay(std::chrono::milliseconds(6'000));
  proxy().set_plan(first(1, Fault::kHang));
  std::thread caller(
      [&] { EXPECT_EQ(error_of(store().get("k", {0, 1})).code, ErrorCode::kCancelled); });
  while (proxy().requests().empty()) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  store().cancel();
  caller.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

TEST_F(S3Faults, DoNotDelayACancel) {
  options_.attempts_max = 1'000;
  options_.backoff_max = std::chrono::seconds(60);
  options_.backoff_first = std::chrono::seconds(60);
  reopen();
  proxy().set_plan(first(1'000, Fault::kSlowDown));
  std::thread caller(
      [&] { EXPECT_EQ(error_of(store().put("k", "x")).code, ErrorCode::kCancelled); });
  while (proxy().requests().empty()) std::this_thread::yield();
  const auto begin = std::chrono::steady_clock::now();
  store().cancel();
  caller.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// --- Multipart -----------------------------------------------------------------------------------

class S3MultipartFaults : public S3Faults {
 protected:
  static constexpr std::size_t kBytes = 11'000'000;  // Three parts.
};

TEST_F(S3MultipartFaults, InAnyOfItsRequestsAreOutlasted) {
  const std::string content = noise(kBytes);
  const auto file = file_of(content);
  for (const Fault fault :
       {Fault::kSlowDown, Fault::kReset, Fault::kLostAnswer, Fault::kCutAnswer}) {
    SCOPED_TRACE(static_cast<int>(fault));
    for (const std::string_view target : {"uploads=", "partNumber=2", "?uploadId="}) {
      SCOPED_TRACE(target);
      proxy().set_plan(first(1, fault, [target](const Request& request) {
        return request.target.find(target) != std::string::npos;
      }));
      const auto done = store().put_file("f", *file);
      ASSERT_TRUE(done) << done.error().message;
    }
  }
  EXPECT_TRUE(stored("f") == content);
}

TEST_F(S3MultipartFaults, ThatLoseTheLastAnswerLoseNothing) {
  const std::string content = noise(kBytes);
  const auto file = file_of(content);
  proxy().set_plan(first(1, Fault::kLostAnswer, [](const Request& request) {
    return has(request, "POST", "?uploadId=");
  }));
  const auto done = store().put_file("f", *file);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(stored("f") == content);
}

TEST_F(S3MultipartFaults, ThatStayLeaveNothingBehind) {
  options_.attempts_max = 2;
  reopen();
  const auto file = file_of(noise(kBytes));
  proxy().set_plan(first(1'000, Fault::kSlowDown, [](const Request& request) {
    return has(request, "PUT", "partNumber=2");
  }));
  EXPECT_EQ(error_of(store().put_file("f", *file)).code, ErrorCode::kUnavailable);
  const Request last = proxy().requests().back();
  EXPECT_TRUE(has(last, "DELETE", "?uploadId=")) << last.method << " " << last.target;
  EXPECT_THAT(stored("f"), HasSubstr("nothing"));
}

TEST_F(S3MultipartFaults, OfTheDiskGiveUpTheUpload) {
  const auto file = file_of(noise(kBytes));
  proxy().set_plan([&](const Request& request) {
    if (has(request, "PUT", "partNumber=1")) disk_.crash();  // Its open files are dead.
    return Fault::kNone;
  });
  EXPECT_EQ(error_of(store().put_file("f", *file)).code, ErrorCode::kIo);
  EXPECT_TRUE(has(proxy().requests().back(), "DELETE", "?uploadId="));
  EXPECT_THAT(stored("f"), HasSubstr("nothing"));
}

// --- What does not pass --------------------------------------------------------------------------

class S3Refusals : public S3Faults {
 protected:
  static S3ObjectStore::Machine machine_with(const std::string& id, const std::string& secret) {
    S3ObjectStore::Machine machine;
    machine.environment = [=](const std::string& name) -> std::optional<std::string> {
      if (name == "AWS_ACCESS_KEY_ID") return id;
      if (name == "AWS_SECRET_ACCESS_KEY") return secret;
      return std::nullopt;
    };
    return machine;
  }
};

TEST_F(S3Refusals, OfAWrongSecretSaySoAndDoNotShowIt) {
  const std::string id = *process_environment()("AWS_ACCESS_KEY_ID");
  const auto store = open_store(options_, machine_with(id, "not-the-secret"));
  for (const Error& refused : {error_of(store->put("k", "x")), error_of(store->get("k", {0, 1})),
                               error_of(store->list("", "", 1))}) {
    EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.message, HasSubstr("SignatureDoesNotMatch"));
    EXPECT_THAT(refused.message, Not(HasSubstr("not-the-secret")));
    EXPECT_THAT(refused.suggestion, HasSubstr("secret key"));
  }
  EXPECT_EQ(error_of(store->head("k")).code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(stored("k"), HasSubstr("nothing"));
}

TEST_F(S3Refusals, OfAnUnknownKeyComeAtOnce) {
  const auto store = open_store(options_, machine_with("NOBODY", "secret"));
  const Error refused = error_of(store->put("k", "x"));
  EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.suggestion, HasSubstr("access key"));
  EXPECT_LE(proxy().requests().size(), 2U);
}

TEST_F(S3Refusals, OfABucketThatIsNotThereNameIt) {
  options_.bucket = "no-such-bucket";
  reopen();
  for (const Error& refused : {error_of(store().put("k", "x")), error_of(store().get("k", {0, 1})),
                               error_of(store().list("", "", 1))}) {
    EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.message, HasSubstr("\"no-such-bucket\""));
    EXPECT_THAT(refused.suggestion, HasSubstr("storage.s3_bucket"));
  }
}

TEST_F(S3Refusals, OfAnUntrustedCertificateSayWhereToAddIt) {
  options_.endpoint = *process_environment()("LYNXDB_S3_TEST_TLS_ENDPOINT");
  S3ObjectStore::Machine machine;
  machine.environment = [](const std::string& name) {
    return name == "AWS_CA_BUNDLE" ? std::nullopt : process_environment()(name);
  };
  const Error refused = error_of(open_store(options_, machine)->put("k", "x"));
  EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.suggestion, HasSubstr("AWS_CA_BUNDLE"));

  machine.environment = [](const std::string& name) {
    return process_environment()(name == "AWS_CA_BUNDLE" ? "LYNXDB_S3_TEST_CA" : name);
  };
  const auto trusting = open_store(options_, machine);
  const auto done = trusting->put("k", "over TLS");
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(*trusting->get("k", {5, 3}), "TLS");
  EXPECT_EQ(stored("k"), "over TLS");
}

TEST_F(S3Refusals, OfAWrongClockAreMendedByTheServicesOwn) {
  base::ManualClock clock(base::real_clock().wall_ns() - 7'200'000'000'000);
  S3ObjectStore::Machine machine;
  machine.clock = &clock;
  const auto store = open_store(options_, machine);
  EXPECT_TRUE(store->put("k", "x"));
  EXPECT_EQ(store->stats().retries, 1U);
  EXPECT_TRUE(store->put("k", "y"));
  EXPECT_EQ(store->stats().retries, 1U);
}

}  // namespace
}  // namespace lynxdb::s3
