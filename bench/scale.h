// How much input a benchmark takes: all of it, or next to nothing when it runs as a test.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace lynxdb::bench {

// `full`, or a small number when LYNXDB_BENCH_TINY is set.
inline std::size_t scaled(std::size_t full) {
  constexpr std::size_t kTiny = 200;
  static const bool is_tiny = std::getenv("LYNXDB_BENCH_TINY") != nullptr;
  return is_tiny && full > kTiny ? kTiny : full;
}

}  // namespace lynxdb::bench
