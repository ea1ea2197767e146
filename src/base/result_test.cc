// Result carries a value or an error, and TRY passes the error up.
#include "base/result.h"

#include <gtest/gtest.h>

namespace lynxdb {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error{ErrorCode::kInvalidArgument, "odd number"};
  return n / 2;
}

Result<int> quarter(int n) { return TRY(half(TRY(half(n)))); }

Result<> check_even(int n) {
  TRY(half(n));
  return {};
}

TEST(Result, TryYieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(*quarter(12), 3);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().message, "odd number");
}

TEST(Result, VoidResultsWorkWithTry) {
  EXPECT_TRUE(check_even(2).has_value());
  EXPECT_EQ(check_even(3).error().code, ErrorCode::kInvalidArgument);
}

TEST(Result, EachLayerAddsWhere) {
  Error error{ErrorCode::kCorruption, "bad footer checksum"};
  EXPECT_EQ(std::move(error).in("segment 42").message, "segment 42: bad footer checksum");
}

TEST(ResultDeathTest, ReadingAMissingValueEndsTheProcess) {
  const Result<int> failed = half(1);
  EXPECT_DEATH((void)failed.value(), "check failed");
}

}  // namespace
}  // namespace lynxdb
