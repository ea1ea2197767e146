// kill -9 at any moment of ingest, flush, compaction and retention: every event that was
// acknowledged is there once after the restart, and nothing that was never sent. LYNXDB_KILL_ROUNDS
// sets how often it is killed (100 in the long run, fewer by default).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <thread>

#include "server/exactly_once.h"
#include "server/server_process.h"
#include "support/metrics_page.h"

namespace lynxdb::tests {
namespace {

// Segments go to the S3 service that the environment names (tests/s3/radosgw.sh), if it does.
void add_s3(std::vector<std::string>& flags) {
  const char* endpoint = std::getenv("LYNXDB_S3_TEST_ENDPOINT");
  if (endpoint == nullptr) return;
  const char* bucket = std::getenv("LYNXDB_S3_TEST_BUCKET");
  flags.insert(flags.end(),
               {"--storage.s3_endpoint", endpoint, "--storage.s3_bucket",
                bucket == nullptr ? "lynxdb-test" : bucket, "--storage.s3_prefix",
                "kill-" + std::to_string(::getpid()), "--storage.s3_force_path_style", "true"});
}

int rounds() {
  const char* text = std::getenv("LYNXDB_KILL_ROUNDS");
  return text == nullptr ? 12 : std::atoi(text);
}

constexpr std::int64_t kRetentionSeconds = 3650LL * 86'400;

std::string get(const std::string& url, const std::string& path) {
  client::HttpClient client({.servers = {url}});
  const auto response = client.send({.path = path, .total_max = std::chrono::seconds(30)});
  EXPECT_TRUE(response) << path;
  return response ? response->body : "";
}

// Sends events that retention takes away a second later: their segments are dropped all the time.
void send_ageing_events(const std::string& url, const std::atomic<bool>& stop) {
  client::HttpClient client({.servers = {url}});
  while (!stop.load()) {
    const std::int64_t time = std::time(nullptr) - kRetentionSeconds + 1;
    std::string body;
    for (int i = 0; i < 50; ++i)
      body += "{\"time\":" + std::to_string(time) + ",\"ageing\":" + std::to_string(i) + "}\n";
    const auto response = client.send({.method = "POST",
                                       .path = "/api/v1/ingest",
                                       .headers = {{"Content-Type", "application/x-ndjson"}},
                                       .body = body,
                                       .total_max = std::chrono::seconds(30)});
    if (!response) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TEST(Server, LosesAndDoublesNothingWhenItIsKilledAgainAndAgain) {
  const std::filesystem::path directory =
      std::filesystem::path(::testing::TempDir()) / ("lynxdb_kill_" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  ServerProcess::Options options{
      .binary = LYNXDB_BINARY,
      .data_directory = (directory / "data").string(),
      .log_path = (directory / "log").string(),
      // Small limits, so that there is always a flush or a compaction to die in.
      .flags = {"--retention", std::to_string(kRetentionSeconds) + "s", "--storage.flush_threshold",
                "256kb", "--storage.flush_idle_timeout", "200ms", "--storage.compaction_interval",
                "150ms", "--storage.wal_max_segment_size", "1mb", "--storage.row_group_size",
                "1000"}};

  add_s3(options.flags);
  std::mt19937 random(7);
  Ledger ledger;
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < 3; ++i) writers.push_back(std::make_unique<Writer>(i, ledger));

  std::int64_t dropped_segments = 0;
  for (int round = 0; round < rounds(); ++round) {
    auto server = ServerProcess::start(options);
    ASSERT_NE(server, nullptr) << "round " << round << ", see " << options.log_path;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (auto& writer : writers)
      threads.emplace_back([&, w = writer.get()] { w->run(server->url(), stop); });
    threads.emplace_back([&] { send_ageing_events(server->url(), stop); });
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(20, 900)(random)));
    dropped_segments +=
        value_on_page(get(server->url(), "/metrics"), "lynxdb_dropped_segments_total");
    server->kill();
    stop.store(true);
    for (std::thread& thread : threads) thread.join();
  }

  auto server = ServerProcess::start(options);
  ASSERT_NE(server, nullptr) << options.log_path;
  for (auto& writer : writers) writer->finish(server->url());
  // A slow disk or object store may leave the drops to the last life.
  const auto retention_worked = [&] {
    return dropped_segments +
                   value_on_page(get(server->url(), "/metrics"), "lynxdb_dropped_segments_total") >
               0 &&
           query_rows(server->url(), "ageing=* | stats count") ==
               std::vector<std::string>{"{\"count\":0}"};
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!retention_worked()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  expect_exactly_once(server->url(), ledger, random);
  EXPECT_EQ(server->stop(), 0);
  if (!HasFailure()) std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace lynxdb::tests
