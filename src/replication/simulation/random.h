// Random numbers of a run; times may be negative.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace lynxdb::replication::simulation {

class Random : public base::Random {
 public:
  using base::Random::Random;

  // [low, high]
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
};

}  // namespace lynxdb::replication::simulation
