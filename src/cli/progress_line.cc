#include "cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "output/number_text.h"

namespace lynxdb::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{400};
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::array<std::string_view, 4> kFrames = {"|", "/", "-", "\\"};

void put(std::string_view text) {
  // A terminal that takes no more text is no reason to stop a query.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void ProgressLine::show(Text text) {
  const base::MutexLock lock(mutex_);
  text_ = std::move(text);
}

void ProgressLine::draw() {
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const base::MutexLock lock(mutex_);
  if (!text_ || elapsed < kPatience) return;
  put(fmt::format("{}{} {}", kClearLine, kFrames[frame_++ % kFrames.size()],
                  text_(output::duration_text(elapsed))));
  drawn_ = true;
}

void ProgressLine::clear() {
  const base::MutexLock lock(mutex_);
  if (std::exchange(drawn_, false)) put(kClearLine);
}

void ProgressLine::stop() {
  const base::MutexLock lock(mutex_);
  text_ = nullptr;
  if (std::exchange(drawn_, false)) put(kClearLine);
}

}  // namespace lynxdb::cli
