// The full-text index of one row group: which rows may hold a piece of text, without reading them.
//
// Search is for substrings, ASCII case ignored, so the index holds grams: every run of four bytes
// of every row, lower case. Grams are hashed to slots; a slot says in which blocks of 2,048 rows
// its grams stand, or, when these are few, in which rows. A text can only be where all of its grams
// are. docs/decisions/007-full-text-index.md says why, and what it costs; docs/formats/segment.md
// gives the bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "segment/byte_source.h"
#include "segment/footer.h"

namespace lynxdb::segment {

inline constexpr std::size_t kGramBytes = 4;
inline constexpr std::size_t kBlockRows = 2048;
inline constexpr std::size_t kBlocksMax = 32;  // Of a row group: one bit each in a word.

// Belongs to one thread; 5 MB of working memory, whatever it is given.
class TextIndexBuilder {
 public:
  TextIndexBuilder();
  ~TextIndexBuilder();

  // The text of the next row; at most kBlockRows * kBlocksMax of them. A row without text is "".
  void add(std::string_view text);
  // The index of the rows added; the builder is empty afterwards and can be used again.
  std::string finish();

 private:
  struct Work;

  void note(std::uint32_t slot);

  std::unique_ptr<Work> work_;
  std::uint32_t rows_ = 0;
};

// Rows that may match: those of the blocks in `blocks`, and of these only `rows` if given.
struct RowsFound {
  std::uint32_t blocks = 0;  // Bit b: rows [b * kBlockRows, (b + 1) * kBlockRows).
  std::optional<std::vector<std::uint32_t>> rows;  // Ascending.

  bool none() const { return blocks == 0; }
};

// Rows of an index of `row_count` rows that may hold every one of `literals`. Literals shorter than
// a gram narrow nothing. Reads a small head and a few pages of at most 10 KB, in up to a handful of
// rounds. Errors: kCorruption, those of the source.
Result<RowsFound> find_in_text_index(ByteSource& source, ByteRange index, std::size_t row_count,
                                     std::span<const std::string> literals);

// Compares all checksums of an index. Errors: as find_in_text_index.
Result<> check_text_index(ByteSource& source, ByteRange index, std::size_t row_count);

}  // namespace lynxdb::segment
