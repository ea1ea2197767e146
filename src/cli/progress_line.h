// One line on standard error that shows how far something is, redrawn in place.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace lynxdb::cli {

// Thread-safe. Draws nothing until the query has run for a moment: short ones should not flicker.
class ProgressLine {
 public:
  ProgressLine() : started_(std::chrono::steady_clock::now()) {}

  // Gives the line's text; takes the time since the start ("1.25s").
  using Text = std::function<std::string(std::string_view time)>;
  // `text` is called from draw(), until stop().
  void show(Text text) EXCLUDES(mutex_);
  void draw() EXCLUDES(mutex_);
  // Makes room for a message; the next draw() shows the line again.
  void clear() EXCLUDES(mutex_);
  // Clears the line for good.
  void stop() EXCLUDES(mutex_);

 private:
  const std::chrono::steady_clock::time_point started_;
  base::Mutex mutex_;
  Text text_ GUARDED_BY(mutex_);
  bool drawn_ GUARDED_BY(mutex_) = false;
  unsigned frame_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::cli
