// Somebody reads in the middle of every step of flush, compaction and retention: between building
// and uploading, uploading and committing, committing and freeing, replacing and deleting. New
// views and those from before see each event once.
#include <functional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/local_object_store.h"
#include "io/memory_file.h"
#include "metadata/local_metadata.h"
#include "storage/store.h"
#include "storage/testing.h"
#include "tests/support/watched_stores.h"

namespace lynxdb::tests {
namespace {

using storage::testing::events;
using storage::testing::ids_in;
using storage::testing::kNow;
using storage::testing::kSecond;

class StepsTest : public ::testing::Test {
 protected:
  StepsTest() {
    options_.directory = "data";
    options_.background = false;
    options_.clock = &clock_;
    options_.flush.row_group_rows = 4;
    options_.compaction.l0_threshold = 2;
    options_.compaction.l1_threshold = 2;
    options_.compaction.workers = 1;
    options_.retention.all = std::chrono::seconds(0);
    options_.wal.file_bytes_max = 200;
    store_ = *storage::Store::open(options_, files_, objects_, metadata_);
  }

  struct OldView {
    storage::ReadView view;
    std::vector<std::string> ids;
  };

  void look() {
    if (store_ == nullptr) return;
    ++looks_;
    EXPECT_EQ(*ids_in(objects_, store_->read_view()), expected_);
    for (const OldView& old : old_views_) EXPECT_EQ(*ids_in(objects_, old.view), old.ids);
  }

  void append(const std::vector<std::string>& ids, std::int64_t time_ns = kNow) {
    ASSERT_TRUE(store_->append_and_wait(storage::testing::request(events(ids, time_ns))));
    expected_.insert(expected_.end(), ids.begin(), ids.end());
    std::sort(expected_.begin(), expected_.end());
  }

  void keep_view() { old_views_.push_back({store_->read_view(), expected_}); }

  base::ManualClock clock_{kNow};
  io::MemoryFileSystem files_{clock_};
  std::unique_ptr<io::ObjectStore> real_objects_ =
      *io::LocalObjectStore::open(files_, "data/objects", clock_);
  std::unique_ptr<metadata::LocalMetadata> real_metadata_ =
      *metadata::LocalMetadata::open(files_, {"data/meta", 300});
  WatchedObjects objects_{*real_objects_, [this] { look(); }};
  WatchedMetadata metadata_{*real_metadata_, [this] { look(); }};
  storage::StoreOptions options_;
  std::vector<std::string> expected_;
  std::unique_ptr<storage::Store> store_;
  std::vector<OldView> old_views_;
  int looks_ = 0;
};

TEST_F(StepsTest, EveryStepLooksTheSameFromOutside) {
  for (int round = 0; round < 6; ++round) {
    const std::string name = std::to_string(round);
    append({name + "a", name + "b", name + "c"}, kNow + round * kSecond);
    keep_view();
    append({name + "d"}, kNow - round * kSecond);
    ASSERT_TRUE(store_->flush_now());
    append({name + "e"});
    keep_view();
    ASSERT_TRUE(store_->maintain_now());
    if (round % 2 == 1) old_views_.erase(old_views_.begin());
  }
  EXPECT_GT(store_->stats().compactions, 2U);
  EXPECT_GT(looks_, 30);
  old_views_.clear();
  ASSERT_TRUE(store_->maintain_now());
  EXPECT_GT(store_->stats().deleted_objects, 0U);
  look();
}

}  // namespace
}  // namespace lynxdb::tests
