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

void ProgressLine::show(std::function<query::Source::Progress()> progress) {
  const base::MutexLock lock(mutex_);
  progress_ = std::move(progress);
}

void ProgressLine::draw() {
  const auto elapsed = std::chrono::steady_clock::now() - started_;
  const base::MutexLock lock(mutex_);
  if (!progress_ || elapsed < kPatience) return;
  const query::Source::Progress progress = progress_();
  std::string line = fmt::format("{}{} scanned {}", kClearLine, kFrames[frame_++ % kFrames.size()],
                                 output::counted(progress.events, "event"));
  if (progress.bytes_total > 0)
    line += fmt::format(" | {:.0f}%", 100.0 * static_cast<double>(progress.bytes) /
                                          static_cast<double>(progress.bytes_total));
  line += " | " + output::duration_text(elapsed);
  put(line);
  drawn_ = true;
}

void ProgressLine::stop() {
  const base::MutexLock lock(mutex_);
  progress_ = nullptr;
  if (std::exchange(drawn_, false)) put(kClearLine);
}

}  // namespace lynxdb::cli
