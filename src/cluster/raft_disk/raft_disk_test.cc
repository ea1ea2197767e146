// What Raft was told is durable is there after any crash, in any file layout; damage is refused,
// never read around.
#include "cluster/raft_disk/raft_disk.h"

#include <gtest/gtest.h>

#include <random>

#include "io/fault_file.h"
#include "raft/testing.h"

namespace lynxdb::cluster {
namespace {

using raft::testing::command;
using raft::testing::members;

constexpr std::uint64_t kFileBytes = 600;

Result<RaftDisk::Opened> open_disk(io::FileSystem& files) {
  return RaftDisk::open(files, {.directory = "raft", .file_bytes_max = kFileBytes});
}

raft::Ready entries_of(std::uint64_t term, raft::Index first, raft::Index last) {
  raft::Ready ready;
  ready.must_sync = true;
  for (raft::Index index = first; index <= last; ++index) {
    ready.entries.push_back(command(index, term));
  }
  return ready;
}

raft::Ready vote_of(std::uint64_t term, std::uint64_t vote) {
  raft::Ready ready;
  ready.must_sync = true;
  ready.hard_state = raft::HardState{raft::Term(term), raft::NodeId(vote), 0};
  return ready;
}

raft::SnapshotMeta meta_of(raft::Index index, std::uint64_t term, std::size_t size) {
  return {
      .last = {index, raft::Term(term)}, .configuration = members({1, 2, 3}), .size_bytes = size};
}

// What the disk must give back.
struct Model {
  raft::HardState hard_state;
  std::vector<raft::EntryId> entries;
  raft::SnapshotMeta snapshot;
  std::string state;

  void apply(const raft::Ready& ready) {
    if (ready.log_reset) entries.clear();
    if (ready.hard_state) hard_state = *ready.hard_state;
    for (const raft::Entry& entry : ready.entries) {
      while (!entries.empty() && entries.back().index >= entry.index) entries.pop_back();
      entries.push_back(entry.id());
    }
  }
};

std::vector<raft::EntryId> ids_of(const std::vector<raft::Entry>& entries) {
  std::vector<raft::EntryId> ids;
  ids.reserve(entries.size());
  for (const raft::Entry& entry : entries) ids.push_back(entry.id());
  return ids;
}

// Files at the front may be gone when a snapshot covers them.
bool holds(const RaftDisk::Opened& opened, const Model& model) {
  if (opened.restored.hard_state != model.hard_state) return false;
  if (opened.restored.snapshot.last != model.snapshot.last || opened.state != model.state)
    return false;
  const auto found = ids_of(opened.restored.entries);
  if (found.size() > model.entries.size()) return false;
  const auto missing = model.entries.size() - found.size();
  for (std::size_t i = 0; i < missing; ++i)
    if (model.entries[i].index > model.snapshot.last.index) return false;
  return std::equal(found.begin(), found.end(),
                    model.entries.begin() + static_cast<std::ptrdiff_t>(missing));
}

TEST(RaftDisk, GivesBackEntriesVoteAndMembers) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  EXPECT_TRUE(opened.is_empty);
  ASSERT_TRUE(opened.disk->found(members({1, 2, 3})));
  ASSERT_TRUE(opened.disk->write(vote_of(2, 3)));
  ASSERT_TRUE(opened.disk->write(entries_of(2, 1, 4)));
  opened.disk.reset();
  files.crash();
  auto again = *open_disk(files);
  EXPECT_FALSE(again.is_empty);
  EXPECT_EQ(again.restored.snapshot.configuration, members({1, 2, 3}));
  EXPECT_EQ(again.restored.hard_state.vote, raft::NodeId(3));
  ASSERT_EQ(again.restored.entries.size(), 4U);
  EXPECT_EQ(*again.restored.entries[2].payload, "entry 3");
}

TEST(RaftDisk, ALaterEntryReplacesTheOneAtItsIndexAndThoseBehind) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  ASSERT_TRUE(opened.disk->write(entries_of(1, 1, 5)));
  ASSERT_TRUE(opened.disk->write(entries_of(2, 3, 3)));
  opened.disk.reset();
  const auto again = *open_disk(files);
  ASSERT_EQ(again.restored.entries.size(), 3U);
  EXPECT_EQ(again.restored.entries.back().term, raft::Term(2));
}

TEST(RaftDisk, FilesBelowTheSnapshotGoAndTheVoteStays) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  ASSERT_TRUE(opened.disk->write(vote_of(7, 2)));
  for (raft::Index index = 1; index <= 60; index += 3) {
    ASSERT_TRUE(opened.disk->write(entries_of(7, index, index + 2)));
  }
  const auto before = opened.disk->log_files();
  ASSERT_GT(before, 3U);
  ASSERT_TRUE(opened.disk->put_snapshot(meta_of(50, 7, 5), "state", 40));
  EXPECT_LT(opened.disk->log_files(), before);
  opened.disk.reset();
  files.crash();
  const auto again = *open_disk(files);
  EXPECT_EQ(again.restored.hard_state.vote, raft::NodeId(2));
  EXPECT_EQ(again.state, "state");
  EXPECT_LE(again.restored.entries.front().index, 40U);
  EXPECT_EQ(again.restored.entries.back().index, 60U);
}

TEST(RaftDisk, AnIncomingSnapshotIsGivenOutWhenItIsWhole) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  const auto meta = meta_of(9, 3, 8);
  raft::Ready ready;
  ready.snapshot_writes.push_back({meta, 0, "half"});
  ASSERT_TRUE(opened.disk->write(ready));
  EXPECT_EQ(opened.disk->incoming(meta).error().code, ErrorCode::kCorruption);
  ready.snapshot_writes = {{meta, 4, "half"}};
  ASSERT_TRUE(opened.disk->write(ready));
  EXPECT_EQ(*opened.disk->incoming(meta), "halfhalf");
}

