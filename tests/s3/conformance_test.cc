// What every object store promises (io/object_store.h), on a directory and, under radosgw.sh, on a
// real S3 service: the same tests for both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "io/local_object_store.h"
#include "s3/test_bucket.h"

namespace lynxdb::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kHourNs = 3'600'000'000'000;

class ObjectStores : public ::testing::TestWithParam<std::string> {
 protected:
  ObjectStores() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lynxdb-objects-XXXXXX");
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    if (GetParam() == "Local") {
      store_ = *LocalObjectStore::open(posix(), directory_ + "/objects", base::real_clock());
    } else {
      store_ = s3::testing::open_store(s3::testing::test_options(*s3::testing::test_endpoint()));
    }
  }
  ~ObjectStores() override { std::filesystem::remove_all(directory_); }

  ObjectStore& store() { return *store_; }
  void put(std::string_view key, std::string_view bytes) {
    const auto done = store().put(key, bytes);
    EXPECT_TRUE(done) << key << ": " << done.error().message;
  }
  std::string get(std::string_view key, ByteRange range) {
    const auto bytes = store().get(key, range);
    EXPECT_TRUE(bytes) << key << ": " << bytes.error().message;
    return bytes ? *bytes : std::string();
  }
  std::vector<std::string> keys(std::string_view prefix = {}) {
    const auto objects = list_all(store(), prefix, 10'000);
    EXPECT_TRUE(objects) << objects.error().message;
    std::vector<std::string> keys;
    for (const ObjectInfo& object : *objects) keys.push_back(object.key);
    return keys;
  }
  std::unique_ptr<File> file_of(std::string_view bytes) {
    auto file = *posix().open(directory_ + "/file" + std::to_string(++files_), OpenMode::kCreate);
    EXPECT_TRUE(file->append(bytes));
    return file;
  }

 private:
  std::string directory_;
  std::unique_ptr<ObjectStore> store_;
  int files_ = 0;
};

std::vector<std::string> stores() {
  std::vector<std::string> names = {"Local"};
  if (s3::testing::test_endpoint()) names.emplace_back("S3");
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ObjectStores, ::testing::ValuesIn(stores()),
                         [](const auto& info) { return info.param; });

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorCode::kParse : result.error().code;
}

// Bytes without a pattern that a lost or doubled block would repeat.
std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST_P(ObjectStores, GiveBackWhatWasPut) {
  const std::string large = noise(1'000'000);
  put("a/b/c.lsg", "hello");
  put("empty", "");
  put("large", large);
  EXPECT_EQ(get("a/b/c.lsg", {0, 5}), "hello");
  EXPECT_EQ(get("empty", {0, 0}), "");
  EXPECT_EQ(get("large", {0, large.size()}), large);
  EXPECT_EQ(store().stats().errors, 0U);
  EXPECT_GE(store().stats().bytes_sent, large.size());
  EXPECT_GE(store().stats().bytes_received, large.size());
}

TEST_P(ObjectStores, GiveTheRangeThatIsAskedFor) {
  put("k", "0123456789");
  EXPECT_EQ(get("k", {0, 1}), "0");
  EXPECT_EQ(get("k", {3, 4}), "3456");
  EXPECT_EQ(get("k", {9, 1}), "9");
  EXPECT_EQ(get("k", {4, 0}), "");
  EXPECT_EQ(get("k", {10, 0}), "");
}

TEST_P(ObjectStores, CallAnObjectThatEndsTooEarlyCorrupt) {
  put("k", "0123456789");
  for (const ByteRange range : {ByteRange{0, 11}, ByteRange{9, 2}, ByteRange{10, 1},
                                ByteRange{11, 0}, ByteRange{100, 10}, ByteRange{~0ULL, 2}}) {
    EXPECT_EQ(code_of(store().get("k", range)), ErrorCode::kCorruption) << range.offset;
  }
}

TEST_P(ObjectStores, ReplaceTheOldObject) {
  put("k", "old and long");
  put("k", "new");
  EXPECT_EQ(store().head("k")->size_bytes, 3U);
  EXPECT_EQ(get("k", {0, 3}), "new");
  EXPECT_THAT(keys(), ElementsAre("k"));
}

TEST_P(ObjectStores, SayWhatIsNotThere) {
  EXPECT_EQ(code_of(store().get("none/at/all", {0, 1})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store().head("none")), ErrorCode::kNotFound);
  EXPECT_THAT(store().head("none").error().message, HasSubstr("none"));
  EXPECT_EQ(store().stats().errors, 0U);
}

TEST_P(ObjectStores, KnowSizeAndAge) {
  const std::int64_t before_ns = base::real_clock().wall_ns();
  put("k", "12345");
  const auto info = store().head("k");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->key, "k");
  EXPECT_EQ(info->size_bytes, 5U);
  EXPECT_LT(std::abs(info->modified_ns - before_ns), kHourNs);
  const auto page = store().list("");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects.at(0).size_bytes, 5U);
  EXPECT_LT(std::abs(page->objects.at(0).modified_ns - before_ns), kHourNs);
}

