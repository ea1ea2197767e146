// Ends a query from outside: on SIGINT, SIGTERM or SIGHUP, and when its time is up.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "base/mutex.h"

namespace lynxdb::cli {

// While one lives, the signals cancel the query instead of killing the process (but for those that
// were ignored when it was made: nohup). What does not end within a moment of being cancelled is
// ended by leaving the process, so a blocked read or write cannot hold the terminal. One at a time.
class QueryWatch {
 public:
  struct Options {
    std::optional<std::chrono::milliseconds> timeout;
    // Called about ten times a second from the watch's thread, e.g. to draw progress; null = never.
    std::function<void()> on_tick;
    // What it gets to end by itself once it is cancelled.
    std::chrono::milliseconds grace{500};
    // Called before the process is left, to say why: by a signal, else by the time limit. Must not
    // wait for the query.
    std::function<void(bool interrupted)> before_exit;
  };

  explicit QueryWatch(Options options);
  ~QueryWatch();
  QueryWatch(const QueryWatch&) = delete;
  QueryWatch& operator=(const QueryWatch&) = delete;

  // What to call when the query must end: thread-safe, at most once. Called at once if it must
  // already.
  void attach(std::function<void()> cancel) EXCLUDES(mutex_);
  void detach() EXCLUDES(mutex_);

  bool interrupted() const { return interrupted_.load(); }
  bool timed_out() const { return timed_out_.load(); }

 private:
  void watch();
  void cancel_query() EXCLUDES(mutex_);
  [[noreturn]] void leave(int exit_code) const;

  const Options options_;
  const std::chrono::steady_clock::time_point started_;
  std::atomic<bool> interrupted_{false};
  std::atomic<bool> timed_out_{false};
  base::Mutex mutex_;
  std::function<void()> cancel_ GUARDED_BY(mutex_);
  bool must_end_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace lynxdb::cli