TEST(RaftDisk, PiecesOfTheNewestSnapshotCanBeRead) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  ASSERT_TRUE(opened.disk->put_snapshot(meta_of(3, 1, 10), "0123456789", 0));
  EXPECT_EQ(*opened.disk->snapshot_bytes({3, raft::Term(1)}, 4, 3), "456");
  ASSERT_TRUE(opened.disk->put_snapshot(meta_of(4, 1, 1), "x", 0));
  EXPECT_EQ(opened.disk->snapshot_bytes({3, raft::Term(1)}, 4, 3).error().code,
            ErrorCode::kNotFound);
}

TEST(RaftDisk, AFailedSyncEndsAllWriting) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  files.fail_sync(0);
  EXPECT_FALSE(opened.disk->write(entries_of(1, 1, 1)));
  EXPECT_TRUE(opened.disk->is_broken());
  EXPECT_FALSE(opened.disk->write(entries_of(1, 1, 1)));
}

TEST(RaftDisk, DamageIsRefusedWithFileAndWayOut) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  for (raft::Index index = 1; index <= 60; index += 3) {
    ASSERT_TRUE(opened.disk->write(entries_of(1, index, index + 2)));
  }
  ASSERT_TRUE(opened.disk->put_snapshot(meta_of(3, 1, 5), "state", 0));
  opened.disk.reset();
  const std::vector<std::string> names = *files.list("raft");
  for (const std::string& name : names) {
    const std::string path = "raft/" + name;
    const std::string good = files.contents(path);
    if (good.size() < 100 && name.starts_with("log")) continue;  // A torn end looks the same.
    files.flip_bit(path, 8 * (good.size() / 3));
    const auto refused = open_disk(files);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorruption);
    EXPECT_NE(refused.error().message.find(path), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().suggestion, "");
    files.set_contents(path, good);
  }
}

TEST(RaftDisk, AMissingFileInTheMiddleIsRefused) {
  io::FaultFileSystem files;
  auto opened = *open_disk(files);
  for (raft::Index index = 1; index <= 60; index += 3) {
    ASSERT_TRUE(opened.disk->write(entries_of(1, index, index + 2)));
  }
  opened.disk.reset();
  const auto names = *files.list("raft");
  ASSERT_GT(names.size(), 2U);
  ASSERT_TRUE(files.remove("raft/" + names[1]));
  EXPECT_EQ(open_disk(files).error().code, ErrorCode::kCorruption);
}

// One write of a random history.
raft::Ready random_ready(std::mt19937& random, const Model& model, std::uint64_t& term) {
  raft::Ready ready;
  ready.must_sync = true;
  if (random() % 4 == 0) {
    ready.hard_state = raft::HardState{raft::Term(++term), raft::NodeId(random() % 3), 0};
  }
  const raft::Index last =
      model.entries.empty() ? model.snapshot.last.index : model.entries.back().index;
  const raft::Index lowest = model.snapshot.last.index + 1;
  raft::Index first = last + 1;
  if (random() % 5 == 0 && last >= lowest) first = lowest + random() % (last - lowest + 1);
  for (raft::Index index = first; index < first + random() % 4; ++index) {
    ready.entries.push_back(command(index, term));
  }
  return ready;
}

TEST(RaftDisk, EveryCrashLeavesTheStateBeforeOrAfterTheWriteThatItHit) {
  for (std::uint64_t stop = 0; stop < 160; ++stop) {
    io::FaultFileSystem files;
    std::mt19937 random(static_cast<unsigned>(stop % 7));
    auto opened = *open_disk(files);
    Model before;
    Model after;
    std::uint64_t term = 1;
    files.stop_after(stop);
    for (int step = 0; step < 200; ++step) {
      before = after;
      if (step % 20 == 19 && !after.entries.empty()) {
        const raft::EntryId last = after.entries[after.entries.size() / 2];
        after.snapshot = meta_of(last.index, last.term.value(), 8);
        after.state = "state " + std::to_string(last.index % 90 + 10);
        const raft::Index kept = last.index > 4 ? last.index - 4 : 0;
        if (!opened.disk->put_snapshot(after.snapshot, after.state, kept)) break;
        continue;
      }
      const raft::Ready ready = random_ready(random, after, term);
      after.apply(ready);
      if (!opened.disk->write(ready)) break;
    }
    opened.disk.reset();
    stop % 2 == 0 ? files.crash() : files.crash_torn(stop);
    auto again = open_disk(files);
    ASSERT_TRUE(again) << stop << ": " << again.error().message;
    if (stop % 2 == 0) EXPECT_TRUE(holds(*again, before) || holds(*again, after)) << stop;
    // A torn write may leave whole entries of it; what was durable before stays.
    for (const raft::EntryId& id : before.entries) {
      if (std::find(after.entries.begin(), after.entries.end(), id) == after.entries.end())
        continue;
      if (id.index <= again->restored.snapshot.last.index) continue;
      const auto found = ids_of(again->restored.entries);
      EXPECT_TRUE(std::find(found.begin(), found.end(), id) != found.end())
          << stop << ": entry " << id.index << " was durable and is gone";
    }
    const auto& vote = again->restored.hard_state;
    EXPECT_TRUE(vote == before.hard_state || vote == after.hard_state) << stop;
  }
}

}  // namespace
}  // namespace lynxdb::cluster
