// A query sees each event once, and all that there was when it began, whatever the store does while
// it runs: it is stopped in its middle - because its client does not read, or a segment does not
// come - while a step of flush, compaction, retention or garbage collection is taken, and goes on
// afterwards.
#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/store_server.h"

namespace lynxdb::tests {
namespace {

using server::testing::post;
using server::testing::RawClient;

// Events by their time, which no two of them share: `n` seconds before now. Newest first.
class Ledger {
 public:
  void add(int n) { numbers_.insert(std::lower_bound(numbers_.begin(), numbers_.end(), n), n); }
  const std::vector<int>& numbers() const { return numbers_; }

 private:
  std::vector<int> numbers_;
};

std::string rows(const std::vector<int>& numbers, const char* before, const char* after) {
  std::string text;
  for (const int n : numbers) text += before + std::to_string(n) + after + "\n";
  return text;
}

// A query and the rows that it gives for events of these numbers.
struct Form {
  std::string query;
  std::function<std::string(const std::vector<int>&)> answer;
};

std::string in_order(const std::vector<int>& numbers) { return rows(numbers, "{\"n\":", "}"); }

std::string counted(const std::vector<int>& numbers) {
  std::int64_t sum = 0;
  for (const int n : numbers) sum += n;
  const std::string count = std::to_string(numbers.size());
  return "{\"count\":" + count + ",\"sum(n)\":" + std::to_string(sum) + ",\"dc(n)\":" + count +
         "}\n";
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"| table n", in_order},
      {"| stats count, sum(n), dc(n)",
       [](const auto& numbers) {
         return numbers.empty() ? "{\"count\":0,\"sum(n)\":null,\"dc(n)\":0}\n" : counted(numbers);
       }},
      {"| stats count by n",
       [](const auto& numbers) { return rows(numbers, "{\"n\":", ",\"count\":1}"); }},
      {"marker n=* | table n | append [stats count AS n]",
       [](const auto& numbers) {
         return in_order(numbers) + "{\"n\":" + std::to_string(numbers.size()) + "}\n";
       }},
      {"| sort - n | table n",
       [](const auto& numbers) { return in_order({numbers.rbegin(), numbers.rend()}); }},
      {"| dedup n | join n [stats count by n] | table n, count",
       [](const auto& numbers) { return rows(numbers, "{\"n\":", ",\"count\":1}"); }},
  };
  return all;
}

// A query that was sent and whose answer was not read yet.
class Pending {
 public:
  Pending(StoreServer& server, const Form& form, std::vector<int> numbers)
      : form_(form), numbers_(std::move(numbers)), client_(server.client()) {
    client_.send(post("/api/v1/query/stream", "{\"q\":\"" + form.query + "\"}"));
  }

  void finish() {
    const auto answer = client_.read_response(false, std::chrono::minutes(1));
    SCOPED_TRACE(form_.query);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const std::size_t meta = answer.body.rfind("{\"__meta\"");
    ASSERT_NE(meta, std::string::npos) << answer.body;
    const std::string got = answer.body.substr(0, meta);
    const std::string wanted = form_.answer(numbers_);
    const auto differs = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
    EXPECT_EQ(got.size(), wanted.size());
    EXPECT_EQ(std::string(differs.first, got.end()).substr(0, 200),
              std::string(differs.second, wanted.end()).substr(0, 200));
  }
  RawClient& client() { return client_; }

 private:
  const Form& form_;
  const std::vector<int> numbers_;
  RawClient client_;
};

class QuerySteps : public ::testing::Test {
 protected:
  // Numbers [first, last) in steps, as one batch.
  void ingest(int first, int last, int step = 1, const std::string& pad = "") {
    std::string lines;
    for (int n = first; n < last; n += step) {
      const std::int64_t time_ms = (StoreServer::kNow / 1'000'000) - n * 1'000LL;
      lines += "{\"time\":" + std::to_string(time_ms) + ",\"n\":" + std::to_string(n) +
               ",\"text\":\"marker\",\"pad\":\"" + pad + "\"}\n";
      ledger_.add(n);
    }
    const auto answer = server_.client().ask(post("/api/v1/ingest/raw", lines));
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  // Asks what `form` says, and returns when the query is stopped in its middle, or done: nothing of
  // what it read comes from later.
  std::unique_ptr<Pending> start(const Form& form) {
    const std::int64_t begun = server_.metric("queries_total");
    const std::size_t waited = server_.gate().waiting();
    auto pending = std::make_unique<Pending>(server_, form, ledger_.numbers());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (server_.metric("queries_total") == begun ||
           (server_.gate().waiting() == waited &&
            server_.metric("queries_running") > static_cast<std::int64_t>(stopped_))) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "neither stopped nor done";
        break;
      }
      std::this_thread::yield();
    }
    stopped_ = static_cast<std::size_t>(server_.metric("queries_running"));
    return pending;
  }

  // Called in the middle of every step.
  void look() {
    if (!looks_) return;
    ++steps_;
    finish();
    if (HasFailure()) return;
    for (int i = 0; i < 2; ++i) {
      server_.gate().close_after(random_() % 9);
      pending_.push_back(start(forms()[form_++ % forms().size()]));
    }
    stopped_steps_ += stopped_ > 0 ? 1 : 0;
  }
  void finish() {
    server_.gate().open();
    for (const auto& pending : pending_) pending->finish();
    pending_.clear();
    stopped_ = 0;
    await_quiet();
  }
  void await_quiet() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (server_.metric("queries_running") > 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::yield();
    }
  }

  std::size_t objects() {
    const auto page = server_.real_objects().list("segments/", "", 1000);
    return page ? page->objects.size() : 0;
  }

  Ledger ledger_;
  std::mt19937 random_{11};
  bool looks_ = false;
  std::size_t form_ = 0;
  int steps_ = 0;
  int stopped_steps_ = 0;  // With a query that was really in its middle.
  std::size_t stopped_ = 0;
  StoreServer server_{[this] { look(); }};
  std::vector<std::unique_ptr<Pending>> pending_;  // Before the server.
};

