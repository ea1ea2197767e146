// Time spans: durations (base/units.h) that are not zero, or calendar months.
#include "spl2/duration.h"

#include <gtest/gtest.h>

namespace lynxdb::spl2 {
namespace {

TEST(TimeSpan, IsADurationOrMonthsButNotZero) {
  EXPECT_EQ(parse_time_span("3mon")->months, 3);
  EXPECT_EQ(parse_time_span("3mon")->ns, 0);
  EXPECT_EQ(parse_time_span("1 month")->text, "1mon");
  EXPECT_EQ(parse_time_span("90 min")->text, "1h30m");
  EXPECT_EQ(parse_time_span("90 min")->ns, 5'400'000'000'000);
  for (const char* text : {"", "0s", "0mon", "99999999mon", "-1mon", "mon", "1mon2", "5", "1.5h"})
    EXPECT_FALSE(parse_time_span(text)) << text;
}

}  // namespace
}  // namespace lynxdb::spl2
