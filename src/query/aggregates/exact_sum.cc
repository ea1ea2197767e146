#include "query/aggregates/exact_sum.h"

#include <cmath>
#include <limits>

#include "query/aggregates/byte_codec.h"

namespace lynxdb::query {

namespace {

constexpr std::uint64_t kDigitMask = 0xffffffffULL;
constexpr unsigned kOnePosition = 1074;  // The position of 2^0.
constexpr std::uint32_t kAdditionsMax = 1U << 29U;

UInt128 magnitude_of(Int128 v) {
  return v < 0 ? -static_cast<UInt128>(v) : static_cast<UInt128>(v);
}

void put_int128(Int128 v, std::string& out) {
  const auto bits = static_cast<UInt128>(v);
  put_fixed(static_cast<std::uint64_t>(bits), out);
  put_fixed(static_cast<std::uint64_t>(bits >> 64U), out);
}

Result<Int128> get_int128(std::string_view& bytes) {
  const std::uint64_t low = TRY(get_fixed(bytes));
  const std::uint64_t high = TRY(get_fixed(bytes));
  return static_cast<Int128>((static_cast<UInt128>(high) << 64U) | low);
}

}  // namespace

// --- WideAccumulator -----------------------------------------------------------------------------

void WideAccumulator::add(std::uint64_t magnitude, unsigned position, bool negative) {
  const UInt128 wide = static_cast<UInt128>(magnitude) << (position & 31U);
  std::int64_t* limb = limbs_.data() + (position >> 5U);
  const auto d0 = static_cast<std::int64_t>(static_cast<std::uint64_t>(wide) & kDigitMask);
  const auto d1 = static_cast<std::int64_t>(static_cast<std::uint64_t>(wide >> 32U) & kDigitMask);
  const auto d2 = static_cast<std::int64_t>(static_cast<std::uint64_t>(wide >> 64U));
  if (negative) {
    limb[0] -= d0;
    limb[1] -= d1;
    limb[2] -= d2;
  } else {
    limb[0] += d0;
    limb[1] += d1;
    limb[2] += d2;
  }
  if (++additions_ >= kAdditionsMax) [[unlikely]]
    normalize();
}

void WideAccumulator::add(UInt128 magnitude, unsigned position, bool negative) {
  add(static_cast<std::uint64_t>(magnitude), position, negative);
  add(static_cast<std::uint64_t>(magnitude >> 64U), position + 64, negative);
}

void WideAccumulator::add(const WideAccumulator& other) {
  normalize();
  WideAccumulator addend = other;
  addend.normalize();
  for (std::size_t i = 0; i < kLimbs; ++i) limbs_[i] += addend.limbs_[i];
  additions_ = 2;
}

void WideAccumulator::normalize() {
  std::int64_t carry = 0;
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) {
    const std::int64_t sum = limbs_[i] + carry;
    const auto digit = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) & kDigitMask);
    carry = (sum - digit) / (std::int64_t{1} << 32);
    limbs_[i] = digit;
  }
  limbs_[kLimbs - 1] += carry;
  additions_ = 1;
}

