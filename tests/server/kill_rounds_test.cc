// kill -9 at any moment of ingest, flush and compaction: every event that was acknowledged is there
// once after the restart, and nothing that was never sent. LYNXDB_KILL_ROUNDS sets how often it is
// killed (100 in the long run, fewer by default).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "server/exactly_once.h"
#include "server/server_process.h"

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

TEST(Server, LosesAndDoublesNothingWhenItIsKilledAgainAndAgain) {
  const std::filesystem::path directory =
      std::filesystem::path(::testing::TempDir()) / ("lynxdb_kill_" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  ServerProcess::Options options{
      .binary = LYNXDB_BINARY,
      .data_directory = (directory / "data").string(),
      .log_path = (directory / "log").string(),
      // Small limits, so that there is always a flush or a compaction to die in.
      .flags = {"--retention", "0", "--storage.flush_threshold", "256kb",
                "--storage.flush_idle_timeout", "200ms", "--storage.compaction_interval", "150ms",
                "--storage.wal_max_segment_size", "1mb", "--storage.row_group_size", "1000"}};

  add_s3(options.flags);
  std::mt19937 random(7);
  Ledger ledger;
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < 3; ++i) writers.push_back(std::make_unique<Writer>(i, ledger));

  for (int round = 0; round < rounds(); ++round) {
    auto server = ServerProcess::start(options);
    ASSERT_NE(server, nullptr) << "round " << round << ", see " << options.log_path;
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (auto& writer : writers)
      threads.emplace_back([&, w = writer.get()] { w->run(server->url(), stop); });
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::uniform_int_distribution<int>(20, 900)(random)));
    server->kill();
    stop.store(true);
    for (std::thread& thread : threads) thread.join();
  }

  auto server = ServerProcess::start(options);
  ASSERT_NE(server, nullptr) << options.log_path;
  for (auto& writer : writers) writer->finish(server->url());
  expect_exactly_once(server->url(), ledger, random);
  EXPECT_EQ(server->stop(), 0);
  if (!HasFailure()) std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace lynxdb::tests
