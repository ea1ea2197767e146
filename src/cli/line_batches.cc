#include "cli/line_batches.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lynxdb::cli {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

// As the parser sees it: such a line is no event.
bool is_blank(std::string_view line) {
  return std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

}  // namespace

Result<std::optional<LineBatch>> LineBatches::next() {
  LineBatch batch;
  while (true) {
    const Taken taken = take_line(batch);
    if (taken == Taken::kBatchFull) return std::optional(std::move(batch));
    if (taken == Taken::kLine) continue;
    if (at_end_) break;
    if (batch.lines() > 0 && !comes_soon()) return std::optional(std::move(batch));
    TRY(read_more());
  }
  if (batch.lines() == 0) return std::optional<LineBatch>();
  return std::optional(std::move(batch));
}

// Moves the next line of the buffer into the batch; kNoLine when there is no whole one.
LineBatches::Taken LineBatches::take_line(LineBatch& batch) {
  const std::size_t end = buffer_.find('\n', std::max(position_, searched_));
  searched_ = buffer_.size();
  const bool is_last = end == std::string::npos;
  if (is_last && (!at_end_ || position_ == buffer_.size())) return Taken::kNoLine;
  const std::string_view line =
      std::string_view(buffer_).substr(position_, is_last ? std::string::npos : end - position_);
  const bool too_long = passing_over_ || line.size() > options_.line_bytes_max;
  if (!too_long && !is_blank(line)) {
    const bool full = batch.lines() >= options_.lines_max ||
                      batch.body.size() + line.size() >= options_.batch_bytes_max;
    if (full && batch.lines() > 0) {
      searched_ = position_;
      return Taken::kBatchFull;
    }
    batch.body.append(line);
    batch.body += '\n';
    batch.numbers.push_back(line_number_ + 1);
  }
  ++line_number_;
  if (too_long) too_long_.push_back(line_number_);
  passing_over_ = false;
  position_ = is_last ? buffer_.size() : end + 1;
  searched_ = position_;
  return Taken::kLine;
}

Result<> LineBatches::read_more() {
  if (buffer_.size() - position_ > options_.line_bytes_max) {
    passing_over_ = true;
    position_ = buffer_.size();
  }
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t kept = buffer_.size();
  searched_ = kept;
  buffer_.resize(kept + kReadBytes);
  ssize_t n = 0;
  do {
    n = ::read(descriptor_, buffer_.data() + kept, kReadBytes);
  } while (n < 0 && errno == EINTR);
  buffer_.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0) return Error{ErrorCode::kIo, "cannot read " + name_ + ": " + std::strerror(errno)};
  at_end_ = n == 0;
  // A line that is too long and ends with the file leaves nothing behind to count it by.
  if (at_end_ && passing_over_ && buffer_.empty()) {
    too_long_.push_back(++line_number_);
    passing_over_ = false;
  }
  bytes_read_ += static_cast<std::uint64_t>(n);
  return {};
}

bool LineBatches::comes_soon() const {
  constexpr int kPatienceMs = 500;
  pollfd ready{descriptor_, POLLIN, 0};
  return ::poll(&ready, 1, kPatienceMs) != 0;
}

}  // namespace lynxdb::cli
