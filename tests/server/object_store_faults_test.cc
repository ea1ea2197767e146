// The server whose object store misbehaves: a real S3 service behind a proxy that breaks things.
// Whatever it does, and whenever the server is killed meanwhile, every acknowledged event is found
// once, and no query answers less than everything. LYNXDB_FAULT_ROUNDS sets how often the server is
// killed, LYNXDB_OUTAGE_SECONDS how long the service is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "s3/fault_proxy.h"
#include "server/exactly_once.h"
#include "server/server_process.h"
#include "support/metrics_page.h"

namespace lynxdb::tests {
namespace {

using s3::testing::Fault;
using s3::testing::FaultProxy;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

int number_of(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

FaultProxy::Plan always(Fault fault) {
  return [fault](const s3::testing::Request&) { return fault; };
}

// Each request fails with this probability, in one of these ways.
FaultProxy::Plan some(double probability, std::vector<Fault> faults) {
  return [probability, faults = std::move(faults),
          random = std::mt19937(11)](const s3::testing::Request&) mutable {
    if (!std::bernoulli_distribution(probability)(random)) return Fault::kNone;
    return faults[random() % faults.size()];
  };
}

class ObjectStoreFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* endpoint = std::getenv("LYNXDB_S3_TEST_ENDPOINT");
    if (endpoint == nullptr) GTEST_SKIP() << "runs under tests/s3/radosgw.sh";
    const char* bucket = std::getenv("LYNXDB_S3_TEST_BUCKET");
    proxy_ =
        std::make_unique<FaultProxy>(std::string(endpoint).substr(std::string("http://").size()));
    const std::string name = std::to_string(::getpid()) + "-" +
                             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    directory_ = std::filesystem::path(::testing::TempDir()) / ("lynxdb_faults_" + name);
    std::filesystem::create_directories(directory_);
    options_ = {.binary = LYNXDB_BINARY,
                .data_directory = (directory_ / "data").string(),
                .log_path = (directory_ / "log").string(),
                .flags = {"--retention",
                          "0",
                          "--storage.flush_threshold",
                          "256kb",
                          "--storage.flush_idle_timeout",
                          "200ms",
                          "--storage.compaction_interval",
                          "300ms",
                          "--storage.wal_max_segment_size",
                          "1mb",
                          "--storage.row_group_size",
                          "1000",
                          "--storage.remote_fetch_timeout",
                          "500ms",
                          "--http.shutdown_timeout",
                          "2s",
                          "--storage.s3_endpoint",
                          proxy_->url(),
                          "--storage.s3_bucket",
                          bucket == nullptr ? "lynxdb-test" : bucket,
                          "--storage.s3_prefix",
                          "faults-" + name,
                          "--storage.s3_force_path_style",
                          "true"}};
    for (int i = 0; i < 3; ++i) writers_.push_back(std::make_unique<Writer>(i, ledger_));
  }
  void TearDown() override {
    stop_writing();
    server_.reset();
    if (!HasFailure() && !directory_.empty()) std::filesystem::remove_all(directory_);
  }

  void start() {
    server_ = ServerProcess::start(options_);
    ASSERT_NE(server_, nullptr) << "see " << options_.log_path;
  }
  void write_in_background() {
    stop_ = false;
    for (auto& writer : writers_)
      threads_.emplace_back([this, w = writer.get()] { w->run(server_->url(), stop_); });
  }
  void stop_writing() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void kill() {
    server_->kill();
    stop_writing();
  }
  void finish_batches() {
    stop_writing();
    for (auto& writer : writers_) writer->finish(server_->url());
  }
  client::Response get(const std::string& path) {
    client::HttpClient client({.servers = {server_->url()}});
    const auto response = client.send({.path = path, .total_max = seconds(30)});
    EXPECT_TRUE(response) << path;
    return response ? *response : client::Response{};
  }
  client::Response ask(const std::string& query) {
    client::HttpClient client({.servers = {server_->url()}});
    const std::string body = R"({"q":")" + query + R"("})";
    const auto response = client.send({.method = "POST",
                                       .path = "/api/v1/query",
                                       .headers = {{"Content-Type", "application/json"}},
                                       .body = body,
                                       .total_max = seconds(60)});
    EXPECT_TRUE(response) << query;
    return response ? *response : client::Response{};
  }
  std::int64_t metric(const std::string& name) {
    return value_on_page(get("/metrics").body, "lynxdb_" + name);
  }
  void expect_acknowledged(std::int64_t events) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(60);
    while (std::ssize(ledger_.acknowledged()) < events) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(milliseconds(10));
    }
  }
  void expect_uploads_end() {
    const auto deadline = std::chrono::steady_clock::now() + seconds(90);
    while (metric("memtable_events") > 0 || metric("pending_upload_segments") > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << get("/api/v1/status").body;
      std::this_thread::sleep_for(milliseconds(100));
    }
    ASSERT_NO_FATAL_FAILURE(expect_health("healthy"));
  }
  void expect_health(const std::string& health) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    while (get("/api/v1/status").body.find("\"health\":\"" + health) == std::string::npos) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << get("/api/v1/status").body;
      std::this_thread::sleep_for(milliseconds(100));
    }
  }

  std::unique_ptr<FaultProxy> proxy_;
  std::filesystem::path directory_;
  ServerProcess::Options options_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::unique_ptr<ServerProcess> server_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
  std::mt19937 random_{5};
};