double WideAccumulator::round() const {
  WideAccumulator value = *this;
  value.normalize();
  const bool negative = value.limbs_[kLimbs - 1] < 0;
  if (negative) {
    for (std::int64_t& limb : value.limbs_) limb = -limb;
    value.normalize();
  }
  const auto& digits = value.limbs_;
  std::size_t top = kLimbs;
  while (top > 0 && digits[top - 1] == 0) --top;
  if (top == 0) return 0.0;

  // The 64 bits from the highest set one, and whether anything is set below them.
  const auto digit = [&](std::size_t i) {
    return static_cast<UInt128>(static_cast<std::uint64_t>(digits[i]));
  };
  const std::size_t base = top >= 3 ? top - 3 : 0;
  UInt128 window = digit(base);
  if (base + 1 < top) window |= digit(base + 1) << 32U;
  if (base + 2 < top) window |= digit(base + 2) << 64U;
  bool sticky = false;
  for (std::size_t i = 0; i < base; ++i) sticky = sticky || digits[i] != 0;
  int exponent = static_cast<int>(base * 32) - static_cast<int>(kOnePosition);
  while ((window >> 64U) != 0) {
    sticky = sticky || (window & 1U) != 0;
    window >>= 1U;
    ++exponent;
  }
  auto bits = static_cast<std::uint64_t>(window);

  const int drop = 64 - std::countl_zero(bits) - 53;
  if (drop > 0) {
    const std::uint64_t rest = bits & ((std::uint64_t{1} << drop) - 1);
    const std::uint64_t half = std::uint64_t{1} << (drop - 1);
    bits >>= drop;
    exponent += drop;
    if (rest > half || (rest == half && (sticky || (bits & 1U) != 0))) ++bits;
  }
  const double magnitude = std::ldexp(static_cast<double>(bits), exponent);
  return negative ? -magnitude : magnitude;
}

void WideAccumulator::encode(std::string& out) const {
  WideAccumulator value = *this;
  value.normalize();
  for (const std::int64_t limb : value.limbs_) put_varint(static_cast<std::uint64_t>(limb), out);
}

Result<> WideAccumulator::decode(std::string_view& bytes) {
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const auto limb = static_cast<std::int64_t>(TRY(get_varint(bytes)));
    const bool digit = limb >= 0 && limb <= static_cast<std::int64_t>(kDigitMask);
    const bool last =
        i + 1 == kLimbs && limb >= -(std::int64_t{1} << 40) && limb <= (std::int64_t{1} << 40);
    if (!digit && !last) return corrupt_state();
    limbs_[i] = limb;
  }
  additions_ = 1;
  return {};
}

// --- ExactSum ------------------------------------------------------------------------------------

WideAccumulator& ExactSum::wide() {
  if (!wide_) wide_ = std::make_unique<WideAccumulator>();
  return *wide_;
}

void ExactSum::add_slow(double v) {
  if (v == 0) return;
  const auto bits = std::bit_cast<std::uint64_t>(v);
  const auto exponent = static_cast<unsigned>((bits >> 52U) & 0x7ffU);
  const std::uint64_t fraction = bits & 0xfffffffffffffULL;
  const bool negative = (bits >> 63U) != 0;
  const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | 0x10000000000000ULL;
  const unsigned position = exponent == 0 ? 0 : exponent - 1;
  // Small but short ("0.0001220703125"): still a whole number of 2^-64.
  const int down = static_cast<int>(kOnePosition) - kFractionBits - static_cast<int>(position);
  if (down > 0 && down < 53 && (mantissa & ((std::uint64_t{1} << down) - 1)) == 0) {
    const auto magnitude = static_cast<Int128>(mantissa >> down);
    return add_fixed(negative ? -magnitude : magnitude);
  }
  wide().add(mantissa, position, negative);
}

void ExactSum::add_square(std::int64_t v) {
  const Int128 square = static_cast<Int128>(v) * v;
  Int128 sum = 0;
  if (!__builtin_add_overflow(ints_, square, &sum)) [[likely]] {
    ints_ = sum;
    return;
  }
  wide().add(static_cast<UInt128>(square), kOnePosition, false);
  floats_ = true;  // Beyond 64 bits for good: squares only grow.
}

