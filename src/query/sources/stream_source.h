// A stream cut into chunks of whole lines as it arrives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "query/sources/byte_stream.h"
#include "query/sources/chunk_buffer.h"

namespace lynxdb::query {

// Belongs to one thread at a time. Gives complete lines as soon as they are there instead of
// waiting for a full chunk, so that `tail -f | lynxdb query` shows them. A line longer than
// `line_bytes_max` is kept up to a little more than that (the parser cuts it) and read on to its
// end. Memory: two chunks and `line_bytes_max`.
class LineStream {
 public:
  // `pool` must outlive the stream.
  LineStream(std::unique_ptr<ByteStream> input, std::size_t line_bytes_max, ChunkBufferPool& pool);

  // The next lines, about `bytes_wanted` of them at most unless one line is longer; nullopt at the
  // end. Errors: those of the ByteStream, all final.
  Result<std::optional<TextChunk>> next(std::size_t bytes_wanted);

  std::uint64_t input_bytes() const { return input_->input_bytes(); }

 private:
  Result<> read_more(std::size_t room_end);
  Result<> skip_rest_of_line();
  Result<> read_to_line_end(std::size_t bytes_wanted);
  std::optional<TextChunk> cut(std::size_t end);

  std::unique_ptr<ByteStream> input_;
  const std::size_t line_bytes_max_;
  ChunkBufferPool& pool_;
  ChunkBufferPtr buffer_;  // Holds the beginning of a line (or more) between calls.
  std::size_t size_ = 0;
  std::size_t lines_end_ = 0;  // Behind the last LF.
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace lynxdb::query
