// A thread that does the same small thing again and again, until it is stopped.
#pragma once

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace lynxdb::base {

// start() and stop() are for one thread.
class PeriodicThread {
 public:
  PeriodicThread() = default;
  ~PeriodicThread() { stop(); }
  PeriodicThread(const PeriodicThread&) = delete;
  PeriodicThread& operator=(const PeriodicThread&) = delete;

  // `step` returns how long to wait until the next one. Once.
  void start(std::function<std::chrono::milliseconds()> step) {
    thread_ = std::thread([this, step = std::move(step)] {
      do {
      } while (wait(step()));
    });
  }

  // Lets the step under way end. Idempotent.
  void stop() EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  bool wait(std::chrono::milliseconds time) EXCLUDES(mutex_) {
    const auto until = std::chrono::steady_clock::now() + time;
    const MutexLock lock(mutex_);
    while (!stopping_ && changed_.wait_until(mutex_, until)) {
    }
    return !stopping_;
  }

  Mutex mutex_;
  CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lynxdb::base
