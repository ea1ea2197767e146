// Runs of signed integers (numbers, times, lengths): docs/formats/segment-chunks.md, "Integers".
//
// Values are kept as distances from a base, or from their predecessors, with just the bits that
// each block of 1024 needs; a few large ones are kept aside as patches, so that they do not widen
// the others. One value, few distinct values and long runs have forms of their own. The encoder
// takes the smallest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lynxdb::segment {

inline constexpr std::size_t kIntegerBlock = 1024;

void put_integers(std::span<const std::int64_t> values, std::string& out);

// An encoded run, checked as far as its layout goes. Borrows its bytes. Thread-safe.
class Integers {
 public:
  // Takes the encoding of `count` values from `in`. Errors: kCorruption.
  static Result<Integers> parse(base::ByteReader& in, std::size_t count);

  std::size_t size() const { return count_; }
  // All values; `out` has room for size().
  Result<void> decode(std::span<std::int64_t> out) const;
  // Values by position: ascending, each below size(). Reads only the blocks they are in.
  Result<std::vector<std::int64_t>> at(std::span<const std::uint32_t> rows) const;

 private:
  enum class Form : std::uint8_t { kConstant, kFrames, kDeltas, kDictionary, kRuns };
  struct Block {
    std::uint64_t base = 0;  // The smallest value, or the first one of deltas.
    std::uint64_t step = 0;  // The smallest delta.
    std::uint8_t width = 0;
    std::uint8_t patch_width = 0;
    std::uint16_t patches = 0;
    std::string_view packed;
    std::string_view patch_rows;
    std::string_view patch_bits;
  };

  Integers() = default;
  static Result<Integers> parse_form(base::ByteReader& in, std::size_t count, bool nested);
  static Result<Integers> parse_blocks(base::ByteReader& in, std::size_t count, Form form);
  static Result<Integers> parse_dictionary(base::ByteReader& in, std::size_t count);
  static Result<Integers> parse_runs(base::ByteReader& in, std::size_t count);

  std::size_t block_rows(std::size_t block) const;
  Result<void> unpack_block(std::size_t block, std::span<std::uint64_t> out) const;
  Result<void> decode_block(std::size_t block, std::span<std::int64_t> out) const;
  Result<void> decode_codes(std::span<std::int64_t> out) const;
  Result<std::vector<std::int64_t>> at_blocks(std::span<const std::uint32_t> rows) const;

  Form form_ = Form::kConstant;
  std::size_t count_ = 0;
  std::uint64_t origin_ = 0;  // The constant, or what every value is counted from.
  std::uint64_t scale_ = 1;
  std::vector<Block> blocks_;
  std::vector<std::int64_t> values_;  // Of the dictionary, or of the runs.
  std::vector<std::int64_t> ends_;    // Of the runs: one past the last row of each.
  std::string_view codes_;            // Of the dictionary, packed.
  std::uint8_t code_width_ = 0;
};

}  // namespace lynxdb::segment