TEST_F(ObjectStoreFaults, OfEveryKindLoseAndDoubleNothingWhileTheServerIsKilled) {
  proxy_->set_delay(milliseconds(900));  // Beyond the time-out.
  const int rounds = number_of("LYNXDB_FAULT_ROUNDS", 4);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    proxy_->set_plan(some(round % 4 == 3 ? 0.9 : 0.3,
                          {Fault::kSlowDown, Fault::kInternalError, Fault::kReset,
                           Fault::kLostAnswer, Fault::kCutAnswer, Fault::kHang, Fault::kLate,
                           Fault::kCutRequest, Fault::kShortBody, Fault::kWrongEtag}));
    ASSERT_NO_FATAL_FAILURE(start());
    write_in_background();
    std::this_thread::sleep_for(
        milliseconds(std::uniform_int_distribution<int>(300, 1'800)(random_)));
    kill();
  }
  proxy_->set_plan({});
  ASSERT_NO_FATAL_FAILURE(start());
  finish_batches();
  expect_exactly_once(server_->url(), ledger_, random_);
  ASSERT_NO_FATAL_FAILURE(expect_uploads_end());
  expect_exactly_once(server_->url(), ledger_, random_);
  EXPECT_EQ(server_->stop(), 0);
}

TEST_F(ObjectStoreFaults, OfAServiceThatIsGoneStopNeitherWritersNorQueries) {
  const int outage_ms = 1'000 * number_of("LYNXDB_OUTAGE_SECONDS", 3);
  ASSERT_NO_FATAL_FAILURE(start());
  proxy_->set_plan(always(Fault::kReset));
  for (int life = 0; life < 2; ++life) {
    write_in_background();
    std::this_thread::sleep_for(milliseconds(outage_ms / 2));
    if (life == 0) {
      kill();
      ASSERT_NO_FATAL_FAILURE(start());
    }
  }
  finish_batches();
  EXPECT_GT(std::ssize(ledger_.acknowledged()), metric("memtable_events"));
  EXPECT_GT(metric("pending_upload_segments"), 0);
  EXPECT_GT(metric("pending_upload_bytes"), 0);
  EXPECT_EQ(metric("flushes_total"), 0);
  // Three memtables at most: what is staged needs no memory.
  EXPECT_LT(metric("memtable_bytes"), 1'500'000);
  EXPECT_EQ(get("/health").status, 200);
  ASSERT_NO_FATAL_FAILURE(expect_health("degraded"));  // Once the first upload is given up.
  expect_exactly_once(server_->url(), ledger_, random_);

  proxy_->set_plan({});
  ASSERT_NO_FATAL_FAILURE(expect_uploads_end());
  EXPECT_GT(metric("flushes_total"), 1);
  expect_exactly_once(server_->url(), ledger_, random_);
  EXPECT_EQ(server_->stop(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "data" / "staging"));
}

TEST_F(ObjectStoreFaults, LeaveQueriesWithAnErrorRatherThanALowerCount) {
  ASSERT_NO_FATAL_FAILURE(start());
  write_in_background();
  ASSERT_NO_FATAL_FAILURE(expect_acknowledged(2'000));
  finish_batches();
  ASSERT_NO_FATAL_FAILURE(expect_uploads_end());
  ASSERT_EQ(server_->stop(), 0);
  std::filesystem::remove_all(directory_ / "data" / "cache");

  // Reads a column of every event.
  const std::string query = "| stats count by id | stats count";
  const std::string all = "[[" + std::to_string(ledger_.acknowledged().size()) + "]]";
  proxy_->set_plan(always(Fault::kReset));
  ASSERT_NO_FATAL_FAILURE(start());
  const client::Response lost = ask(query);
  EXPECT_EQ(lost.status, 503) << lost.body;
  EXPECT_THAT(lost.body, HasSubstr("object store"));

  proxy_->set_plan(some(0.5, {Fault::kShortBody, Fault::kWrongEtag, Fault::kCutAnswer}));
  for (int i = 0; i < 4; ++i) {
    const client::Response answer = ask(query);
    if (answer.status == 200) {
      EXPECT_THAT(answer.body, HasSubstr(all));
    } else {
      EXPECT_GE(answer.status, 500) << answer.body;
    }
  }
  proxy_->set_plan({});
  EXPECT_THAT(ask(query).body, HasSubstr(all));
}

TEST_F(ObjectStoreFaults, RefuseEventsOnceWhatWaitsReachesItsLimit) {
  options_.flags.insert(options_.flags.end(), {"--storage.staging_max_bytes", "1mb"});
  ASSERT_NO_FATAL_FAILURE(start());
  proxy_->set_plan(always(Fault::kReset));
  write_in_background();
  const auto deadline = std::chrono::steady_clock::now() + seconds(60);
  while (ledger_.last_refusal().body.find("storage.staging_max_bytes") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(ledger_.last_refusal().status, 429);
  EXPECT_NE(ledger_.last_refusal().header("retry-after"), "");
  proxy_->set_plan({});
  finish_batches();
  ASSERT_NO_FATAL_FAILURE(expect_uploads_end());
  expect_exactly_once(server_->url(), ledger_, random_);
}

}  // namespace
}  // namespace lynxdb::tests
