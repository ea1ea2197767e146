// Runs of floats. Most in logs are decimals of few digits: these are stored as integers over a
// power of ten, when division gives back the very same bits. Others are stored as their bits.
//
//   floats := 0 digits:u8 integers exceptions:varint [integers f64 * exceptions]
//                                value = integer / 10^digits; the rows and values of exceptions
//           | 1 integers         IEEE 754 bits read as integers: for few distinct values, or runs
//           | 2 block            byte 0 of all values, then byte 1..., compressed
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "segment/chunk_codec.h"
#include "segment/encoding/compression.h"
#include "segment/encoding/integers.h"

namespace lynxdb::segment {

// Up to this, 10^digits is exact, and so is the quotient of two exact floats when rounded once.
inline constexpr unsigned kDecimalDigitsMax = 18;

// The n for which n / 10^digits has the bits of `value`; nullopt when there is none below 2^53.
std::optional<std::int64_t> as_decimal(double value, unsigned digits);

void put_floats(std::span<const double> values, Compression compression, std::string& out);

// Encoded floats. Borrows its bytes. Thread-safe. Errors: kCorruption.
class Floats {
 public:
  static Result<Floats> parse(base::ByteReader& in, std::size_t count);

  std::size_t size() const { return count_; }
  Result<std::vector<double>> all() const;
  // By position: ascending, each below size().
  Result<std::vector<double>> at(std::span<const std::uint32_t> rows) const;

 private:
  Floats() = default;
  static Result<Floats> parse_decimals(base::ByteReader& in, std::size_t count);
  void convert(std::span<const std::int64_t> integers, std::span<double> out) const;

  std::size_t count_ = 0;
  std::optional<Integers> integers_;
  bool decimal_ = false;
  double divisor_ = 1;
  std::vector<std::int64_t> exception_rows_;
  std::vector<double> exceptions_;
  CompressedBlock split_;
};

}  // namespace lynxdb::segment
