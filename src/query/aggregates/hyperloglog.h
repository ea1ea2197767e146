// HyperLogLog: how many distinct hashes were seen, in 128 KiB.
//
// After P. Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality estimation
// algorithm" (2007), with the estimator of O. Ertl, "New cardinality estimation algorithms for
// HyperLogLog sketches" (arXiv:1702.01284), which needs no correction tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::query {

// Order and duplicates of additions and merges make no difference.
class HyperLogLog {
 public:
  // 2^17 registers: a standard error of 0.29 %, so that 1 % is more than three of them away.
  static constexpr unsigned kPrecision = 17;
  static constexpr std::size_t kRegisters = std::size_t{1} << kPrecision;

  HyperLogLog() : registers_(kRegisters) {}

  void add(std::uint64_t hash) {
    const std::size_t index = hash >> (64 - kPrecision);
    // A sentinel bit ends the run of zeros when the rest of the hash has no bit set.
    const std::uint64_t rest = (hash << kPrecision) | (std::uint64_t{1} << (kPrecision - 1));
    const auto rank = static_cast<std::uint8_t>(__builtin_clzll(rest) + 1);
    if (registers_[index] < rank) registers_[index] = rank;
  }
  void merge(const HyperLogLog& other);
  std::uint64_t estimate() const;

  void encode(std::string& out) const;
  Result<> decode(std::string_view& bytes);
  std::size_t memory_bytes() const { return registers_.capacity(); }

 private:
  std::vector<std::uint8_t> registers_;
};

}  // namespace lynxdb::query