TEST_F(QuerySteps, SeeEachEventOnceAtEveryStepOfFlushAndCompaction) {
  ASSERT_NO_FATAL_FAILURE(ingest(0, 300, 3));
  ASSERT_TRUE(server_.store().flush_now());
  looks_ = true;
  for (int round = 0; round < 4; ++round) {
    // What is new lies between and beside what is old.
    ASSERT_NO_FATAL_FAILURE(ingest(1 + round * 30, 31 + round * 30, 3));
    ASSERT_NO_FATAL_FAILURE(ingest(1'000 + round * 50, 1'050 + round * 50));
    ASSERT_TRUE(server_.store().flush_now());
    ASSERT_NO_FATAL_FAILURE(ingest(302 + round * 20, 322 + round * 20));
    ASSERT_TRUE(server_.store().maintain_now());
    ASSERT_FALSE(HasFailure());
  }
  looks_ = false;
  finish();
  EXPECT_GT(server_.store().stats().compactions, 2U);
  EXPECT_GT(steps_, 30);
  EXPECT_GT(stopped_steps_, steps_ / 2);
  ASSERT_TRUE(server_.store().maintain_now());
  EXPECT_GT(server_.store().stats().deleted_objects, 0U);
  for (const Form& form : forms()) start(form)->finish();
}

TEST_F(QuerySteps, KeepWhatTheySeeWhenRetentionDropsItAndOrphansAreCollected) {
  for (int batch = 0; batch < 5; ++batch) {
    ASSERT_NO_FATAL_FAILURE(ingest(batch, 500, 5));
    ASSERT_TRUE(server_.store().flush_now());
  }
  const std::string known = server_.real_objects().list("segments/", "", 1)->objects.front().key;
  const std::string orphan = known.substr(0, known.rfind('/')) + "/left-behind";
  ASSERT_TRUE(server_.real_objects().put(orphan, "x"));
  ASSERT_EQ(objects(), 6U);
  server_.gate().close_after(7);
  for (const Form& form : forms()) pending_.push_back(start(form));
  EXPECT_EQ(stopped_, forms().size());

  server_.clock().advance(std::chrono::hours(4));
  server_.clock().set_wall_ns(StoreServer::kNow + 4LL * 3600 * StoreServer::kSecond);
  ASSERT_TRUE(server_.store().maintain_now());  // Compaction.
  server_.store().set_retention({.all = std::chrono::hours(1), .by_index = {}});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(server_.store().maintain_now());
  EXPECT_EQ(server_.metric("segments"), 0);
  EXPECT_GT(server_.store().stats().dropped_segments, 0U);
  EXPECT_GE(objects(), 5U) << "somebody still reads them";
  EXPECT_FALSE(server_.real_objects().head(orphan)) << "nobody reads it";

  finish();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(server_.store().maintain_now());
  EXPECT_EQ(objects(), 0U) << "nobody reads them any more";
  Pending(server_, forms().front(), {}).finish();
}

// Here nothing but the client stops the query.
TEST_F(QuerySteps, GoOnWhenTheirClientReadsOnAfterFlushCompactionAndRetention) {
  const std::string pad(8'000, 'x');
  const Form form{"| table n, pad | append [stats count AS n]", [&](const auto& numbers) {
                    return rows(numbers, "{\"n\":", (",\"pad\":\"" + pad + "\"}").c_str()) +
                           "{\"n\":" + std::to_string(numbers.size()) + "}\n";
                  }};
  constexpr int kBatch = 100;
  constexpr int kBatches = 20;  // 16 MB: more than sockets and buffers hold.
  for (int batch = 0; batch < kBatches; ++batch) {
    ASSERT_NO_FATAL_FAILURE(ingest(batch * kBatch, (batch + 1) * kBatch, 1, pad));
    if (batch % 5 == 4) ASSERT_TRUE(server_.store().flush_now());
  }
  for (int i = 0; i < 2; ++i)
    pending_.push_back(std::make_unique<Pending>(server_, form, ledger_.numbers()));
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (const auto& pending : pending_) ASSERT_TRUE(pending->client().read_more(soon));

  ASSERT_NO_FATAL_FAILURE(ingest(kBatch * kBatches, kBatch * kBatches + 100));
  ASSERT_TRUE(server_.store().flush_now());
  ASSERT_TRUE(server_.store().maintain_now());
  EXPECT_GT(server_.store().stats().compactions, 0U);
  server_.clock().advance(std::chrono::hours(24));
  server_.clock().set_wall_ns(StoreServer::kNow + 24LL * 3600 * StoreServer::kSecond);
  server_.store().set_retention({.all = std::chrono::hours(1), .by_index = {}});
  ASSERT_TRUE(server_.store().maintain_now());
  EXPECT_EQ(server_.metric("segments"), 0);
  EXPECT_EQ(server_.metric("queries_running"), 2);
  finish();
}

}  // namespace
}  // namespace lynxdb::tests
