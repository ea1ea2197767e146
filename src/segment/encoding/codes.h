// Small unsigned integers that mean something else: dictionary codes, bools, template numbers.
//
//   codes := 0 width:u8 packed                  bit_packing.h; width up to 32
//          | 1 runs:varint integers integers    the code of each run, then its length
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

namespace lynxdb::segment {

void put_codes(std::span<const std::uint32_t> codes, std::string& out);

// Encoded codes. Borrows its bytes. Thread-safe.
class Codes {
 public:
  // Takes `count` codes from `in`, all of which must be below `limit`. Errors: kCorruption.
  static Result<Codes> parse(base::ByteReader& in, std::size_t count, std::uint64_t limit);

  std::size_t size() const { return count_; }
  // Errors (both): kCorruption for a code that is not below the limit.
  Result<std::vector<std::uint32_t>> all() const;
  // By position: ascending, each below size().
  Result<std::vector<std::uint32_t>> at(std::span<const std::uint32_t> rows) const;

 private:
  Codes() = default;
  Result<std::vector<std::uint32_t>> checked(std::vector<std::uint32_t> codes) const;

  std::size_t count_ = 0;
  std::uint64_t limit_ = 0;
  std::uint8_t width_ = 0;
  std::string_view packed_;
  std::vector<std::uint32_t> run_codes_;  // Empty unless stored as runs.
  std::vector<std::uint32_t> run_ends_;
};

}  // namespace lynxdb::segment
