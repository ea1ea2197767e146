// Worker threads behind a short queue that refuses instead of growing.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace lynxdb::server {

// Thread-safe. The destructor finishes what was accepted. Tasks must not throw.
class WorkQueue {
 public:
  WorkQueue(std::size_t threads, std::size_t waiting_max);
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // False, and nothing happens, when `waiting_max` tasks wait already.
  bool try_submit(std::function<void()> task) EXCLUDES(mutex_);
  std::size_t waiting() EXCLUDES(mutex_);

 private:
  void work() EXCLUDES(mutex_);

  const std::size_t waiting_max_;
  base::Mutex mutex_;
  base::CondVar ready_;
  std::deque<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace lynxdb::server
