// A response body on its way from the thread that makes it to the connection that sends it:
// bounded, so that a slow client slows the maker instead of filling memory.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "base/mutex.h"
#include "base/result.h"

namespace lynxdb::server {

// Thread-safe; one thread writes, one connection reads.
class BodyStream {
 public:
  // A write that leaves more than this waits until the client has taken some.
  static constexpr std::size_t kBufferBytes = 256U << 10U;

  // --- The maker
  // Blocks while the buffer is full. kCancelled when nobody reads any more.
  Result<> write(std::string bytes) EXCLUDES(mutex_);
  void finish() EXCLUDES(mutex_);  // The body is complete.
  void abort() EXCLUDES(mutex_);   // The body is cut; the client sees that.

  // --- The connection
  enum class State : std::uint8_t { kWaiting, kData, kFinished, kAborted };
  // All that is there goes to `out` (kData), or what there is to know.
  State take(std::string& out) EXCLUDES(mutex_);
  // Called (on the maker's thread) whenever take() has news. Set before the first write is seen.
  void set_wake(std::function<void()> wake) EXCLUDES(mutex_);
  // The client is gone: the maker's writes fail from now on.
  void close() EXCLUDES(mutex_);

 private:
  void notify() REQUIRES(mutex_);

  base::Mutex mutex_;
  base::CondVar room_;
  std::deque<std::string> pieces_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  bool finished_ GUARDED_BY(mutex_) = false;
  bool aborted_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::function<void()> wake_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::server
