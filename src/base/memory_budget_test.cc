// A budget never hands out more than its limit, and gets back what holders had.
#include "base/memory_budget.h"

#include <gtest/gtest.h>

namespace lynxdb::base {
namespace {

TEST(MemoryBudget, RefusesWhatDoesNotFit) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.try_reserve(60));
  EXPECT_FALSE(budget.try_reserve(41));
  EXPECT_TRUE(budget.try_reserve(40));
  EXPECT_EQ(budget.used_bytes(), 100U);
}

TEST(MemoryBudget, RefusesSizesThatWouldOverflow) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.try_reserve(1));
  EXPECT_FALSE(budget.try_reserve(static_cast<std::size_t>(-1)));
}

TEST(MemoryReservation, GivesItsShareBack) {
  MemoryBudget budget(100);
  {
    MemoryReservation share(budget);
    EXPECT_TRUE(share.resize(80));
    EXPECT_FALSE(share.resize(101));
    EXPECT_EQ(share.bytes(), 80U);
    MemoryReservation moved = std::move(share);
    EXPECT_TRUE(moved.resize(20));
    EXPECT_EQ(budget.used_bytes(), 20U);
  }
  EXPECT_EQ(budget.used_bytes(), 0U);
  EXPECT_EQ(budget.peak_bytes(), 80U);
}

TEST(MemoryBudget, SharesAPoolWithOthers) {
  MemoryBudget pool(100);
  MemoryBudget a(80, &pool);
  MemoryBudget b(80, &pool);
  EXPECT_TRUE(a.try_reserve(60));
  EXPECT_FALSE(b.try_reserve(60));
  EXPECT_TRUE(b.try_reserve(40));
  EXPECT_FALSE(a.try_reserve(1));
  b.release(40);
  EXPECT_FALSE(a.try_reserve(30));  // Its own limit; the pool gets its share back.
  EXPECT_EQ(pool.used_bytes(), 60U);
  a.release(60);
  EXPECT_EQ(pool.used_bytes(), 0U);
}

}  // namespace
}  // namespace lynxdb::base
