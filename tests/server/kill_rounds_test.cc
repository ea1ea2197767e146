// kill -9 at any moment of ingest, flush and compaction: every event that was acknowledged is there
// once after the restart, and nothing that was never sent. LYNXDB_KILL_ROUNDS sets how often it is
// killed (100 in the long run, fewer by default).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/mutex.h"
#include "server/server_process.h"

namespace lynxdb::tests {
namespace {

// What clients were told.
class Ledger {
 public:
  void acknowledged(const std::vector<std::string>& ids) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    acknowledged_.insert(ids.begin(), ids.end());
  }
  std::set<std::string> acknowledged() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return acknowledged_;
  }

 private:
  mutable base::Mutex mutex_;
  std::set<std::string> acknowledged_ GUARDED_BY(mutex_);
};

// Sends batch after batch; one without an answer is sent again, under its id, until it has one.
class Writer {
 public:
  Writer(int number, Ledger& ledger)
      : name_("w" + std::to_string(number)),
        random_(static_cast<unsigned>(number)),
        ledger_(ledger) {}

  void run(const std::string& url, const std::atomic<bool>& stop) {
    client::HttpClient client({.servers = {url}});
    while (!stop.load()) {
      if (ids_.empty()) next_batch();
      if (!send(client)) return;
    }
  }

  // Until the batch that is under way has its answer.
  void finish(const std::string& url) {
    client::HttpClient client({.servers = {url}});
    while (!ids_.empty() && send(client)) {
    }
    EXPECT_TRUE(ids_.empty()) << "batch " << batch_ << " of " << name_ << " got no answer";
  }

 private:
  void next_batch() {
    ++batch_;
    body_.clear();
    const int events = std::uniform_int_distribution<int>(1, 300)(random_);
    for (int i = 0; i < events; ++i) {
      ids_.push_back(name_ + "-" + std::to_string(batch_) + "-" + std::to_string(i));
      // Some of yesterday: flushes make segments of several days.
      const int day = std::uniform_int_distribution<int>(14, 16)(random_);
      body_ += "{\"time\":\"2026-01-" + std::to_string(day) +
               "T10:00:" + std::to_string(10 + i % 50) + "Z\",\"id\":\"" + ids_.back() +
               "\",\"message\":\"marker" + ids_.back() +
               " and some more text to fill the line\"}\n";
    }
  }

  // False when the server is gone.
  bool send(client::HttpClient& client) {
    const auto response =
        client.send({.method = "POST",
                     .path = "/api/v1/ingest",
                     .headers = {{"Content-Type", "application/x-ndjson"},
                                 {"X-LynxDB-Batch-Id", name_ + "-" + std::to_string(batch_)}},
                     .body = body_,
                     .total_max = std::chrono::seconds(30)});
    if (!response) return false;
    if (response->status == 200) {
      ledger_.acknowledged(ids_);
      ids_.clear();
    } else {
      EXPECT_TRUE(response->status == 429 || response->status == 503) << response->body;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  const std::string name_;
  std::mt19937 random_;
  Ledger& ledger_;
  int batch_ = 0;
  std::vector<std::string> ids_;  // Of the batch without an answer.
  std::string body_;
};

std::multiset<std::string> values_of(const std::vector<std::string>& rows) {
  std::multiset<std::string> values;
  for (const std::string& row : rows) {
    const std::size_t begin = row.find("\"id\":\"");
    if (begin == std::string::npos) continue;
    values.insert(row.substr(begin + 6, row.find('"', begin + 6) - begin - 6));
  }
  return values;
}

void expect_each_once(const std::multiset<std::string>& found, const std::set<std::string>& wanted,
                      const char* how) {
  std::size_t lost = 0;
  std::size_t doubled = 0;
  std::size_t phantoms = 0;
  for (const std::string& id : wanted) {
    const std::size_t n = found.count(id);
    lost += n == 0 ? 1 : 0;
    doubled += n > 1 ? 1 : 0;
  }
  for (const std::string& id : found) phantoms += wanted.contains(id) ? 0 : 1;
  EXPECT_EQ(lost, 0U) << how;
  EXPECT_EQ(doubled, 0U) << how;
  EXPECT_EQ(phantoms, 0U) << how;
}

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
  const std::set<std::string> wanted = ledger.acknowledged();
  EXPECT_FALSE(wanted.empty());
  expect_each_once(values_of(query_rows(server->url(), "| fields id")), wanted, "scan");
  const auto counted =
      query_rows(server->url(), "| stats count by id | where count != 1 | stats count");
  EXPECT_EQ(counted, std::vector<std::string>{"{\"count\":0}"});
  expect_each_once(values_of(query_rows(server->url(), "| stats count by id")), wanted, "stats");
  for (int i = 0; i < 20; ++i) {
    auto one = wanted.begin();
    std::advance(one, static_cast<long>(random() % wanted.size()));
    const auto rows = query_rows(server->url(), "\"marker" + *one + " and\" | stats count");
    EXPECT_EQ(rows, std::vector<std::string>{"{\"count\":1}"}) << *one;
  }
  EXPECT_EQ(server->stop(), 0);
  if (!HasFailure()) std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace lynxdb::tests
