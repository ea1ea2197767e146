// Exactly once, whatever breaks when: random histories of the store, each from one seed.
// LYNXDB_CRASH_SEEDS=first:count runs others.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/storage/crash_run.h"

namespace lynxdb::tests {
namespace {

// Sanitizers make a history many times as long as it is.
#if __has_feature(thread_sanitizer)
constexpr unsigned long kSeeds = 6;
#elif __has_feature(address_sanitizer)
constexpr unsigned long kSeeds = 12;
#else
constexpr unsigned long kSeeds = 30;
#endif

TEST(CrashTest, FindsEveryAcknowledgedEventExactlyOnce) {
  unsigned long first = 1;
  unsigned long count = kSeeds;
  if (const char* seeds = std::getenv("LYNXDB_CRASH_SEEDS")) {
    ASSERT_EQ(std::sscanf(seeds, "%lu:%lu", &first, &count), 2);
  }
  for (unsigned long seed = first; seed < first + count; ++seed) {
    ASSERT_EQ(CrashRun(seed).run(), "");
  }
}

}  // namespace
}  // namespace lynxdb::tests
