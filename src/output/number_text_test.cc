// Numbers and durations in the form that the footer shows.
#include "output/number_text.h"

#include <gtest/gtest.h>

namespace lynxdb::output {
namespace {

using namespace std::chrono_literals;

TEST(NumberText, SeparatesThousandsOfTheWholePart) {
  EXPECT_EQ(with_thousands_separators("0"), "0");
  EXPECT_EQ(with_thousands_separators("999"), "999");
  EXPECT_EQ(with_thousands_separators("1000"), "1,000");
  EXPECT_EQ(with_thousands_separators("-1234567.8901"), "-1,234,567.8901");
  EXPECT_EQ(with_thousands_separators("-123"), "-123");
  EXPECT_EQ(with_thousands_separators("1.5e+21"), "1.5e+21");
}

TEST(NumberText, ShowsDurationsWithThreeDigitsOrSo) {
  EXPECT_EQ(duration_text(420us), "0.4ms");
  EXPECT_EQ(duration_text(9940us), "9.9ms");
  EXPECT_EQ(duration_text(89ms), "89ms");
  EXPECT_EQ(duration_text(999ms), "999ms");
  EXPECT_EQ(duration_text(1250ms), "1.25s");
  EXPECT_EQ(duration_text(125s), "2m05s");
}

TEST(NumberText, CountsInTheRightNumber) {
  EXPECT_EQ(counted(0, "event"), "0 events");
  EXPECT_EQ(counted(1, "event"), "1 event");
  EXPECT_EQ(counted(50000, "event"), "50,000 events");
}

}  // namespace
}  // namespace lynxdb::output
