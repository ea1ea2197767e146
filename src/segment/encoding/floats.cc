#include "segment/encoding/floats.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr std::uint8_t kDecimals = 0;
constexpr std::uint8_t kBits = 1;
constexpr std::uint8_t kSplit = 2;

constexpr double kExactMax = 9007199254740992.0;  // 2^53

constexpr std::array<double, kDecimalDigitsMax + 1> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// The digits with which all but a few of the first values are decimals; nullopt when there are
// none.
std::optional<unsigned> common_digits(std::span<const double> values) {
  constexpr std::size_t kSample = 1000;
  const std::size_t size = std::min(values.size(), kSample);
  // Spread over all values: logs often begin with a quiet hour.
  const std::size_t stride = values.size() / std::max<std::size_t>(size, 1);
  for (unsigned digits = 0; digits <= kDecimalDigitsMax; ++digits) {
    std::size_t misses = 0;
    for (std::size_t i = 0; i < size; ++i) {
      misses += as_decimal(values[i * stride], digits) ? 0 : 1;
    }
    if (misses <= size / 50) return digits;
  }
  return std::nullopt;
}

std::string decimals_form(std::span<const double> values, unsigned digits) {
  std::vector<std::int64_t> integers;
  std::vector<std::int64_t> rows;
  std::string exceptions;
  integers.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::optional<std::int64_t> integer = as_decimal(values[i], digits);
    if (!integer) {
      rows.push_back(static_cast<std::int64_t>(i));
      base::put_fixed(std::bit_cast<std::uint64_t>(values[i]), exceptions);
    }
    integers.push_back(integer ? *integer : integers.empty() ? 0 : integers.back());
  }
  std::string out(1, static_cast<char>(kDecimals));
  base::put_fixed(static_cast<std::uint8_t>(digits), out);
  put_integers(integers, out);
  base::put_varint(rows.size(), out);
  if (!rows.empty()) put_integers(rows, out);
  return out + exceptions;
}

std::string bits_form(std::span<const double> values) {
  std::vector<std::int64_t> bits(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) bits[i] = std::bit_cast<std::int64_t>(values[i]);
  std::string out(1, static_cast<char>(kBits));
  put_integers(bits, out);
  return out;
}

std::string split_form(std::span<const double> values, Compression compression) {
  std::string bytes(values.size() * sizeof(double), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(values[i]);
    for (std::size_t byte = 0; byte < 8; ++byte) {
      bytes[byte * values.size() + i] = static_cast<char>(bits >> (8 * byte));
    }
  }
  std::string out(1, static_cast<char>(kSplit));
  put_compressed(bytes, compression, out);
  return out;
}

std::vector<double> joined(std::string_view bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      bits |= std::uint64_t{static_cast<unsigned char>(bytes[byte * values.size() + i])}
              << (8 * byte);
    }
    values[i] = std::bit_cast<double>(bits);
  }
  return values;
}

}  // namespace

std::optional<std::int64_t> as_decimal(double value, unsigned digits) {
  LYNXDB_DCHECK(digits <= kDecimalDigitsMax);
  const double scaled = std::nearbyint(value * kPowersOfTen[digits]);
  if (!(std::fabs(scaled) < kExactMax)) return std::nullopt;  // Also NaN and infinity.
  // Minus zero and NaN have bits that no quotient of integers has.
  if (!same_bits((scaled + 0.0) / kPowersOfTen[digits], value)) return std::nullopt;
  return static_cast<std::int64_t>(scaled);
}

void put_floats(std::span<const double> values, Compression compression, std::string& out) {
  std::string best = bits_form(values);
  if (values.empty()) {
    out += best;
    return;
  }
  if (const auto digits = common_digits(values)) {
    std::string decimals = decimals_form(values, *digits);
    if (decimals.size() < best.size()) best = std::move(decimals);
  } else {
    std::string split = split_form(values, compression);
    if (split.size() < best.size()) best = std::move(split);
  }
  out += best;
}

Result<Floats> Floats::parse(base::ByteReader& in, std::size_t count) {
  const auto form = in.fixed<std::uint8_t>();
  if (in.failed()) return corrupt("floats end early");
  if (form == kDecimals) return parse_decimals(in, count);
  Floats result;
  result.count_ = count;
  if (form == kBits) {
    result.integers_ = TRY(Integers::parse(in, count));
    return result;
  }
  if (form != kSplit) return corrupt("unknown form of floats");
  result.split_ = TRY(take_compressed(in, count * sizeof(double)));
  if (result.split_.size != count * sizeof(double)) return corrupt("floats of another number");
  return result;
}

Result<Floats> Floats::parse_decimals(base::ByteReader& in, std::size_t count) {
  Floats result;
  result.count_ = count;
  result.decimal_ = true;
  const auto digits = in.fixed<std::uint8_t>();
  if (in.failed() || digits > kDecimalDigitsMax) return corrupt("decimals of too many digits");
  result.divisor_ = kPowersOfTen[digits];
  result.integers_ = TRY(Integers::parse(in, count));
  const std::uint64_t exceptions = in.varint();
  if (in.failed() || exceptions > in.remaining() / sizeof(double)) {
    return corrupt("exceptions of decimals end early");
  }
  if (exceptions == 0) return result;
  result.exception_rows_.resize(static_cast<std::size_t>(exceptions));
  TRY(TRY(Integers::parse(in, result.exception_rows_.size())).decode(result.exception_rows_));
  std::int64_t next = 0;
  for (const std::int64_t row : result.exception_rows_) {
    if (row < next || static_cast<std::uint64_t>(row) >= count) {
      return corrupt("rows of exceptions that do not ascend");
    }
    next = row + 1;
    result.exceptions_.push_back(std::bit_cast<double>(in.fixed<std::uint64_t>()));
  }
  if (in.failed()) return corrupt("exceptions of decimals end early");
  return result;
}

void Floats::convert(std::span<const std::int64_t> integers, std::span<double> out) const {
  for (std::size_t i = 0; i < integers.size(); ++i) {
    out[i] =
        decimal_ ? static_cast<double>(integers[i]) / divisor_ : std::bit_cast<double>(integers[i]);
  }
}

Result<std::vector<double>> Floats::all() const {
  if (!integers_) {
    std::string bytes(split_.size, '\0');
    TRY(decompress(split_, bytes.data()));
    return joined(bytes);
  }
  std::vector<std::int64_t> integers(count_);
  TRY(integers_->decode(integers));
  std::vector<double> values(count_);
  convert(integers, values);
  for (std::size_t i = 0; i < exceptions_.size(); ++i) {
    values[static_cast<std::size_t>(exception_rows_[i])] = exceptions_[i];
  }
  return values;
}

Result<std::vector<double>> Floats::at(std::span<const std::uint32_t> rows) const {
  std::vector<double> values(rows.size());
  if (!integers_) {
    const std::vector<double> all_values = TRY(all());
    for (std::size_t i = 0; i < rows.size(); ++i) values[i] = all_values[rows[i]];
    return values;
  }
  convert(TRY(integers_->at(rows)), values);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found =
        std::lower_bound(exception_rows_.begin(), exception_rows_.end(), std::int64_t{rows[i]});
    if (found == exception_rows_.end() || *found != rows[i]) continue;
    values[i] = exceptions_[static_cast<std::size_t>(found - exception_rows_.begin())];
  }
  return values;
}

}  // namespace lynxdb::segment