TEST_P(ObjectStores, KeepKeysAsTheyAre) {
  const std::vector<std::string> odd = {
      "a b/c+d%20e", "and&lt;<tag>\"'", "caf\xc3\xa9/\xe2\x82\xac",  "dots/a..b/c.",
      "eq=1&x=2",    "hash#q?u",        "plain-._~!*()$,;:@[]{}^|`", "q\\back"};
  for (const std::string& key : odd) put(key, key);
  for (const std::string& key : odd) EXPECT_EQ(get(key, {0, key.size()}), key);
  EXPECT_EQ(keys(), odd);
  EXPECT_TRUE(store().remove(odd));
  EXPECT_THAT(keys(), IsEmpty());
}

TEST_P(ObjectStores, RefuseKeysThatLeaveTheirPlace) {
  for (const char* key :
       {"", "/etc/passwd", "../up", "a/../../b", "a//b", "a/", ".hidden", "a\nb"}) {
    EXPECT_EQ(code_of(store().put(key, "x")), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of(store().get(key, {0, 1})), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of(store().head(key)), ErrorCode::kInvalidArgument) << key;
    const std::string text = key;
    EXPECT_EQ(code_of(store().remove(std::span(&text, 1))), ErrorCode::kInvalidArgument) << key;
  }
}

TEST_P(ObjectStores, ListByPrefixAndAfterAKey) {
  for (const char* key : {"logs/1/a", "logs/1/b", "logs/10/c", "logs.x", "m"}) put(key, "");
  EXPECT_THAT(keys(), ElementsAre("logs.x", "logs/1/a", "logs/1/b", "logs/10/c", "m"));
  EXPECT_THAT(keys("logs/1"), ElementsAre("logs/1/a", "logs/1/b", "logs/10/c"));
  EXPECT_THAT(keys("logs/1/"), ElementsAre("logs/1/a", "logs/1/b"));
  EXPECT_THAT(keys("nothing"), IsEmpty());

  const auto page = store().list("logs/", "logs/1/a", 1);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects.front().key, "logs/1/b");
  EXPECT_TRUE(page->more);
  EXPECT_FALSE(store().list("logs/", "logs/1/b", 1)->more);
  EXPECT_THAT(store().list("", "zzz")->objects, IsEmpty());
  EXPECT_EQ(code_of(store().list("", "", 0)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(store().list("", "", 1001)), ErrorCode::kInvalidArgument);
}

TEST_P(ObjectStores, ListAndRemoveMoreThanAPage) {
  constexpr int kObjects = 1'203;
  std::vector<std::string> all;
  for (int i = 0; i < kObjects; ++i) all.push_back("p/" + std::to_string(10'000 + i));
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < 8; ++first) {
    threads.emplace_back([&, first] {
      for (std::size_t i = first; i < all.size(); i += 8) put(all[i], all[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keys(), all);
  EXPECT_EQ(code_of(list_all(store(), "", kObjects - 1)), ErrorCode::kOutOfBudget);
  const auto page = store().list("p/", all[99], 100);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects.front().key, all[100]);
  EXPECT_EQ(page->objects.back().key, all[199]);
  EXPECT_TRUE(page->more);

  const std::string last = all.back();
  EXPECT_TRUE(store().remove(std::span(all).first(all.size() - 1)));
  EXPECT_THAT(keys(), ElementsAre(last));
}

TEST_P(ObjectStores, RemoveWhatIsNotThereWithoutComplaint) {
  put("here", "x");
  const std::vector<std::string> some = {"here", "not/here", "nor/here"};
  EXPECT_TRUE(store().remove(some));
  EXPECT_TRUE(store().remove(some));
  EXPECT_TRUE(store().remove({}));
  EXPECT_EQ(code_of(store().head("here")), ErrorCode::kNotFound);
}

TEST_P(ObjectStores, TakeFilesSmallAndLarge) {
  // In S3: one request; exactly one part; parts and a rest.
  constexpr std::size_t kPart = 5U << 20U;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1'000}, kPart, 2 * kPart + 12'345}) {
    SCOPED_TRACE(size);
    const std::string content = noise(size);
    const auto file = file_of(content);
    const auto done = store().put_file("file", *file);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(store().head("file")->size_bytes, size);
    EXPECT_TRUE(get("file", {0, size}) == content);
  }
}

TEST_P(ObjectStores, ServeManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string key = "t" + std::to_string(t);
        const std::string content = key + "-" + std::to_string(i);
        put(key, content);
        EXPECT_EQ(get(key, {0, content.size()}), content);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keys().size(), 8U);
}

TEST_P(ObjectStores, StopWhenTheyAreCancelled) {
  put("k", "x");
  store().cancel();
  EXPECT_EQ(code_of(store().get("k", {0, 1})), ErrorCode::kCancelled);
  EXPECT_EQ(code_of(store().put("k", "y")), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace lynxdb::io
