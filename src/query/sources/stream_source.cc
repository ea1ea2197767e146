#include "query/sources/stream_source.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace lynxdb::query {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kStepBytes = 64U << 10U;

}  // namespace

LineStream::LineStream(std::unique_ptr<ByteStream> input, std::size_t line_bytes_max,
                       ChunkBufferPool& pool)
    : input_(std::move(input)),
      line_bytes_max_(line_bytes_max),
      pool_(pool),
      buffer_(pool.take()) {}

// Reads once, up to `room_end` of the buffer.
Result<> LineStream::read_more(std::size_t room_end) {
  if (room_end > buffer_->capacity()) buffer_->grow(std::max(room_end, size_ * 2), size_);
  const std::size_t n = TRY(input_->read({buffer_->data() + size_, room_end - size_}));
  ended_ = n == 0;
  const std::string_view fresh(buffer_->data() + size_, n);
  const std::size_t at = fresh.rfind('\n');
  if (at != std::string_view::npos) lines_end_ = size_ + at + 1;
  size_ += n;
  return {};
}

// The buffer holds the beginning of a line that is too long already: closes it there and drops what
// follows up to its end.
Result<> LineStream::skip_rest_of_line() {
  ChunkBufferPtr scratch = pool_.take(kStepBytes);
  while (!ended_) {
    const std::size_t n = TRY(input_->read({scratch->data(), kStepBytes}));
    ended_ = n == 0;
    const std::string_view text(scratch->data(), n);
    const std::size_t at = text.find('\n');
    if (at == std::string_view::npos) continue;
    const std::string_view rest =
        text.substr(at);  // Its LF and what belongs to the lines after it.
    buffer_->grow(size_ + rest.size(), size_);
    std::memcpy(buffer_->data() + size_, rest.data(), rest.size());
    lines_end_ = size_ + rest.rfind('\n') + 1;
    size_ += rest.size();
    return {};
  }
  return {};
}

Result<> LineStream::read_to_line_end(std::size_t bytes_wanted) {
  while (lines_end_ == 0 && !ended_) {
    if (size_ > line_bytes_max_ + 2) return skip_rest_of_line();
    TRY(read_more(std::max(bytes_wanted, size_ + kStepBytes)));
  }
  return {};
}

// The bytes before `end` as a chunk; the rest moves to a new buffer.
std::optional<TextChunk> LineStream::cut(std::size_t end) {
  const std::size_t rest = size_ - end;
  ChunkBufferPtr next = pool_.take(rest);
  std::memcpy(next->data(), buffer_->data() + end, rest);
  const ChunkBufferPtr filled = std::exchange(buffer_, std::move(next));
  TextChunk chunk{.owner = filled, .lines = {filled->data(), end}};
  size_ = rest;
  lines_end_ = 0;
  if (!started_ && chunk.lines.starts_with(kByteOrderMark))
    chunk.lines.remove_prefix(kByteOrderMark.size());
  started_ = true;
  return chunk;
}

Result<std::optional<TextChunk>> LineStream::next(std::size_t bytes_wanted) {
  TRY(read_to_line_end(bytes_wanted));
  while (!ended_ && size_ < bytes_wanted && input_->ready()) TRY(read_more(bytes_wanted));
  const std::size_t end = ended_ ? size_ : lines_end_;
  if (end == 0) return std::optional<TextChunk>();
  return cut(end);
}

}  // namespace lynxdb::query
