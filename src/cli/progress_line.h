// One line on standard error that shows how far a query is, redrawn in place.
#pragma once

#include <chrono>
#include <functional>

#include "base/mutex.h"
#include "query/operator.h"

namespace lynxdb::cli {

// Thread-safe. Draws nothing until the query has run for a moment: short ones should not flicker.
class ProgressLine {
 public:
  ProgressLine() : started_(std::chrono::steady_clock::now()) {}

  // `progress` is called from draw(), until stop().
  void show(std::function<query::Source::Progress()> progress) EXCLUDES(mutex_);
  void draw() EXCLUDES(mutex_);
  // Clears the line for good.
  void stop() EXCLUDES(mutex_);

 private:
  const std::chrono::steady_clock::time_point started_;
  base::Mutex mutex_;
  std::function<query::Source::Progress()> progress_ GUARDED_BY(mutex_);
  bool drawn_ GUARDED_BY(mutex_) = false;
  unsigned frame_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::cli
