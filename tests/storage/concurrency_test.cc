// Many clients, many readers, and flush, compaction and retention as fast as they go: every read
// view has everything that was acknowledged before it was taken, and nothing twice.
#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "io/local_object_store.h"
#include "io/memory_file.h"
#include "metadata/local_metadata.h"
#include "storage/store.h"
#include "storage/testing.h"

namespace lynxdb::tests {
namespace {

using storage::testing::events;
using storage::testing::kNow;
using storage::testing::kSecond;

constexpr int kClients = 3;
constexpr int kBatchesPerClient = 150;

class ConcurrencyTest : public ::testing::TestWithParam<storage::SyncMode> {
 protected:
  void SetUp() override {
    options_.directory = "data";
    options_.wal.sync_mode = GetParam();
    options_.wal.sync_interval = std::chrono::milliseconds(1);
    options_.wal.file_bytes_max = 4096;
    options_.flush.row_group_rows = 64;
    options_.flush.idle_timeout = std::chrono::milliseconds(1);
    options_.compaction.interval = std::chrono::milliseconds(1);
    options_.compaction.l0_threshold = 2;
    options_.compaction.l1_threshold = 2;
    options_.retention.all = std::chrono::seconds(0);
    objects_ = *io::LocalObjectStore::open(files_, "data/objects", base::real_clock());
    metadata_ = *metadata::LocalMetadata::open(files_, {"data/meta", 4096});
    store_ = *storage::Store::open(options_, files_, *objects_, *metadata_);
  }

  std::vector<std::string> acknowledged() {
    const base::MutexLock lock(mutex_);
    return acknowledged_;
  }

  void run_client(int client) {
    for (int i = 0; i < kBatchesPerClient; ++i)
      append_twice(std::to_string(client) + "." + std::to_string(i), 1 + i % 5, kNow + i * kSecond);
  }

  // A batch, sent again before the first is answered.
  void append_twice(const std::string& name, int rows, std::int64_t time) {
    std::vector<std::string> ids;
    for (int row = 0; row < rows; ++row) ids.push_back(name + "." + std::to_string(row));
    std::atomic<int> answers{0};
    std::atomic<int> duplicates{0};
    for (int attempt = 0; attempt < 2; ++attempt) {
      auto request = storage::testing::request(events(ids, time), name, 1);
      store_->append(std::move(request), [&](Result<storage::Appended> appended) {
        EXPECT_TRUE(appended);
        if (appended && appended->duplicate) ++duplicates;
        ++answers;
        answers.notify_all();
      });
    }
    for (int seen = answers; seen < 2; seen = answers) answers.wait(seen);
    EXPECT_EQ(duplicates, 1);
    const base::MutexLock lock(mutex_);
    acknowledged_.insert(acknowledged_.end(), ids.begin(), ids.end());
  }

  void check_view() {
    const std::vector<std::string> before = acknowledged();
    const storage::ReadView view = store_->read_view();
    const auto ids = storage::testing::ids_in(*objects_, view);
    ASSERT_TRUE(ids) << ids.error().message;
    const std::set<std::string> found(ids->begin(), ids->end());
    EXPECT_EQ(found.size(), ids->size()) << "an event is there twice";
    for (const std::string& id : before) EXPECT_TRUE(found.contains(id)) << id << " is missing";
  }

  io::MemoryFileSystem files_{base::real_clock()};
  storage::StoreOptions options_;
  std::unique_ptr<io::ObjectStore> objects_;
  std::unique_ptr<metadata::LocalMetadata> metadata_;
  std::unique_ptr<storage::Store> store_;
  base::Mutex mutex_;
  std::vector<std::string> acknowledged_ GUARDED_BY(mutex_);
};

TEST_P(ConcurrencyTest, EveryViewHasWhatWasAcknowledgedBeforeItOnce) {
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([this, client] { run_client(client); });
  }
  std::atomic<bool> done{false};
  std::thread flusher([&] {
    while (!done) EXPECT_TRUE(store_->flush_now());
  });
  std::thread reader([&] {
    while (!done) check_view();
  });
  for (std::thread& client : clients) client.join();
  done = true;
  flusher.join();
  reader.join();
  // On a busy machine the background may not have had its turn, or too little to compact.
  for (const char* name : {"last", "very last"}) {
    append_twice(name, 1, kNow);
    EXPECT_TRUE(store_->flush_now());
  }
  EXPECT_TRUE(store_->maintain_now());
  check_view();
  EXPECT_GT(store_->stats().flushes, 0U);
  EXPECT_GT(store_->stats().compactions, 0U);
  EXPECT_EQ(store_->stats().compaction_failures, 0U);
  EXPECT_EQ(metadata::find_fault(*metadata_->state()), "");

  const std::size_t events = acknowledged().size();
  store_.reset();
  store_ = *storage::Store::open(options_, files_, *objects_, *metadata_);
  check_view();
  EXPECT_EQ(storage::testing::ids_in(*objects_, store_->read_view())->size(), events);
}

INSTANTIATE_TEST_SUITE_P(SyncModes, ConcurrencyTest,
                         ::testing::Values(storage::SyncMode::kNone, storage::SyncMode::kWrite,
                                           storage::SyncMode::kFsync));

}  // namespace
}  // namespace lynxdb::tests
