#include "server/exactly_once.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "server/server_process.h"

namespace lynxdb::tests {
namespace {

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

}  // namespace

Writer::Writer(int number, Ledger& ledger)
    : name_("w" + std::to_string(number)),
      random_(static_cast<unsigned>(number)),
      ledger_(ledger) {}

void Writer::run(const std::string& url, const std::atomic<bool>& stop) {
  client::HttpClient client({.servers = {url}});
  while (!stop.load()) {
    if (ids_.empty()) next_batch();
    if (!send(client)) return;
  }
}

void Writer::finish(const std::string& url) {
  client::HttpClient client({.servers = {url}});
  while (!ids_.empty() && send(client)) {
  }
  EXPECT_TRUE(ids_.empty()) << "batch " << batch_ << " of " << name_ << " got no answer";
}

void Writer::next_batch() {
  ++batch_;
  body_.clear();
  const int events = std::uniform_int_distribution<int>(1, 300)(random_);
  for (int i = 0; i < events; ++i) {
    ids_.push_back(name_ + "-" + std::to_string(batch_) + "-" + std::to_string(i));
    // Some of yesterday: flushes make segments of several days.
    const int day = std::uniform_int_distribution<int>(14, 16)(random_);
    body_ += "{\"time\":\"2026-01-" + std::to_string(day) +
             "T10:00:" + std::to_string(10 + i % 50) + "Z\",\"id\":\"" + ids_.back() +
             "\",\"message\":\"marker" + ids_.back() + " and some more text to fill the line\"}\n";
  }
}

bool Writer::send(client::HttpClient& client) {
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
    ledger_.refused(*response);
    EXPECT_TRUE(response->status == 429 || response->status == 503) << response->body;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

void expect_exactly_once(const std::string& url, const Ledger& ledger, std::mt19937& random) {
  const std::set<std::string> wanted = ledger.acknowledged();
  ASSERT_FALSE(wanted.empty());
  expect_each_once(values_of(query_rows(url, "| fields id")), wanted, "scan");
  const auto counted = query_rows(url, "| stats count by id | where count != 1 | stats count");
  EXPECT_EQ(counted, std::vector<std::string>{"{\"count\":0}"});
  expect_each_once(values_of(query_rows(url, "| stats count by id")), wanted, "stats");
  for (int i = 0; i < 20; ++i) {
    auto one = wanted.begin();
    std::advance(one, static_cast<long>(random() % wanted.size()));
    const auto rows = query_rows(url, "\"marker" + *one + " and\" | stats count");
    EXPECT_EQ(rows, std::vector<std::string>{"{\"count\":1}"}) << *one;
  }
}

}  // namespace lynxdb::tests
