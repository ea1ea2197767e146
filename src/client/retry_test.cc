// Waits grow, stay within their bounds, and are never shorter than what the server asked for.
#include "client/retry.h"

#include <gtest/gtest.h>

namespace lynxdb::client {
namespace {

using std::chrono::milliseconds;

TEST(RetryAfter, IsSeconds) {
  EXPECT_EQ(parse_retry_after("0"), milliseconds(0));
  EXPECT_EQ(parse_retry_after("7"), milliseconds(7000));
  for (const char* text : {"", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"})
    EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
}

TEST(Backoff, GrowsToFiveSecondsAndBeginsAnewAfterSuccess) {
  Backoff backoff(1);
  milliseconds most(100);
  for (int i = 0; i < 100; ++i) {
    const milliseconds wait = backoff.next(std::nullopt);
    EXPECT_GE(wait, most / 2);
    EXPECT_LE(wait, most);
    most = std::min(2 * most, milliseconds(5000));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(std::nullopt), milliseconds(100));
}

TEST(Backoff, HonoursWhatTheServerAskedFor) {
  Backoff backoff(1);
  EXPECT_EQ(backoff.next(milliseconds(3000)), milliseconds(3000));
}

}  // namespace
}  // namespace lynxdb::client
