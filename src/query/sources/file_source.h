// A plain file, cut into ranges of bytes that many threads read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "query/sources/chunk_buffer.h"
#include "query/sources/input_file.h"

namespace lynxdb::query {

// The lines that begin in [begin, end) of a file. Neighbouring ranges therefore share no line and
// miss none, wherever the cuts are, and no thread needs to know what another one read.
struct FileRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// A range's lines: mapped, so that nothing is copied, or else (last lines of files, very long ones)
// read into a buffer from `pool`. Look at file.shrunk() before trusting what was made of them. Of a
// last line that reaches more than `line_bytes_max` bytes beyond the range only a part longer than
// that is read (it will be cut at the limit): memory is at most range + line_bytes_max + 64 KB. A
// UTF-8 byte order mark at the start of the file is left out.
Result<TextChunk> read_lines(const InputFile& file, FileRange range, std::size_t line_bytes_max,
                             ChunkBufferPool& pool);

}  // namespace lynxdb::query
