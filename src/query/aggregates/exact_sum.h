// Sums of ints and floats without rounding: the same result for every order and grouping of the
// additions, and so for every number of threads, segments and nodes. Rounded once, when read.
//
// Floats are added as fixed-point integers. Nearly all fit a 128-bit one with 64 fractional bits;
// the rest go to a wide accumulator of 32-bit digits in 64-bit limbs that covers the whole range of
// a double (the "small superaccumulator" of R. M. Neal, "Fast exact summation using small and large
// superaccumulators", arXiv:1505.05571).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::query {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// A signed integer in units of 2^-1074, the smallest double, with room for 2^64 of the largest.
class WideAccumulator {
 public:
  // Adds (or subtracts) magnitude * 2^(position - 1074).
  void add(std::uint64_t magnitude, unsigned position, bool negative);
  void add(UInt128 magnitude, unsigned position, bool negative);
  void add(const WideAccumulator& other);
  // Nearest double, ties to even; infinite beyond the range.
  double round() const;
  void encode(std::string& out) const;
  Result<> decode(std::string_view& bytes);

 private:
  static constexpr std::size_t kLimbs = 70;
  // Makes every limb but the last one a digit in [0, 2^32); the last one carries the sign.
  void normalize();

  std::array<std::int64_t, kLimbs> limbs_{};
  std::uint32_t additions_ = 0;  // Since the last normalize(); limbs overflow after 2^31.
};

class ExactSum {
 public:
  // A sum that needs no wide accumulator: of ints, and of floats in units of 2^-64.
  struct Parts {
    Int128 ints = 0;
    Int128 fixed = 0;
    bool floats = false;  // Some float was added.
  };
  ExactSum() = default;
  explicit ExactSum(const Parts& parts)
      : ints_(parts.ints), fixed_(parts.fixed), floats_(parts.floats) {}
  std::optional<Parts> parts() const {
    if (wide_ || too_large_) return std::nullopt;
    return Parts{ints_, fixed_, floats_};
  }
  // A finite float in units of 2^-64; false where it is not a whole number of them that can be had
  // at once (add() knows all).
  static bool to_fixed(double v, Int128& fixed);

  void add(std::int64_t v) { ints_ += v; }  // 2^64 additions cannot overflow.
  void add(double v);                       // Finite.
  void add_square(std::int64_t v);
  void add_square(double v);
  void merge(const ExactSum& other);

  // The sum, when nothing but ints was added and it fits 64 bits.
  std::optional<std::int64_t> as_int() const;
  // Correctly rounded; infinite or NaN when out of range.
  double to_double() const;
  // The sum divided by n, as if rounded once (nearly always).
  double divided_by(double n) const;
  // hi + lo: about 106 bits of the sum.
  struct Pair {
    double hi;
    double lo;
  };
  Pair to_pair() const;

  void encode(std::string& out) const;
  Result<> decode(std::string_view& bytes);
  // Bytes beyond sizeof(ExactSum).
  std::size_t heap_bytes() const { return wide_ ? sizeof(WideAccumulator) : 0; }

 private:
  static constexpr int kFractionBits = 64;  // Of fixed_.

  WideAccumulator& wide();
  WideAccumulator total() const;
  // The whole sum in units of 2^-64, when it fits.
  std::optional<Int128> narrow() const;
  void add_slow(double v);
  void add_fixed(Int128 v);

  Int128 ints_ = 0;
  Int128 fixed_ = 0;
  std::unique_ptr<WideAccumulator> wide_;
  bool floats_ = false;     // Some float was added.
  bool too_large_ = false;  // Some square is beyond the range of a double.
};

inline bool ExactSum::to_fixed(double v, Int128& fixed) {
  const auto bits = std::bit_cast<std::uint64_t>(v);
  const int exponent = static_cast<int>((bits >> 52U) & 0x7ffU);
  // v = mantissa * 2^(exponent - 1075); below, in units of 2^-64.
  const int shift = exponent - 1075 + kFractionBits;
  if (shift < 0 || shift > 60) [[unlikely]] {
    fixed = 0;
    return v == 0;
  }
  const std::uint64_t mantissa = (bits & 0xfffffffffffffULL) | 0x10000000000000ULL;
  const Int128 magnitude = static_cast<Int128>(mantissa) << shift;
  fixed = (bits >> 63U) != 0 ? -magnitude : magnitude;
  return true;
}

inline void ExactSum::add(double v) {
  floats_ = true;
  Int128 fixed = 0;
  if (!to_fixed(v, fixed)) [[unlikely]]
    return add_slow(v);
  add_fixed(fixed);
}

inline void ExactSum::add_fixed(Int128 v) {
  Int128 sum = 0;
  if (!__builtin_add_overflow(fixed_, v, &sum)) [[likely]] {
    fixed_ = sum;
    return;
  }
  const bool negative = v < 0;
  wide().add(negative ? -static_cast<UInt128>(v) : static_cast<UInt128>(v), 1074 - kFractionBits,
             negative);
}

}  // namespace lynxdb::query
