// Runs queries: a few at a time, the others wait in a bounded queue, each up to its deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "query/execution.h"

namespace lynxdb::server {

// One query that waits or runs.
struct QueryJob {
  enum class Refusal : std::uint8_t { kQueueFull, kWaitedTooLong, kStopping };

  std::chrono::steady_clock::time_point deadline;
  query::Cancellation cancellation;      // Set when nobody wants the answer any more.
  std::function<void()> run;             // On a thread of the pool; looks at `cancellation`.
  std::function<void(Refusal)> refused;  // Instead of run.
};
using QueryJobPtr = std::shared_ptr<QueryJob>;

// Thread-safe. Threads are made when they are needed and kept.
class QueryPool {
 public:
  QueryPool(std::size_t running_max, std::size_t waiting_max);
  ~QueryPool();  // stop()

  void set_limits(std::size_t running_max, std::size_t waiting_max) EXCLUDES(mutex_);
  // Exactly one of job->run and job->refused is called, perhaps within submit; neither for a job
  // that is cancelled while it waits.
  void submit(const QueryJobPtr& job) EXCLUDES(mutex_);

  std::size_t running() EXCLUDES(mutex_);
  std::size_t waiting() EXCLUDES(mutex_);

  // Refuses what waits and comes, cancels what runs, and waits for it to end. Idempotent.
  void stop() EXCLUDES(mutex_);

 private:
  void work() EXCLUDES(mutex_);
  void watch() EXCLUDES(mutex_);
  std::vector<QueryJobPtr> take_expired() REQUIRES(mutex_);

  base::Mutex mutex_;
  base::CondVar ready_;   // Work, or the end.
  base::CondVar queued_;  // For the watch.
  std::size_t running_max_ GUARDED_BY(mutex_);
  std::size_t waiting_max_ GUARDED_BY(mutex_);
  std::deque<QueryJobPtr> waiting_ GUARDED_BY(mutex_);
  std::vector<QueryJobPtr> running_ GUARDED_BY(mutex_);
  std::size_t idle_threads_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_ GUARDED_BY(mutex_);
  std::thread watch_;
};

}  // namespace lynxdb::server
