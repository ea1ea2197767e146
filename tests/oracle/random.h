// Random choices that are the same on every machine for one seed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lynxdb::oracle {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0xd1342543de82ef95U + 0x2545f4914f6cdd1dU) {
    state_ = below(UINT64_MAX);  // Or neighbouring seeds would give the same choices, shifted.
  }

  // In [0, bound); SplitMix64.
  std::size_t below(std::size_t bound) {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>((z ^ (z >> 31U)) % bound);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(std::size_t percent) { return below(100) < percent; }

  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  std::string pick(std::initializer_list<const char*> items) {
    return items.begin()[below(items.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace lynxdb::oracle
