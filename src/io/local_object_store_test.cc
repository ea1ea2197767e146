// What the directory store promises beside the contract (tests/object_store): a crash at any step
// leaves the old object or the new one, never a part; what others left behind does no harm.
#include "io/local_object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"

namespace lynxdb::io {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorCode::kInvalidArgument : result.error().code;
}

class LocalStore : public testing::Test {
 protected:
  std::unique_ptr<LocalObjectStore> open() {
    auto store = LocalObjectStore::open(disk_, "/objects/", clock_);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  static std::vector<std::string> keys(ObjectStore& store, std::string_view prefix = {}) {
    std::vector<std::string> keys;
    const auto objects = list_all(store, prefix, 1000);
    EXPECT_TRUE(objects);
    for (const ObjectInfo& object : *objects) keys.push_back(object.key);
    return keys;
  }

  FaultFileSystem disk_;
  base::ManualClock clock_{100 * kHourNs};
};

TEST_F(LocalStore, KeepsTheOldObjectOrTheNewOneWhereverACrashComes) {
  for (std::uint64_t step = 0;; ++step) {
    SCOPED_TRACE(step);
    disk_.crash();
    auto store = open();
    ASSERT_TRUE(store->put("k", "old"));
    disk_.stop_after(step);
    const bool done = store->put("k", "new one").has_value();
    disk_.crash_torn(step);
    store = open();
    const auto size = store->head("k");
    ASSERT_TRUE(size);
    const std::string content = *store->get("k", {0, size->size_bytes});
    EXPECT_TRUE(content == "new one" || (!done && content == "old")) << content;
    EXPECT_THAT(keys(*store), ElementsAre("k"));
    if (done) return;
  }
}

TEST_F(LocalStore, LeavesNothingOfAnUploadThatFailed) {
  auto store = open();
  disk_.set_free_bytes(3);
  EXPECT_EQ(code_of(store->put("k", "too long")), ErrorCode::kIo);
  EXPECT_EQ(code_of(store->head("k")), ErrorCode::kNotFound);
  EXPECT_THAT(*disk_.list("/objects/.uploads"), IsEmpty());
  EXPECT_EQ(store->stats().errors, 1U);
}

TEST_F(LocalStore, RemovesUploadsThatNobodyCanBeWritingAnyMore) {
  open();
  disk_.set_wall_ns(clock_.wall_ns() - 25 * kHourNs);
  disk_.set_contents("/objects/.uploads/dead", "x");
  disk_.set_wall_ns(clock_.wall_ns() - 23 * kHourNs);
  disk_.set_contents("/objects/.uploads/alive", "x");
  open();
  EXPECT_THAT(*disk_.list("/objects/.uploads"), ElementsAre("alive"));
}

TEST_F(LocalStore, ListsInTheOrderOfKeysNotOfDirectories) {
  auto store = open();
  for (const char* key : {"a/b", "a.b", "a-b/c", "a0", "b"}) ASSERT_TRUE(store->put(key, ""));
  EXPECT_THAT(keys(*store), ElementsAre("a-b/c", "a.b", "a/b", "a0", "b"));
  EXPECT_THAT(keys(*store, "a."), ElementsAre("a.b"));
  const auto page = store->list("", "a.b", 2);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects.at(0).key, "a/b");
  EXPECT_EQ(page->objects.at(1).key, "a0");
  EXPECT_TRUE(page->more);
}

TEST_F(LocalStore, TellsWhenAnObjectWasWritten) {
  auto store = open();
  disk_.set_wall_ns(5);
  ASSERT_TRUE(store->put("k", "x"));
  EXPECT_EQ(store->head("k")->modified_ns, 5);
}

TEST_F(LocalStore, TakesADirectoryForNoObject) {
  auto store = open();
  ASSERT_TRUE(store->put("a/b", "x"));
  EXPECT_EQ(code_of(store->head("a")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store->get("a", {0, 1})), ErrorCode::kNotFound);
  const std::string directory = "a";
  EXPECT_TRUE(store->remove(std::span(&directory, 1)));
  EXPECT_THAT(keys(*store), ElementsAre("a/b"));
}

TEST_F(LocalStore, IsCorruptWhenAnObjectBecameShorter) {
  auto store = open();
  disk_.set_contents("/objects/k", "abc");
  EXPECT_EQ(code_of(store->get("k", {1, 3})), ErrorCode::kCorruption);
  EXPECT_EQ(code_of(store->get("k", {~0ULL, ~0ULL})), ErrorCode::kCorruption);
  EXPECT_EQ(*store->get("k", {1, 2}), "bc");
}

TEST_F(LocalStore, StopsWhenItIsCancelled) {
  auto store = open();
  store->cancel();
  EXPECT_EQ(code_of(store->put("k", "x")), ErrorCode::kCancelled);
  EXPECT_EQ(code_of(store->list("", "", 1)), ErrorCode::kCancelled);
}

TEST(ObjectKeys, StayBelowTheirDirectory) {
  const std::string long_part(200, 'x');
  const std::string long_key = long_part + "/" + long_part + "/" + long_part + "/" + long_part;
  for (const std::string& key :
       {std::string("a"), std::string("a/b.c"), std::string("a b+%&é"), long_part, long_key}) {
    EXPECT_TRUE(check_object_key(key)) << key;
  }
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string(".."),
        std::string("a/../b"), std::string("a/./b"), std::string(".hidden"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("a\x7f"), std::string("\xff"), std::string("\xc0\xaf"),
        std::string("\xed\xa0\x80"), long_part + "x", long_key + "/" + long_part}) {
    const auto checked = check_object_key(key);
    ASSERT_FALSE(checked) << key;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_LT(checked.error().message.size(), 120U);
    EXPECT_EQ(checked.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace lynxdb::io
