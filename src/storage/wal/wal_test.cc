// The log gives back every batch that was appended, in order, over any number of files; it removes
// files only when all of their batches are flushed, and damage is refused with a way out.
#include "storage/wal/wal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event/batch_codec.h"
#include "io/fault_file.h"
#include "io/testing.h"
#include "storage/wal/wal_files.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using metadata::PartitionId;

struct OpenWal {
  std::unique_ptr<Wal> wal;
  std::vector<std::string> replayed;
  std::string error;
  std::string suggestion;
};

OpenWal open(io::FaultFileSystem& disk, std::uint64_t file_bytes_max = 1 << 20,
             bool accept_damage = false) {
  OpenWal result;
  WalOptions options;
  options.file_bytes_max = file_bytes_max;
  auto wal = Wal::open(disk, "wal", options, accept_damage, [](Severity, std::string_view) {},
                       {[&](const WalRecord& record) -> Result<> {
                         result.replayed.emplace_back(std::get<WalBatch>(record).payload);
                         return {};
                       }});
  if (wal) {
    result.wal = *std::move(wal);
  } else {
    result.error = wal.error().message;
    result.suggestion = wal.error().suggestion;
  }
  return result;
}

Result<> append(Wal& wal, metadata::Offset offset, const std::string& payload,
                std::uint32_t partition = 0) {
  WalBatch batch;
  batch.partition = PartitionId(partition);
  batch.base_offset = offset;
  batch.count = 1;
  batch.payload = payload;
  std::string bytes;
  const std::uint8_t type = encode(batch, bytes);
  const WalWrite write{type, batch.partition, {offset, batch.end_offset()}, bytes};
  return wal.append(std::span(&write, 1));
}

TEST(WalRecord, ComesBackFromItsBytes) {
  WalBatch batch;
  batch.partition = PartitionId(3);
  batch.leader_epoch = 4;
  batch.base_offset = 500;
  batch.count = 6;
  batch.batch_id = "request 7";
  batch.part = 8;
  batch.content_crc = 9;
  batch.appended_ns = -10;
  batch.event_keys = {{11, 12}, {13, 14}};
  std::string bytes;
  encode_head(batch, bytes);
  const std::size_t head = bytes.size();
  bytes += "payload";
  const WalBatch back = *decode_wal_batch(bytes);
  EXPECT_EQ(back.partition, batch.partition);
  EXPECT_EQ(back.leader_epoch, 4U);
  EXPECT_EQ(back.end_offset(), 506U);
  EXPECT_EQ(back.batch_id, "request 7");
  EXPECT_EQ(back.part, 8U);
  EXPECT_EQ(back.content_crc, 9U);
  EXPECT_EQ(back.appended_ns, -10);
  EXPECT_EQ(back.event_keys, batch.event_keys);
  EXPECT_EQ(back.payload, "payload");
  for (std::size_t cut = 0; cut < head; ++cut) {
    EXPECT_FALSE(decode_wal_batch(bytes.substr(0, cut))) << cut;
  }
}

TEST(WalRecord, RefusesOffsetsBeyondAllNumbers) {
  WalBatch batch;
  batch.base_offset = ~std::uint64_t{0};
  batch.count = 1;
  std::string bytes;
  encode_head(batch, bytes);
  EXPECT_FALSE(decode_wal_batch(bytes));
}

TEST(WalRecord, HasTheBytesThatItsPageShows) {
  event::EventBatch events(2);
  constexpr std::int64_t kTime = 1'700'000'000'000'000'000;
  events.set(event::kTime, event::Column::timestamps({kTime, kTime + 250}));
  std::string payload;
  event::encode(events, payload);
  WalBatch batch;
  batch.leader_epoch = 1;
  batch.base_offset = 1000;
  batch.count = 2;
  batch.batch_id = "req-7";
  batch.content_crc = 0x11223344;
  batch.appended_ns = kTime + 1'000'000'000;
  std::string head;
  encode_head(batch, head);
  io::FaultFileSystem disk;
  auto log = *io::RecordLogWriter::create(disk, "log", io::LogKind::kWal, 42, 0x5a17c0de);
  const io::RecordParts record{kBatchRecord, head, payload};
  ASSERT_TRUE(log.append(std::span(&record, 1)));
  EXPECT_EQ(disk.contents("log"),
            io::testing::worked_bytes(LYNXDB_SOURCE_DIR "/docs/formats/wal.md"));
}

