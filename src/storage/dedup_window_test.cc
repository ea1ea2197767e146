// The dedup window remembers the newest batches of the window, their first answer, and no others;
// what it writes is what it reads.
#include "storage/dedup_window.h"

#include <gtest/gtest.h>

namespace lynxdb::storage {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;

DedupEntry entry(std::uint64_t offset, std::int64_t appended_ns = 0) {
  return {offset, 10, 77, appended_ns};
}

TEST(DedupWindow, KnowsWhatWasInserted) {
  DedupWindow window({});
  window.insert(batch_key("a", 0), entry(5));
  ASSERT_NE(window.find(batch_key("a", 0)), nullptr);
  EXPECT_EQ(*window.find(batch_key("a", 0)), entry(5));
  EXPECT_EQ(window.find(batch_key("b", 0)), nullptr);
}

TEST(DedupWindow, TellsPartsAndEventsApart) {
  DedupWindow window({});
  window.insert(batch_key("a", 0), entry(5));
  EXPECT_EQ(window.find(batch_key("a", 1)), nullptr);
  EXPECT_EQ(window.find(event_key("a")), nullptr);
}

TEST(DedupWindow, KeepsTheFirstAnswer) {
  DedupWindow window({});
  window.insert(batch_key("a", 0), entry(5));
  window.insert(batch_key("a", 0), entry(6));
  EXPECT_EQ(window.find(batch_key("a", 0))->base_offset, 5U);
  EXPECT_EQ(window.size(), 1U);
}

TEST(DedupWindow, ForgetsTheOldestBeyondItsLimit) {
  DedupWindow window({.batches_max = 2});
  for (const char* id : {"a", "b", "c"}) window.insert(batch_key(id, 0), entry(1));
  EXPECT_EQ(window.find(batch_key("a", 0)), nullptr);
  EXPECT_NE(window.find(batch_key("b", 0)), nullptr);
  EXPECT_NE(window.find(batch_key("c", 0)), nullptr);
}

TEST(DedupWindow, ForgetsWhatIsOlderThanTheWindow) {
  DedupWindow window({.window = std::chrono::hours(24)});
  window.insert(batch_key("old", 0), entry(1, 0));
  window.insert(batch_key("new", 0), entry(2, kHour));
  window.expire(24 * kHour);
  EXPECT_EQ(window.size(), 2U);
  window.expire(24 * kHour + 1);
  EXPECT_EQ(window.find(batch_key("old", 0)), nullptr);
  EXPECT_NE(window.find(batch_key("new", 0)), nullptr);
}

TEST(DedupWindow, ComesBackFromItsBytes) {
  DedupWindow window({});
  for (std::uint64_t i = 0; i < 100; ++i) {
    window.insert(batch_key("batch", static_cast<std::uint32_t>(i)), entry(i, kHour));
  }
  std::string bytes;
  window.encode(bytes);
  DedupWindow back({});
  ASSERT_TRUE(back.decode(bytes));
  EXPECT_EQ(back.size(), 100U);
  EXPECT_EQ(*back.find(batch_key("batch", 42)), entry(42, kHour));
  EXPECT_FALSE(DedupWindow({}).decode(bytes.substr(1)));
}

TEST(DedupWindow, ForgetsWhatIsCutOffTheLog) {
  DedupWindow window({});
  for (std::uint64_t i = 0; i < 10; ++i) {
    window.insert(batch_key("batch", static_cast<std::uint32_t>(i)), entry(i, kHour));
  }
  window.truncate(4);
  EXPECT_EQ(window.size(), 4U);
  EXPECT_NE(window.find(batch_key("batch", 3)), nullptr);
  EXPECT_EQ(window.find(batch_key("batch", 4)), nullptr);
  window.insert(batch_key("batch", 4), entry(4, 2 * kHour));
  EXPECT_EQ(*window.find(batch_key("batch", 4)), entry(4, 2 * kHour));
}

TEST(DedupWindows, GiveWhatIsBelowAnOffset) {
  DedupWindows windows({});
  windows.batches.insert(batch_key("a", 0), entry(1, kHour));
  windows.batches.insert(batch_key("b", 0), entry(2, kHour));
  windows.events.insert(event_key("e"), entry(1, kHour));
  windows.events.insert(event_key("f"), entry(3, kHour));
  const std::string bytes = encode_below(windows, 2);
  DedupWindows back({});
  ASSERT_TRUE(decode(bytes, back));
  EXPECT_EQ(back.batches.size(), 1U);
  EXPECT_NE(back.batches.find(batch_key("a", 0)), nullptr);
  EXPECT_EQ(back.events.size(), 1U);
  EXPECT_NE(back.events.find(event_key("e")), nullptr);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    DedupWindows cut({});
    EXPECT_FALSE(decode(bytes.substr(0, size), cut)) << size;
  }
  EXPECT_TRUE(decode("", back));
}

}  // namespace
}  // namespace lynxdb::storage
