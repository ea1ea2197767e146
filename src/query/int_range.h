#pragma once

#include <cstdint>

namespace lynxdb::query {

// Inclusive; empty when low > high.
struct IntRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

}  // namespace lynxdb::query
