// Every submitted task runs once, also when the queue is full.
#include "base/thread_pool.h"

#include <atomic>

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  std::atomic<int> runs{0};
  {
    ThreadPool pool(3, /*queue_max=*/2);
    for (int i = 0; i < 1000; ++i) pool.submit([&runs] { ++runs; });
  }
  EXPECT_EQ(runs, 1000);
}

}  // namespace
}  // namespace lynxdb::base
