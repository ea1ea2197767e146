// A query that nobody waits for any more ends soon: it is cancelled when its client leaves, its
// time is over or the server stops, reads nothing further, and gives its place back.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "tests/server/store_server.h"

namespace lynxdb::tests {
namespace {

using server::testing::post;
using server::testing::RawClient;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kQuery = "/api/v1/query";
constexpr const char* kStream = "/api/v1/query/stream";

class QueryCancel : public ::testing::Test {
 protected:
  // Events of several segments and row groups.
  void ingest(int events, int batches = 1, std::size_t pad = 0) {
    for (int batch = 0; batch < batches; ++batch) {
      std::string lines;
      for (int i = batch; i < events; i += batches) {
        lines += "{\"time\":" + std::to_string(StoreServer::kNow / 1'000'000 - i * 10LL) +
                 ",\"n\":" + std::to_string(i * 7919LL % 1'000'003) + ",\"k\":\"key" +
                 std::to_string(i % 997) + "\",\"text\":\"" + std::string(pad, 'x') +
                 " id=" + std::to_string(i * 104'729LL % 9'999'991) + "\"}\n";
        if (lines.size() < 8'000'000 && i + batches < events) continue;
        const auto answer = server_.client().ask(post("/api/v1/ingest/raw", lines));
        ASSERT_EQ(answer.status, 200) << answer.body;
        lines.clear();
      }
      ASSERT_TRUE(server_.store().flush_now());
    }
  }

  static void send(RawClient& client, const std::string& path, const std::string& query,
                   const std::string& more = "") {
    std::string quoted;
    event::append_json_string(query, quoted);
    client.send(post(path, "{\"q\":" + quoted + more + "}"));
  }

  // A query that has read a little and waits for more.
  void send_and_stop(RawClient& client, const std::string& path, const std::string& query,
                     const std::string& more = "") {
    server_.gate().close_after(12);
    send(client, path, query, more);
    await([&] { return server_.gate().waiting() > 0; });
  }
  // Lets it go on: hardly anything more is read, and it is over.
  void expect_it_ends() {
    const std::uint64_t passed = server_.gate().passed();
    server_.gate().open();
    await([&] { return server_.metric("queries_running") == 0; });
    EXPECT_LE(server_.gate().passed() - passed, 4U);
  }

  template <typename Condition>
  static void await(Condition condition) {
    const auto deadline = steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
      ASSERT_LT(steady_clock::now(), deadline);
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  std::int64_t cancelled() { return server_.metric("query_failures_total{reason=\"cancelled\"}"); }
  // Until the query runs, and is over.
  void await_run(RawClient& client, const std::string& query) {
    send(client, kQuery, query);
    EXPECT_EQ(client.read_response().status, 200) << query;
  }
  // The server has noticed that the client is gone when only the one who asks is there.
  void await_alone() {
    await([&] { return server_.metric("http_connections") <= 1; });
  }

  StoreServer server_{[] {}, 64};
};

TEST_F(QueryCancel, EndsAQueryWhoseClientLeaves) {
  ASSERT_NO_FATAL_FAILURE(ingest(2'000, 4));
  for (const char* path : {kQuery, kStream}) {
    for (const char* query : {"| table n", "| stats count, sum(n) by k", "| sort n",
                              "| dedup k | join k [stats count by k]"}) {
      SCOPED_TRACE(std::string(path) + " " + query);
      RawClient client = server_.client();
      ASSERT_NO_FATAL_FAILURE(send_and_stop(client, path, query));
      client.close();
      ASSERT_NO_FATAL_FAILURE(await_alone());
      ASSERT_NO_FATAL_FAILURE(expect_it_ends());
    }
  }
}

TEST_F(QueryCancel, EndsAStreamThatNobodyReads) {
  ASSERT_NO_FATAL_FAILURE(ingest(2'000, 2, 8'000));
  RawClient client = server_.client();
  send(client, kStream, "| table n, text");
  ASSERT_TRUE(client.read_more(steady_clock::now() + std::chrono::seconds(20)));
  // It waits for its client: the answer is larger than what sockets and queues hold.
  EXPECT_EQ(server_.metric("queries_running"), 1);
  client.close();
  ASSERT_NO_FATAL_FAILURE(await([&] { return server_.metric("queries_running") == 0; }));
  EXPECT_EQ(cancelled(), 1);
}

TEST_F(QueryCancel, EndsAQueryWhoseTimeIsOver) {
  ASSERT_NO_FATAL_FAILURE(ingest(2'000, 4));
  RawClient client = server_.client();
  ASSERT_NO_FATAL_FAILURE(send_and_stop(client, kQuery, "| stats sum(n) by k", ",\"wait\":1"));
  std::this_thread::sleep_for(milliseconds(1'100));
  ASSERT_NO_FATAL_FAILURE(expect_it_ends());
  EXPECT_EQ(client.read_response().status, 408);
}

TEST_F(QueryCancel, StopsWithTheServer) {
  ASSERT_NO_FATAL_FAILURE(ingest(2'000, 4));
  RawClient client = server_.client();
  ASSERT_NO_FATAL_FAILURE(send_and_stop(client, kQuery, "| stats sum(n) by k"));
  const std::uint64_t passed = server_.gate().passed();
  std::thread stopping([&] { server_.stop(milliseconds(50)); });
  // The one that is stopped hears of it when it goes on; by then its connection is closed.
  EXPECT_TRUE(client.is_closed_within(std::chrono::seconds(30)));
  server_.gate().open();
  stopping.join();
  EXPECT_LE(server_.gate().passed() - passed, 4U);
}

TEST_F(QueryCancel, StopsAStreamThatNobodyReadsWithTheServer) {
  ASSERT_NO_FATAL_FAILURE(ingest(2'000, 2, 8'000));
  RawClient client = server_.client();
  send(client, kStream, "| table n, text");
  ASSERT_TRUE(client.read_more(steady_clock::now() + std::chrono::seconds(20)));
  server_.stop(milliseconds(50));
  EXPECT_TRUE(client.is_closed_within(std::chrono::seconds(30)));
}

// In the middle of what each operator does, a third into a full run of it.
TEST_F(QueryCancel, EndsEveryOperatorInItsMiddle) {
  ASSERT_NO_FATAL_FAILURE(ingest(20'000, 2, 20));
  int left_in_the_middle = 0;
  std::vector<std::int64_t> took_ms;
  for (const char* query :
       {"| sort text, n", "| stats values(text), avg(n) by k, n",
        "| rex \"id=(?P<id>[0-9]+)\" | dedup id", "| eventstats avg(n) by text",
        "| streamstats window=50 avg(n) by k", "| join k [stats dc(text) by k, n]",
        "| transaction text | stats count", "| top 5 text by k", "| table n | append [sort text]",
        "| fillnull | reverse", "| timechart span=1s avg(n) by k"}) {
    SCOPED_TRACE(query);
    const auto began = steady_clock::now();
    RawClient patient = server_.client();
    ASSERT_NO_FATAL_FAILURE(await_run(patient, std::string(query) + " | stats count"));
    const auto full = steady_clock::now() - began;

    RawClient client = server_.client();
    send(client, kQuery, query);
    std::this_thread::sleep_for(full / 3);
    if (server_.metric("queries_running") == 1) ++left_in_the_middle;
    const auto left = steady_clock::now();
    client.close();
    ASSERT_NO_FATAL_FAILURE(await([&] { return server_.metric("queries_running") == 0; }));
    took_ms.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - left).count());
  }
  std::sort(took_ms.begin(), took_ms.end());
  std::cout << cancelled() << " cancelled of " << left_in_the_middle
            << " that ran; ended after ms: p50 " << took_ms[took_ms.size() / 2] << " max "
            << took_ms.back() << "\n";
  // Some end by themselves just then.
  EXPECT_GE(left_in_the_middle, 6);
  EXPECT_GE(cancelled(), left_in_the_middle / 2);
}

}  // namespace
}  // namespace lynxdb::tests
