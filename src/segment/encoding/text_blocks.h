// Strings of any kind: their lengths, and their bytes in compressed blocks of about 64 KB, so that
// a single row costs no more than one block.
//
//   text_blocks := integers blocks:varint integers block * blocks
//                  the length of each string; the number of strings in each block; compression.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "segment/chunk_codec.h"
#include "segment/encoding/compression.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/text_values.h"

namespace lynxdb::segment {

void put_text_blocks(std::span<const std::string_view> values, Compression compression,
                     std::string& out);

// Encoded strings. Borrows its bytes. Thread-safe. Errors: kCorruption.
class TextBlocks {
 public:
  static Result<TextBlocks> parse(base::ByteReader& in, std::size_t count);

  std::size_t size() const { return lengths_.size(); }
  Result<TextValues> all() const;
  // By position: ascending, each below size().
  Result<TextValues> at(std::span<const std::uint32_t> rows) const;

 private:
  explicit TextBlocks(Integers lengths) : lengths_(std::move(lengths)) {}
  Result<std::vector<std::int64_t>> checked_lengths() const;

  Integers lengths_;
  std::vector<std::int64_t> block_rows_;
  std::vector<CompressedBlock> blocks_;
};

}  // namespace lynxdb::segment
