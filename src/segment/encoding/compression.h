// Blocks of bytes under a general compressor.
//
//   block := method:u8 size:varint stored:varint byte * stored     size: bytes when decompressed
//
// Method 0 none, 1 lz4, 2 zstd. What does not shrink is stored as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "segment/chunk_codec.h"

namespace lynxdb::segment {

void put_compressed(std::string_view bytes, Compression method, std::string& out);

// A block that was found in its place but not decompressed. Borrows its bytes.
struct CompressedBlock {
  Compression method = Compression::kNone;
  std::size_t size = 0;
  std::string_view stored;
};

// Errors: kCorruption, also for more than `size_max` bytes.
Result<CompressedBlock> take_compressed(base::ByteReader& in, std::size_t size_max);

// Writes block.size bytes to `out`. Errors: kCorruption.
Result<void> decompress(const CompressedBlock& block, char* out);

}  // namespace lynxdb::segment