void ExactSum::add_square(double v) {
  floats_ = true;
  if (v == 0) return;
  if (std::fabs(v) >= 0x1p512) {
    too_large_ = true;
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(v);
  const auto exponent = static_cast<int>((bits >> 52U) & 0x7ffU);
  const std::uint64_t fraction = bits & 0xfffffffffffffULL;
  const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | 0x10000000000000ULL;
  UInt128 square = static_cast<UInt128>(mantissa) * mantissa;
  int position = 2 * ((exponent == 0 ? 1 : exponent) - 1075) + static_cast<int>(kOnePosition);
  if (position < 0) {
    // Below the smallest double (|v| < 2^-484 or so): cut, the same way wherever v is added.
    square = -position < 128 ? square >> -position : 0;
    position = 0;
  }
  wide().add(square, static_cast<unsigned>(position), false);
}

void ExactSum::merge(const ExactSum& other) {
  Int128 sum = 0;
  if (__builtin_add_overflow(ints_, other.ints_, &sum)) {
    wide().add(magnitude_of(other.ints_), kOnePosition, other.ints_ < 0);
    floats_ = true;
  } else {
    ints_ = sum;
  }
  add_fixed(other.fixed_);
  if (other.wide_) wide().add(*other.wide_);
  floats_ = floats_ || other.floats_;
  too_large_ = too_large_ || other.too_large_;
}

std::optional<std::int64_t> ExactSum::as_int() const {
  if (floats_ || ints_ < std::numeric_limits<std::int64_t>::min() ||
      ints_ > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return static_cast<std::int64_t>(ints_);
}

WideAccumulator ExactSum::total() const {
  WideAccumulator total;
  if (wide_) total = *wide_;
  total.add(magnitude_of(ints_), kOnePosition, ints_ < 0);
  total.add(magnitude_of(fixed_), kOnePosition - kFractionBits, fixed_ < 0);
  return total;
}

std::optional<Int128> ExactSum::narrow() const {
  constexpr Int128 kIntsMax = static_cast<Int128>(1) << (126 - kFractionBits);
  constexpr Int128 kFixedMax = static_cast<Int128>(1) << 126;
  if (wide_ || too_large_ || ints_ >= kIntsMax || ints_ <= -kIntsMax || fixed_ >= kFixedMax ||
      fixed_ <= -kFixedMax)
    return std::nullopt;
  return fixed_ + ints_ * (static_cast<Int128>(1) << kFractionBits);
}

double ExactSum::to_double() const {
  if (const auto fixed = narrow()) return std::ldexp(static_cast<double>(*fixed), -kFractionBits);
  if (too_large_) return std::numeric_limits<double>::infinity();
  return total().round();
}

double ExactSum::divided_by(double n) const {
  const Pair sum = to_pair();
  const double quotient = sum.hi / n;
  if (!std::isfinite(quotient)) return quotient;
  return quotient + (std::fma(-quotient, n, sum.hi) + sum.lo) / n;
}

ExactSum::Pair ExactSum::to_pair() const {
  if (const auto fixed = narrow()) {
    const auto hi = static_cast<double>(*fixed);
    const auto lo = static_cast<double>(*fixed - static_cast<Int128>(hi));
    return {std::ldexp(hi, -kFractionBits), std::ldexp(lo, -kFractionBits)};
  }
  const double hi = to_double();
  if (!std::isfinite(hi)) return {hi, 0};
  ExactSum rest;
  rest.merge(*this);
  rest.add(-hi);
  return {hi, rest.to_double()};
}

void ExactSum::encode(std::string& out) const {
  out.push_back(static_cast<char>((floats_ ? 1 : 0) | (too_large_ ? 2 : 0) | (wide_ ? 4 : 0)));
  put_int128(ints_, out);
  if (floats_) put_int128(fixed_, out);
  if (wide_) wide_->encode(out);
}

Result<> ExactSum::decode(std::string_view& bytes) {
  const std::uint64_t flags = TRY(get_varint(bytes));
  floats_ = (flags & 1U) != 0;
  too_large_ = (flags & 2U) != 0;
  ints_ = TRY(get_int128(bytes));
  if (floats_) fixed_ = TRY(get_int128(bytes));
  if ((flags & 4U) != 0) TRY(wide().decode(bytes));
  return {};
}

}  // namespace lynxdb::query
