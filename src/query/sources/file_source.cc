#include "query/sources/file_source.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "event/parse/event_parser.h"

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

namespace {

// Where the first line that begins in a range stands in its bytes (which begin one byte earlier
// when the range is not at the file's start); their size when none does.
std::size_t first_line(std::string_view in_range, std::size_t lookback) {
  if (lookback == 0) return in_range.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t at =
      in_range.substr(0, in_range.size() - std::min<std::size_t>(1, in_range.size())).find('\n');
  return at == std::string_view::npos ? in_range.size() : at + 1;
}

// The range straight from the page cache; nullopt when its last line or the padding behind it does
// not fit into the window.
std::optional<TextChunk> map_lines(const InputFile& file, FileRange range, std::size_t lookback) {
  const std::size_t range_bytes = range.end - range.begin + lookback;
  MappedWindow window = file.mapped().window(range.begin - lookback, range.end + kStepBytes);
  if (window.owner == nullptr || window.text.size() < range_bytes) return std::nullopt;
  const std::string_view text = window.text;
  const std::size_t first = first_line(text.substr(0, range_bytes), lookback);
  if (first >= range_bytes) return TextChunk{};
  const std::size_t at = text.find('\n', range_bytes - 1);
  const bool at_end = range.begin - lookback + text.size() == file.size_bytes();
  if (at == std::string_view::npos && !at_end) return std::nullopt;
  const std::size_t end = at == std::string_view::npos ? text.size() : at + 1;
  if (text.size() - end + window.padding_bytes < event::EventParser::kPaddingBytes)
    return std::nullopt;
  return TextChunk{.owner = std::move(window.owner), .lines = text.substr(first, end - first)};
}

}  // namespace

Result<TextChunk> read_lines(const InputFile& file, FileRange range, std::size_t line_bytes_max,
                             ChunkBufferPool& pool) {
  // The byte before the range tells whether a line begins at its first byte.
  const std::size_t lookback = range.begin > 0 ? 1 : 0;
  if (std::optional<TextChunk> mapped = map_lines(file, range, lookback)) return std::move(*mapped);

  const std::size_t range_bytes = range.end - range.begin + lookback;
  Window window(file, range.begin - lookback, pool.take(range_bytes + kTailBytes));
  TRY(window.fill_to(range_bytes + kTailBytes));
  const std::string_view in_range = window.text().substr(0, range_bytes);
  const std::size_t first = first_line(in_range, lookback);
  if (in_range.size() <= first) return TextChunk{};
  const std::size_t end = TRY(end_of_line(window, in_range.size() - 1, line_bytes_max));
  const std::string_view lines = window.text().substr(first, end - first);
  return TextChunk{.owner = window.take_buffer(), .lines = lines};
}

}  // namespace lynxdb::query
