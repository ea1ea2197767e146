#include "server/query/query_pool.h"

#include <algorithm>
#include <utility>

namespace lynxdb::server {

using Refusal = QueryJob::Refusal;

QueryPool::QueryPool(std::size_t running_max, std::size_t waiting_max)
    : running_max_(running_max), waiting_max_(waiting_max), watch_([this] { watch(); }) {}

QueryPool::~QueryPool() { stop(); }

void QueryPool::set_limits(std::size_t running_max, std::size_t waiting_max) {
  const base::MutexLock lock(mutex_);
  running_max_ = running_max;
  waiting_max_ = waiting_max;
  ready_.notify_all();
}

void QueryPool::submit(const QueryJobPtr& job) {
  std::optional<Refusal> refusal;
  {
    const base::MutexLock lock(mutex_);
    const std::size_t free = running_max_ > running_.size() ? running_max_ - running_.size() : 0;
    if (stopping_) {
      refusal = Refusal::kStopping;
    } else if (waiting_.size() >= free + waiting_max_) {
      refusal = Refusal::kQueueFull;
    } else {
      waiting_.push_back(job);
      if (idle_threads_ < waiting_.size() && threads_.size() < running_max_)
        threads_.emplace_back([this] { work(); });
      ready_.notify_one();
      queued_.notify_one();
    }
  }
  if (refusal) job->refused(*refusal);
}

std::size_t QueryPool::running() {
  const base::MutexLock lock(mutex_);
  return running_.size();
}

std::size_t QueryPool::waiting() {
  const base::MutexLock lock(mutex_);
  return waiting_.size();
}

void QueryPool::work() {
  while (true) {
    QueryJobPtr job;
    {
      const base::MutexLock lock(mutex_);
      ++idle_threads_;
      while (!stopping_ && (waiting_.empty() || running_.size() >= running_max_))
        ready_.wait(mutex_);
      --idle_threads_;
      if (stopping_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
      running_.push_back(job);
    }
    bool was_stopped = false;
    if (job->cancellation.cancelled()) {
      // Its client has left, or stop() came before it began: then it is answered like those that
      // wait.
      const base::MutexLock lock(mutex_);
      was_stopped = stopping_;
    } else {
      job->run();
    }
    if (was_stopped) job->refused(Refusal::kStopping);
    const base::MutexLock lock(mutex_);
    std::erase(running_, job);
    ready_.notify_one();
  }
}

std::vector<QueryJobPtr> QueryPool::take_expired() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<QueryJobPtr> expired;
  std::erase_if(waiting_, [&](const QueryJobPtr& job) {
    if (job->cancellation.cancelled()) return true;
    if (now < job->deadline) return false;
    expired.push_back(job);
    return true;
  });
  return expired;
}

// Looks after those that wait: leaves their place when their client is gone or their time is up.
void QueryPool::watch() {
  constexpr std::chrono::milliseconds kInterval{20};
  while (true) {
    std::vector<QueryJobPtr> expired;
    {
      const base::MutexLock lock(mutex_);
      while (waiting_.empty() && !stopping_) queued_.wait(mutex_);
      if (stopping_) return;
      queued_.wait_until(mutex_, std::chrono::steady_clock::now() + kInterval);
      expired = take_expired();
    }
    for (const QueryJobPtr& job : expired) job->refused(Refusal::kWaitedTooLong);
  }
}

void QueryPool::stop() {
  std::deque<QueryJobPtr> waiting;
  std::vector<std::thread> threads;
  {
    const base::MutexLock lock(mutex_);
    if (std::exchange(stopping_, true)) return;
    waiting.swap(waiting_);
    threads.swap(threads_);
    for (const QueryJobPtr& job : running_) job->cancellation.cancel();
    ready_.notify_all();
    queued_.notify_all();
  }
  for (const QueryJobPtr& job : waiting) job->refused(Refusal::kStopping);
  for (std::thread& thread : threads) thread.join();
  watch_.join();
}

}  // namespace lynxdb::server
