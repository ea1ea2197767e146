// A fixed set of worker threads with a bounded queue.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace lynxdb::base {

// Thread-safe. `submit` blocks while `queue_max` tasks wait (back-pressure, not growth). The
// destructor finishes what was submitted. Tasks must not throw, and must not submit to their own
// pool and wait for it.
class ThreadPool {
 public:
  explicit ThreadPool(std::size_t threads, std::size_t queue_max = 1024);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void submit(std::function<void()> task) EXCLUDES(mutex_);
  std::size_t size() const { return threads_.size(); }

 private:
  void work() EXCLUDES(mutex_);

  const std::size_t queue_max_;
  Mutex mutex_;
  CondVar ready_;
  CondVar room_;
  std::deque<std::function<void()>> queue_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace lynxdb::base
