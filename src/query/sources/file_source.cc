#include "query/sources/file_source.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace lynxdb::query {
namespace {

// Read beyond the range in the hope of the last line's end: most lines are shorter.
constexpr std::size_t kTailBytes = 4U << 10U;
// Then in steps like this.
constexpr std::size_t kStepBytes = 64U << 10U;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Bytes of a file from `offset` on, as far as read.
class Window {
 public:
  Window(const InputFile& file, std::uint64_t offset, ChunkBufferPtr buffer)
      : file_(file), offset_(offset), buffer_(std::move(buffer)) {}

  // Reads until `bytes` are there or the file ends.
  Result<> fill_to(std::size_t bytes) {
    if (bytes <= size_ || ended_) return {};
    if (bytes > buffer_->capacity()) buffer_->grow(std::max(bytes, size_ * 2), size_);
    size_ += TRY(file_.read_at(offset_ + size_, {buffer_->data() + size_, bytes - size_}));
    ended_ = size_ < bytes;
    return {};
  }

  std::string_view text() const { return {buffer_->data(), size_}; }
  bool ended() const { return ended_; }
  ChunkBufferPtr take_buffer() { return std::move(buffer_); }

 private:
  const InputFile& file_;
  const std::uint64_t offset_;
  ChunkBufferPtr buffer_;
  std::size_t size_ = 0;
  bool ended_ = false;
};

// Where the line that holds byte `from` ends (behind its LF), reading on as needed; the end of what
// was read when the file or the part of the line that is kept ends first.
Result<std::size_t> end_of_line(Window& window, std::size_t from, std::size_t line_bytes_max) {
  std::size_t searched = from;
  while (true) {
    const std::size_t at = window.text().find('\n', searched);
    if (at != std::string_view::npos) return at + 1;
    searched = window.text().size();
    // Longer than the limit by more than the CR that may belong to its end.
    const bool enough = searched > from + line_bytes_max + 2;
    if (window.ended() || enough) return searched;
    TRY(window.fill_to(searched + kStepBytes));
  }
}

}  // namespace

Result<TextChunk> read_lines(const InputFile& file, FileRange range, std::size_t line_bytes_max,
                             ChunkBufferPool& pool) {
  // The byte before the range tells whether a line begins at its first byte.
  const std::size_t lookback = range.begin > 0 ? 1 : 0;
  const std::size_t range_bytes = range.end - range.begin + lookback;
  Window window(file, range.begin - lookback, pool.take(range_bytes + kTailBytes));
  TRY(window.fill_to(range_bytes + kTailBytes));

  const std::string_view in_range = window.text().substr(0, range_bytes);
  std::size_t first = 0;
  if (lookback != 0) {
    const std::size_t at =
        in_range.substr(0, in_range.size() - std::min<std::size_t>(1, in_range.size())).find('\n');
    if (at == std::string_view::npos) return TextChunk{};
    first = at + 1;
  } else if (in_range.starts_with(kByteOrderMark)) {
    first = kByteOrderMark.size();
  }
  if (in_range.size() <= first) return TextChunk{};

  const std::size_t end = TRY(end_of_line(window, in_range.size() - 1, line_bytes_max));
  const std::string_view lines = window.text().substr(first, end - first);
  return TextChunk{.buffer = window.take_buffer(), .lines = lines};
}

}  // namespace lynxdb::query