template <typename Record>
Record back_from_bytes(const Record& record) {
  std::string bytes;
  const std::uint8_t type = encode(record, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_wal_record(type, std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_wal_record(kRemovedRecord + 1, bytes));
  // What it borrows is in the text of the test.
  static std::string kept;
  kept = bytes;
  auto back = decode_wal_record(type, kept);
  EXPECT_TRUE(back);
  return back ? std::get<Record>(*std::move(back)) : Record{};
}

TEST(WalRecord, SaysWhatBecomesOfACopy) {
  const auto began = back_from_bytes(WalEpochBegan{PartitionId(1), 2, 3});
  EXPECT_EQ(began.partition, PartitionId(1));
  EXPECT_EQ(began.leader_epoch, 2U);
  EXPECT_EQ(began.start, 3U);
  const auto cut = back_from_bytes(WalTruncated{PartitionId(4), 5});
  EXPECT_EQ(cut.partition, PartitionId(4));
  EXPECT_EQ(cut.end, 5U);
  EXPECT_EQ(back_from_bytes(WalRemoved{PartitionId(6)}).partition, PartitionId(6));
  const auto reset = back_from_bytes(WalReset{PartitionId(7), 8, {{1, 0}, {3, 5}}, ""});
  EXPECT_EQ(reset.partition, PartitionId(7));
  EXPECT_EQ(reset.start, 8U);
  EXPECT_THAT(reset.epochs,
              ElementsAre(replication::EpochStart{1, 0}, replication::EpochStart{3, 5}));
}

TEST(WalRecord, RefusesEpochsThatDoNotAscend) {
  for (const auto& epochs : std::vector<std::vector<replication::EpochStart>>{
           {{0, 0}}, {{2, 0}, {2, 5}}, {{2, 5}, {3, 5}}}) {
    std::string bytes;
    const std::uint8_t type = encode(WalReset{PartitionId(7), 8, epochs, ""}, bytes);
    EXPECT_FALSE(decode_wal_record(type, bytes));
  }
}

TEST(WalRecord, GetsItsPlaceAfterwards) {
  WalBatch batch;
  batch.count = 1;
  std::string bytes;
  encode(batch, bytes);
  put_place(7, 1234567890123, bytes);
  const WalBatch placed = *decode_wal_batch(bytes);
  EXPECT_EQ(placed.leader_epoch, 7U);
  EXPECT_EQ(placed.base_offset, 1234567890123U);
  EXPECT_EQ(placed.count, 1U);
}

TEST(Wal, GivesBackWhatWasAppendedOverManyFiles) {
  io::FaultFileSystem disk;
  std::vector<std::string> expected;
  for (int start = 0; start < 3; ++start) {
    const OpenWal log = open(disk, 150);
    EXPECT_EQ(log.replayed, expected);
    for (int i = 0; i < 10; ++i) {
      expected.push_back("payload " + std::to_string(expected.size()));
      ASSERT_TRUE(append(*log.wal, expected.size() - 1, expected.back()));
    }
    ASSERT_TRUE(log.wal->sync());
    EXPECT_GT(log.wal->file_count(), 3U);
  }
  disk.crash();
  EXPECT_EQ(open(disk).replayed, expected);
}

TEST(Wal, RemovesOnlyFilesWhoseBatchesAreAllFlushed) {
  io::FaultFileSystem disk;
  const OpenWal log = open(disk);
  ASSERT_TRUE(append(*log.wal, 0, "a"));
  ASSERT_TRUE(append(*log.wal, 0, "other", 1));
  ASSERT_TRUE(log.wal->rotate());
  ASSERT_TRUE(append(*log.wal, 1, "b"));
  EXPECT_THAT(log.wal->flushed_files({{PartitionId(0), 9}}), IsEmpty());
  EXPECT_THAT(log.wal->flushed_files({{PartitionId(0), 9}, {PartitionId(1), 0}}), IsEmpty());
  const auto files = log.wal->flushed_files({{PartitionId(0), 1}, {PartitionId(1), 1}});
  ASSERT_THAT(files, SizeIs(1));
  ASSERT_TRUE(log.wal->remove(files));
  EXPECT_THAT(open(disk).replayed, ElementsAre("b"));
}

TEST(Wal, DoesNotRotateAnEmptyFile) {
  io::FaultFileSystem disk;
  const OpenWal log = open(disk);
  ASSERT_TRUE(log.wal->rotate());
  ASSERT_TRUE(log.wal->rotate());
  EXPECT_EQ(log.wal->file_count(), 1U);
}

TEST(Wal, GoesOnAfterARotationThatFailedAtAnyStep) {
  for (std::uint64_t step = 0; step < 4; ++step) {
    SCOPED_TRACE(step);
    io::FaultFileSystem disk;
    const OpenWal log = open(disk);
    ASSERT_TRUE(append(*log.wal, 0, "a"));
    ASSERT_TRUE(log.wal->sync());
    disk.set_free_bytes(step * 10);  // The new file's header does not fit.
    EXPECT_FALSE(step < 3 && log.wal->rotate());
    disk.set_free_bytes(1 << 20);
    ASSERT_FALSE(log.wal->broken());
    ASSERT_TRUE(log.wal->rotate());
    ASSERT_TRUE(append(*log.wal, 1, "b"));
    EXPECT_THAT(open(disk).replayed, ElementsAre("a", "b"));
  }
}

TEST(Wal, IsBrokenByAFailedSyncWhoeverSynced) {
  for (const bool aside : {false, true}) {
    io::FaultFileSystem disk;
    const OpenWal log = open(disk);
    ASSERT_TRUE(append(*log.wal, 0, "a"));
    disk.fail_sync(0);
    EXPECT_FALSE(aside ? log.wal->sync_aside() : log.wal->sync());
    EXPECT_TRUE(log.wal->broken());
    EXPECT_FALSE(append(*log.wal, 1, "b"));
  }
}

TEST(Wal, SyncsAsideWhatWasAppended) {
  io::FaultFileSystem disk;
  {
    const OpenWal log = open(disk);
    ASSERT_TRUE(append(*log.wal, 0, "a"));
    EXPECT_GT(log.wal->unsynced_bytes(), 0U);
    ASSERT_TRUE(log.wal->sync_aside());
    EXPECT_EQ(log.wal->unsynced_bytes(), 0U);
  }
  disk.crash();
  EXPECT_THAT(open(disk).replayed, ElementsAre("a"));
}

// --- Damage --------------------------------------------------------------------------------------

// "a" and "b" in one file, "c" in the next one; a bit of "a" is flipped.
void make_damaged(io::FaultFileSystem& disk) {
  const OpenWal log = open(disk);
  ASSERT_TRUE(append(*log.wal, 0, "a"));
  ASSERT_TRUE(append(*log.wal, 1, "b"));
  ASSERT_TRUE(log.wal->rotate());
  ASSERT_TRUE(append(*log.wal, 2, "c"));
  ASSERT_TRUE(log.wal->sync());
  disk.flip_bit(wal_path("wal", 1), 8 * (io::kLogHeaderBytes + io::kRecordHeaderBytes + 3));
}

TEST(Wal, RefusesDamageAndSaysWhereAndWhatToDo) {
  io::FaultFileSystem disk;
  make_damaged(disk);
  const OpenWal log = open(disk);
  EXPECT_THAT(log.error, HasSubstr("wal/wal-00000000000000000001: byte 24: bad checksum"));
  EXPECT_THAT(log.suggestion, HasSubstr("--accept-log-damage"));
}

TEST(Wal, CutsTheLogAtAcceptedDamageAndKeepsTheRestAside) {
  io::FaultFileSystem disk;
  make_damaged(disk);
  {
    const OpenWal log = open(disk, 1 << 20, true);
    EXPECT_EQ(log.error, "");
    EXPECT_THAT(log.replayed, IsEmpty());
    ASSERT_TRUE(append(*log.wal, 0, "new"));
  }
  EXPECT_THAT(open(disk).replayed, ElementsAre("new"));
  EXPECT_THAT(*disk.list("wal"), ElementsAre("wal-00000000000000000001",
                                             EndsWith("1-at-24.damaged"), EndsWith("3.damaged")));
}

TEST(Wal, TakesNoTornEndForGrantedInAFileThatOthersFollow) {
  io::FaultFileSystem disk;
  {
    const OpenWal log = open(disk);
    ASSERT_TRUE(append(*log.wal, 0, "a"));
    ASSERT_TRUE(append(*log.wal, 1, "b"));
    ASSERT_TRUE(log.wal->rotate());
    ASSERT_TRUE(append(*log.wal, 2, "c"));
    const std::uint64_t size = log.wal->size_bytes() - log.wal->current_file_bytes();
    disk.flip_bit(wal_path("wal", 1), 8 * (size - 1));
  }
  const OpenWal refused = open(disk);
  EXPECT_THAT(refused.error, HasSubstr("wal/wal-00000000000000000001: damaged at byte"));
  EXPECT_THAT(refused.suggestion, HasSubstr("--accept-log-damage"));
  EXPECT_THAT(open(disk, 1 << 20, true).replayed, ElementsAre("a"));
  EXPECT_THAT(open(disk).replayed, ElementsAre("a"));
}

TEST(Wal, RefusesAFileWhoseHeaderIsDamaged) {
  io::FaultFileSystem disk;
  make_damaged(disk);
  disk.flip_bit(wal_path("wal", 1), 0);
  EXPECT_THAT(open(disk).error, HasSubstr("header"));
  EXPECT_THAT(open(disk, 1 << 20, true).replayed, IsEmpty());
  EXPECT_EQ(open(disk).error, "");
}

}  // namespace
}  // namespace lynxdb::storage
