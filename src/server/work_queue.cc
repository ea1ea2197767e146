#include "server/work_queue.h"

#include <utility>

namespace lynxdb::server {

WorkQueue::WorkQueue(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkQueue::~WorkQueue() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    ready_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkQueue::try_submit(std::function<void()> task) {
  const base::MutexLock lock(mutex_);
  if (tasks_.size() >= waiting_max_) return false;
  tasks_.push_back(std::move(task));
  ready_.notify_one();
  return true;
}

std::size_t WorkQueue::waiting() {
  const base::MutexLock lock(mutex_);
  return tasks_.size();
}

void WorkQueue::work() {
  while (true) {
    std::function<void()> task;
    {
      const base::MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) ready_.wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace lynxdb::server
