// Bytes one after the other, decompressed on the way: what stdin and compressed files look like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "query/execution.h"
#include "query/sources/input_file.h"

namespace lynxdb::query {

// Belongs to one thread at a time. An error is final.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // At least one byte, or 0 at the end. Waits for input; errors of the input, and kCorruption
  // (naming it) for compressed data that is damaged or ends early.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
  // Whether `read` would return without waiting, as far as known.
  virtual bool ready() const = 0;
  // Bytes taken from the input so far (compressed ones, if it is compressed).
  virtual std::uint64_t input_bytes() const = 0;
};

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// By magic bytes at the start of an input. `more_could_tell`: `start` is too short to be sure.
struct CompressionGuess {
  Compression compression = Compression::kNone;
  bool more_could_tell = false;
};
CompressionGuess guess_compression(std::span<const char> start);

// The input's bytes, decompressed when they are gzip or zstd. Waits for as many bytes as it takes
// to tell (one, for text). Both must outlive the stream.
Result<std::unique_ptr<ByteStream>> open_stream(std::shared_ptr<InputFile> input,
                                                const Cancellation& cancellation);

}  // namespace lynxdb::query
