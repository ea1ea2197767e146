// The disk below the store fails and mends: a full disk, writes that are cut short, syncs that
// fail, each at every place where it can happen. Every acknowledged event is there once while it
// lasts, once it is over, and after a power cut.
#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/testing.h"

namespace lynxdb::tests {
namespace {

using storage::testing::events;
using storage::testing::request;
using storage::testing::TestNode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class DiskFaults : public ::testing::Test {
 protected:
  // Breaks the disk, and says whether it can mend without a restart.
  using Break = std::function<void(io::FaultFileSystem&)>;

  // One history: what is acknowledged, then the fault in the middle of appends, flushes and
  // uploads. True when the fault did not happen any more.
  bool survives(const Break& break_disk, const Break& mend) {
    TestNode node;
    node.options.wal.file_bytes_max = 200;
    EXPECT_TRUE(node.open());
    send(node, "a");
    EXPECT_TRUE(node.store->flush_now());
    send(node, "b");
    break_disk(node.disk);
    bool untouched = node.store->flush_now().has_value();
    EXPECT_THAT(node.ids(), IsSupersetOf({"a", "b"}));
    const bool acknowledged =
        node.store->append_and_wait(request(events({"c"}), "batch c", 1)).has_value();
    untouched = untouched && acknowledged && node.store->flush_now().has_value();
    expect_once(node, acknowledged);
    mend(node.disk);
    if (node.store->health()) {
      send(node, "c");
      expect_once(node, true);
      EXPECT_TRUE(node.store->flush_now());
      expect_once(node, true);
      EXPECT_THAT(*node.disk.list("data/staging"), IsEmpty());
    }
    node.disk.crash();
    node.close();
    const auto opened = node.open();
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return true;
    EXPECT_THAT(node.ids(), IsSupersetOf({"a", "b"}));
    send(node, "c");
    expect_once(node, true);
    EXPECT_TRUE(node.store->flush_now());
    expect_once(node, true);
    EXPECT_EQ(metadata::find_fault(*node.metadata->state()), "");
    return untouched;
  }

 private:
  static void send(TestNode& node, const std::string& id) {
    const auto done = node.store->append_and_wait(request(events({id}), "batch " + id, 1));
    EXPECT_TRUE(done) << done.error().message;
  }
  static void expect_once(TestNode& node, bool with_c) {
    if (with_c) {
      EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
    } else {
      EXPECT_THAT(node.ids(), ElementsAre("a", "b"));
    }
  }
};

TEST_F(DiskFaults, OfAFullDisk) {
  std::uint64_t bytes = 0;
  const auto mend = [](io::FaultFileSystem& disk) { disk.set_free_bytes(1U << 30U); };
  while (!survives([&](io::FaultFileSystem& disk) { disk.set_free_bytes(bytes); }, mend)) {
    SCOPED_TRACE(bytes);
    bytes += 97;
    if (HasFailure()) return;
  }
  EXPECT_GT(bytes, 1'000U);
}

TEST_F(DiskFaults, OfWritesThatAreCutShort) {
  std::uint64_t appends = 0;
  const auto mend = [](io::FaultFileSystem&) {};
  while (!survives([&](io::FaultFileSystem& disk) { disk.fail_append(appends, appends * 7 % 60); },
                   mend)) {
    SCOPED_TRACE(appends);
    ++appends;
    if (HasFailure()) return;
  }
  EXPECT_GT(appends, 10U);
}

TEST_F(DiskFaults, OfSyncs) {
  std::uint64_t syncs = 0;
  const auto mend = [](io::FaultFileSystem&) {};
  while (!survives([&](io::FaultFileSystem& disk) { disk.fail_sync(syncs); }, mend)) {
    SCOPED_TRACE(syncs);
    ++syncs;
    if (HasFailure()) return;
  }
  EXPECT_GT(syncs, 8U);
}

}  // namespace
}  // namespace lynxdb::tests
