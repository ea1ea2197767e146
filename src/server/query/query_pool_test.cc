// Every job is run or refused, once; no more run at a time than may; those that wait leave when
// their time is up or nobody wants them.
#include "server/query/query_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace lynxdb::server {
namespace {

using namespace std::chrono_literals;
using Refusal = QueryJob::Refusal;

struct Outcomes {
  std::atomic<int> ran{0};
  std::atomic<int> refused{0};
  std::atomic<int> running{0};
  std::atomic<int> running_max{0};
  std::atomic<Refusal> last{Refusal::kStopping};
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();

  // A job that runs until the gate opens or it is cancelled.
  QueryJobPtr job(std::chrono::milliseconds time = 60s) {
    const auto job = std::make_shared<QueryJob>();
    job->deadline = std::chrono::steady_clock::now() + time;
    job->run = [this, raw = job.get()] {
      const int now = ++running;
      int most = running_max;
      while (now > most && !running_max.compare_exchange_weak(most, now)) {
      }
      while (!raw->cancellation.cancelled() && open.wait_for(1ms) != std::future_status::ready) {
      }
      --running;
      ++ran;
    };
    job->refused = [this](Refusal why) {
      last = why;
      ++refused;
    };
    return job;
  }
};

bool wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

TEST(QueryPool, RunsAFewAtATimeAndRefusesWhatTheQueueCannotHold) {
  Outcomes outcomes;
  QueryPool pool(3, 5);
  for (int i = 0; i < 20; ++i) pool.submit(outcomes.job());
  ASSERT_TRUE(wait_until([&] { return pool.running() == 3; }));
  EXPECT_EQ(pool.waiting(), 5U);
  EXPECT_EQ(outcomes.refused, 12);
  EXPECT_EQ(outcomes.last, Refusal::kQueueFull);
  outcomes.gate.set_value();
  EXPECT_TRUE(wait_until([&] { return outcomes.ran == 8; }));
  EXPECT_EQ(outcomes.running_max, 3);
}

TEST(QueryPool, RefusesThoseThatWaitedTooLong) {
  Outcomes outcomes;
  QueryPool pool(1, 5);
  pool.submit(outcomes.job());
  ASSERT_TRUE(wait_until([&] { return pool.running() == 1; }));
  pool.submit(outcomes.job(50ms));
  EXPECT_TRUE(wait_until([&] { return outcomes.refused == 1; }));
  EXPECT_EQ(outcomes.last, Refusal::kWaitedTooLong);
  EXPECT_EQ(pool.waiting(), 0U);
  outcomes.gate.set_value();
}

TEST(QueryPool, DropsThoseThatNobodyWantsAnyMore) {
  Outcomes outcomes;
  QueryPool pool(1, 5);
  const QueryJobPtr first = outcomes.job();
  pool.submit(first);
  ASSERT_TRUE(wait_until([&] { return pool.running() == 1; }));
  const QueryJobPtr second = outcomes.job();
  pool.submit(second);
  second->cancellation.cancel();
  EXPECT_TRUE(wait_until([&] { return pool.waiting() == 0; }));
  first->cancellation.cancel();
  EXPECT_TRUE(wait_until([&] { return pool.running() == 0; }));
  EXPECT_EQ(outcomes.ran, 1);
  EXPECT_EQ(outcomes.refused, 0);
}

TEST(QueryPool, TakesNewLimits) {
  Outcomes outcomes;
  QueryPool pool(1, 0);
  pool.submit(outcomes.job());
  ASSERT_TRUE(wait_until([&] { return pool.running() == 1; }));
  pool.submit(outcomes.job());
  EXPECT_EQ(outcomes.refused, 1);
  pool.set_limits(3, 0);
  pool.submit(outcomes.job());
  pool.submit(outcomes.job());
  EXPECT_TRUE(wait_until([&] { return pool.running() == 3; }));
  outcomes.gate.set_value();
}

TEST(QueryPool, EndsEverythingWhenItStops) {
  Outcomes outcomes;
  QueryPool pool(2, 10);
  for (int i = 0; i < 6; ++i) pool.submit(outcomes.job());
  ASSERT_TRUE(wait_until([&] { return pool.running() == 2; }));
  pool.stop();
  // Those that had not begun yet are refused like those that waited: each is answered.
  EXPECT_EQ(outcomes.ran + outcomes.refused, 6);
  EXPECT_GE(outcomes.refused, 4);
  const int before = outcomes.refused;
  pool.submit(outcomes.job());
  EXPECT_EQ(outcomes.last, Refusal::kStopping);
  EXPECT_EQ(outcomes.refused, before + 1);
}

TEST(QueryPool, RunsOrRefusesEveryJobOfManyThreads) {
  Outcomes outcomes;
  outcomes.gate.set_value();
  constexpr int kThreads = 4;
  constexpr int kJobs = 500;
  {
    QueryPool pool(3, 10);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < kJobs; ++i) pool.submit(outcomes.job());
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(wait_until([&] { return pool.waiting() == 0 && pool.running() == 0; }));
  }
  EXPECT_EQ(outcomes.ran + outcomes.refused, kThreads * kJobs);
  EXPECT_LE(outcomes.running_max, 3);
}

}  // namespace
}  // namespace lynxdb::server
