// A thousand indexes are taken, one more is not until one of them is empty again.
#include "instance/index_limit.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lynxdb::instance {
namespace {

event::EventBatch events_of(const std::string& index) {
  event::EventBatch batch(1);
  batch.set(event::kIndex, event::Column::constant(event::Value::string(index), 1));
  return batch;
}

TEST(IndexLimit, RefusesOneIndexTooMany) {
  std::vector<std::string> stored = {"a", "b"};
  base::ManualClock clock(0);
  IndexLimit limit([&] { return stored; }, clock);
  for (std::size_t i = 0; i < IndexLimit::kIndexesMax - stored.size(); ++i)
    ASSERT_TRUE(limit.admit(events_of("i" + std::to_string(i))).has_value()) << i;
  // Those that were only admitted, and never stored, are forgotten when room is needed.
  const auto refused = limit.admit(events_of("more"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfBudget);
  EXPECT_NE(refused.error().message.find("'more'"), std::string::npos);
  EXPECT_TRUE(limit.admit(events_of("a")).has_value());
  EXPECT_TRUE(limit.admit(events_of("i7")).has_value());
  clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(limit.admit(events_of("more")).has_value());
}

TEST(IndexLimit, CountsWhatIsStoredAtTheStart) {
  std::vector<std::string> stored;
  for (std::size_t i = 0; i < IndexLimit::kIndexesMax; ++i)
    stored.push_back("i" + std::to_string(i));
  base::ManualClock clock(0);
  IndexLimit limit([&] { return stored; }, clock);
  EXPECT_TRUE(limit.admit(events_of("i0")).has_value());
  EXPECT_FALSE(limit.admit(event::EventBatch(1)).has_value());  // "main" is not among them.
}

}  // namespace
}  // namespace lynxdb::instance
