// A cache gives what the store would give, whatever happened to its own copies, and stays within
// its limits.
#include "io/range_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "base/clock.h"
#include "io/fault_file.h"
#include "io/local_object_store.h"

namespace lynxdb::io {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kBlock = RangeCache::kBlockBytes;
constexpr std::uint64_t kSize = 3 * kBlock + 1'000;  // Four blocks, the last one short.

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

class Cache : public testing::Test {
 protected:
  Cache() {
    store_ = *LocalObjectStore::open(remote_, "/objects", base::real_clock());
    EXPECT_TRUE(store_->put("a", content_));
    reopen();
  }
  void reopen() {
    cache_.reset();
    cache_ = *RangeCache::open(disk_, "/cache", *store_, limits_);
  }
  std::string read(std::uint64_t offset, std::uint64_t size) {
    const auto bytes = cache_->read("a", kSize, {offset, size});
    EXPECT_TRUE(bytes) << bytes.error().message;
    return bytes ? *bytes : std::string();
  }
  // Whether a read of all of it is right, and how many blocks came from the store.
  std::uint64_t misses_of_all() {
    const std::uint64_t before = cache_->stats().misses;
    EXPECT_TRUE(read(0, kSize) == content_);
    return cache_->stats().misses - before;
  }
  std::vector<std::string> files() { return *disk_.list("/cache"); }
  std::uint64_t requests() const { return store_->stats().requests; }

  FaultFileSystem remote_;
  FaultFileSystem disk_;
  const std::string content_ = noise(kSize);
  RangeCache::Limits limits_{.memory_bytes = 16 * kBlock, .disk_bytes = 16 * kBlock};
  std::unique_ptr<LocalObjectStore> store_;
  std::unique_ptr<RangeCache> cache_;
};

TEST_F(Cache, GivesEveryRange) {
  for (const std::uint64_t offset :
       {std::uint64_t{0}, std::uint64_t{1}, kBlock - 1, kBlock, 2 * kBlock + 5, kSize - 1, kSize}) {
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, kBlock, 2 * kBlock, kSize}) {
      if (offset + size > kSize) continue;
      EXPECT_TRUE(read(offset, size) == content_.substr(offset, size)) << offset << " " << size;
    }
  }
  EXPECT_EQ(cache_->stats().misses, 4U);
}

TEST_F(Cache, FetchesWhatIsMissingSideBySideAtOnce) {
  (void)read(kBlock, 1);
  const std::uint64_t before = requests();
  EXPECT_EQ(misses_of_all(), 3U);
  EXPECT_EQ(requests() - before, 2U);  // Before and after the block that was there.
  EXPECT_EQ(misses_of_all(), 0U);
  EXPECT_EQ(requests() - before, 2U);
}

TEST_F(Cache, RefusesARangeOutside) {
  for (const ByteRange range : {ByteRange{0, kSize + 1}, ByteRange{kSize + 1, 0},
                                ByteRange{1, ~0ULL}, ByteRange{~0ULL, 2}}) {
    const auto bytes = cache_->read("a", kSize, range);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(Cache, PassesOnTheErrorsOfTheStore) {
  const auto bytes = cache_->read("none", 10, {0, 10});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::kNotFound);
}

TEST_F(Cache, FindsItsBlocksAfterARestart) {
  EXPECT_EQ(misses_of_all(), 4U);
  reopen();
  EXPECT_EQ(misses_of_all(), 0U);
  EXPECT_EQ(cache_->stats().disk_hits, 4U);
}

TEST_F(Cache, FetchesAgainWhatTheDiskDamaged) {
  EXPECT_EQ(misses_of_all(), 4U);
  std::uint64_t damaged = 0;
  for (const std::string& name : files()) {
    const std::string path = "/cache/" + name;
    disk_.flip_bit(path, damaged % 2 == 0 ? 800U : 8 * disk_.contents(path).size() - 1);
    reopen();
    EXPECT_EQ(misses_of_all(), 1U) << name;
    ++damaged;
  }
  EXPECT_EQ(damaged, 4U);
}

TEST_F(Cache, FetchesAgainWhatACrashCut) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    (void)misses_of_all();
    disk_.crash_torn(seed);
    reopen();
    EXPECT_TRUE(read(0, kSize) == content_) << seed;
  }
}

TEST_F(Cache, TakesNoFileForABlockThatIsNone) {
  cache_.reset();
  disk_.set_contents("/cache/7.block", "");
  disk_.set_contents("/cache/8.block", std::string(5'000, '\xff'));
  disk_.set_contents("/cache/readme", "not ours");
  reopen();
  EXPECT_EQ(misses_of_all(), 4U);
  EXPECT_THAT(files(), SizeIs(5));
}

TEST_F(Cache, StaysWithinItsLimits) {
  limits_ = {.memory_bytes = 2 * kBlock, .disk_bytes = 3 * kBlock};
  reopen();
  for (int round = 0; round < 3; ++round) {
    (void)misses_of_all();
    EXPECT_LE(cache_->stats().memory_bytes, 2 * kBlock);
    EXPECT_LE(cache_->stats().disk_bytes, 3 * kBlock);
  }
  EXPECT_LE(files().size(), 3U);
  limits_.disk_bytes = kBlock / 2;
  reopen();
  EXPECT_THAT(files(), SizeIs(testing::Le(1U)));  // The short last block may stay.
}

TEST_F(Cache, KeepsWhatIsUsed) {
  limits_ = {.memory_bytes = 2 * kBlock, .disk_bytes = 0};
  reopen();
  (void)read(0, 1);
  (void)read(kBlock, 1);
  (void)read(0, 1);
  (void)read(2 * kBlock, 1);  // The second block goes.
  EXPECT_EQ(cache_->stats().misses, 3U);
  (void)read(0, 1);
  EXPECT_EQ(cache_->stats().misses, 3U);
  (void)read(kBlock, 1);
  EXPECT_EQ(cache_->stats().misses, 4U);
}

TEST_F(Cache, WorksWithoutADiskThatTakesAnything) {
  disk_.set_free_bytes(kBlock + 500);
  EXPECT_EQ(misses_of_all(), 4U);
  EXPECT_EQ(misses_of_all(), 0U);  // From memory.
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(Cache, HoldsWhatWasAddedAndNothingThatWasForgotten) {
  cache_->add("a", content_);
  EXPECT_EQ(misses_of_all(), 0U);
  cache_->forget("a");
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(cache_->stats().memory_bytes, 0U);
  EXPECT_EQ(misses_of_all(), 4U);
}

TEST_F(Cache, NoticesAnObjectOfAnotherSizeUnderAnOldKey) {
  EXPECT_EQ(misses_of_all(), 4U);
  ASSERT_TRUE(store_->put("a", "short"));
  EXPECT_EQ(*cache_->read("a", 5, {1, 3}), "hor");
  reopen();
  EXPECT_EQ(*cache_->read("a", 5, {1, 3}), "hor");
}

TEST_F(Cache, ServesManyThreads) {
  limits_ = {.memory_bytes = 2 * kBlock, .disk_bytes = 3 * kBlock};
  reopen();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::uint64_t offset = (t * 7 + i * 13) * 10'007 % (kSize - 1'000);
        EXPECT_TRUE(read(offset, 1'000) == content_.substr(offset, 1'000));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace lynxdb::io
