#include "query/aggregates/hyperloglog.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "query/aggregates/byte_codec.h"

namespace lynxdb::query {

namespace {

constexpr unsigned kRankMax = 64 - HyperLogLog::kPrecision + 1;

// The two series of Ertl's estimator; both converge in a few dozen steps.
double sigma(double x) {
  if (x == 1.0) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

double tau(double x) {
  if (x == 0.0 || x == 1.0) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    before = z;
    x = std::sqrt(x);
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void HyperLogLog::merge(const HyperLogLog& other) {
  for (std::size_t i = 0; i < kRegisters; ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::uint64_t HyperLogLog::estimate() const {
  std::array<std::uint32_t, kRankMax + 1> with_rank{};
  for (const std::uint8_t rank : registers_) ++with_rank[rank];
  constexpr auto kCount = static_cast<double>(kRegisters);
  double z = kCount * tau(1 - with_rank[kRankMax] / kCount);
  for (unsigned rank = kRankMax - 1; rank >= 1; --rank) z = 0.5 * (z + with_rank[rank]);
  z += kCount * sigma(with_rank[0] / kCount);
  return static_cast<std::uint64_t>(std::llround(kCount * kCount / (2 * std::numbers::ln2 * z)));
}

void HyperLogLog::encode(std::string& out) const {
  out.append(reinterpret_cast<const char*>(registers_.data()), registers_.size());
}

Result<> HyperLogLog::decode(std::string_view& bytes) {
  if (bytes.size() < kRegisters) return corrupt_state();
  for (std::size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = static_cast<std::uint8_t>(bytes[i]);
    if (registers_[i] > kRankMax) return corrupt_state();
  }
  bytes.remove_prefix(kRegisters);
  return {};
}

}  // namespace lynxdb::query
