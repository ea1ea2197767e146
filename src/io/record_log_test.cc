// What a log of records promises after a crash: intact records come back in order, a torn tail is
// where it ends, damage before an intact record is reported with its place. Exhaustive: every cut,
// every flipped bit. And a failed append leaves the log as it was.
#include "io/record_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"

namespace lynxdb::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint32_t kSalt = 0x5a17;

RecordLogWriter create(FaultFileSystem& disk, const std::string& path = "log") {
  return *RecordLogWriter::create(disk, path, LogKind::kWal, 7, kSalt);
}

Result<> append(RecordLogWriter& log, std::string_view payload) {
  const RecordParts record{1, payload.substr(0, payload.size() / 2),
                           payload.substr(payload.size() / 2)};
  return log.append(std::span(&record, 1));
}

std::string log_of(const std::vector<std::string>& payloads) {
  FaultFileSystem disk;
  auto log = create(disk);
  for (const std::string& payload : payloads) EXPECT_TRUE(append(log, payload));
  return disk.contents("log");
}

struct Replay {
  std::vector<std::string> payloads;
  std::string error;
  LogEnd end;
  bool unfinished = false;
};

Replay replay(FaultFileSystem& disk) {
  Replay result;
  auto reader = RecordLogReader::open(disk, "log", LogKind::kWal);
  if (!reader) {
    result.error = reader.error().message;
    return result;
  }
  result.unfinished = reader->is_unfinished();
  for (;;) {
    const auto record = reader->next();
    if (!record) result.error = record.error().message;
    if (!record || !*record) break;
    result.payloads.emplace_back((*record)->payload);
  }
  result.end = reader->end();
  return result;
}

Replay replay(const std::string& bytes) {
  FaultFileSystem disk;
  disk.set_contents("log", bytes);
  return replay(disk);
}

TEST(RecordLog, ReturnsRecordsInAppendOrder) {
  const Replay read = replay(log_of({"a", "", std::string(300'000, 'x'), "ccc"}));
  EXPECT_THAT(read.payloads, ElementsAre("a", "", std::string(300'000, 'x'), "ccc"));
  EXPECT_EQ(read.error, "");
  EXPECT_EQ(read.end.next_sequence, 11U);
}

TEST(RecordLog, NumbersRecordsFromTheFirstSequenceOfTheFile) {
  FaultFileSystem disk;
  auto log = create(disk);
  const std::array<RecordParts, 2> both{RecordParts{3, "x"}, RecordParts{4, "y"}};
  ASSERT_TRUE(log.append(both));
  EXPECT_EQ(log.next_sequence(), 9U);
  auto reader = *RecordLogReader::open(disk, "log", LogKind::kWal);
  EXPECT_EQ(reader.first_sequence(), 7U);
  const Record first = **reader.next();
  EXPECT_EQ(first.sequence, 7U);
  EXPECT_EQ(first.type, 3);
}

TEST(RecordLog, DropsATornTailWhereverItWasCut) {
  const std::string intact = log_of({"first"});
  const std::string both = log_of({"first", "second"});
  for (std::size_t cut = intact.size(); cut < both.size(); ++cut) {
    SCOPED_TRACE(cut);
    for (const std::string& tail : {std::string(), std::string(4096, '\0'), std::string(99, 'z')}) {
      const Replay read = replay(both.substr(0, cut) + tail);
      EXPECT_THAT(read.payloads, ElementsAre("first"));
      EXPECT_EQ(read.error, "");
      EXPECT_EQ(read.end.offset_bytes, intact.size());
    }
  }
}

TEST(RecordLog, IsEmptyWhenItsCreationWasCutShort) {
  const std::string header = log_of({});
  for (std::size_t cut = 0; cut < header.size(); ++cut) {
    SCOPED_TRACE(cut);
    const Replay read = replay(header.substr(0, cut) + std::string(header.size() - cut, '\0'));
    EXPECT_TRUE(read.unfinished);
    EXPECT_EQ(read.error, "");
    EXPECT_TRUE(replay(header.substr(0, cut)).unfinished);
  }
  EXPECT_FALSE(replay(header).unfinished);
}

TEST(RecordLog, ReportsEveryFlippedBitBeforeAnIntactRecord) {
  const std::string bytes = log_of({"first", "second", "third"});
  const std::size_t last = log_of({"first", "second"}).size();
  for (std::size_t bit = 0; bit < last * 8; ++bit) {
    SCOPED_TRACE(bit);
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(replay(damaged).error, HasSubstr("log: byte "));
  }
}

TEST(RecordLog, NamesThePlaceOfTheDamageAndOfWhatFollows) {
  std::string bytes = log_of({"first", "second", "third"});
  const std::size_t second = log_of({"first"}).size();
  const std::size_t third = log_of({"first", "second"}).size();
  bytes[third - 1] = '!';
  const Replay read = replay(bytes);
  EXPECT_EQ(read.error, "log: byte " + std::to_string(second) +
                            ": bad checksum of a record, and intact records follow from byte " +
                            std::to_string(third));
  EXPECT_EQ(read.end.offset_bytes, second);
}

TEST(RecordLog, TakesNoBytesOfAPayloadForARecord) {
  // A record inside a record, as it would be in another file: the salt gives it away.
  FaultFileSystem other;
  auto log = *RecordLogWriter::create(other, "log", LogKind::kWal, 7, kSalt + 1);
  ASSERT_TRUE(append(log, "a"));
  ASSERT_TRUE(append(log, "b"));
  const std::string inner = other.contents("log").substr(kLogHeaderBytes);
  const std::string torn = log_of({inner + "xyz"});
  const Replay read = replay(torn.substr(0, torn.size() - 1));
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.payloads, IsEmpty());
}

TEST(RecordLog, RefusesAnotherLogsFile) {
  FaultFileSystem disk;
  create(disk);
  const auto reader = RecordLogReader::open(disk, "log", LogKind::kMetadata);
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(reader.error().message, HasSubstr("another log's file"));
}

TEST(RecordLog, GoesOnBehindATornTail) {
  FaultFileSystem disk;
  disk.set_contents("log", log_of({"first"}) + "torn bytes");
  auto log = *RecordLogWriter::resume(disk, "log", replay(disk).end);
  ASSERT_TRUE(append(log, "second"));
  EXPECT_THAT(replay(disk).payloads, ElementsAre("first", "second"));
}

TEST(RecordLog, LosesNothingSyncedWhateverAPowerCutLeaves) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    FaultFileSystem disk;
    auto log = create(disk);
    ASSERT_TRUE(append(log, "synced"));
    ASSERT_TRUE(log.sync());
    ASSERT_TRUE(append(log, "written"));
    ASSERT_TRUE(append(log, "also written"));
    disk.crash_torn(seed);
    const Replay read = replay(disk);
    EXPECT_EQ(read.error, "");
    ASSERT_FALSE(read.payloads.empty());
    EXPECT_EQ(read.payloads[0], "synced");
  }
}

TEST(RecordLog, TakesAFailedAppendBack) {
  for (std::uint64_t written = 0; written < 30; ++written) {
    SCOPED_TRACE(written);
    FaultFileSystem disk;
    auto log = create(disk);
    ASSERT_TRUE(append(log, "first"));
    disk.fail_append(0, written);
    EXPECT_FALSE(append(log, "lost"));
    EXPECT_FALSE(log.broken());
    ASSERT_TRUE(append(log, "third"));
    EXPECT_THAT(replay(disk).payloads, ElementsAre("first", "third"));
  }
}

TEST(RecordLog, GoesOnOnceAFullDiskHasRoomAgain) {
  FaultFileSystem disk;
  auto log = create(disk);
  disk.set_free_bytes(10);
  EXPECT_FALSE(append(log, "too much"));
  disk.set_free_bytes(1000);
  ASSERT_TRUE(append(log, "fits"));
  EXPECT_THAT(replay(disk).payloads, ElementsAre("fits"));
}

TEST(RecordLog, IsBrokenWhenAFailedAppendCannotBeTakenBack) {
  FaultFileSystem disk;
  auto log = create(disk);
  disk.stop_after(0);
  EXPECT_FALSE(append(log, "lost"));
  EXPECT_TRUE(log.broken());
  EXPECT_FALSE(append(log, "more"));
}

TEST(RecordLog, IsBrokenAfterAFailedSync) {
  FaultFileSystem disk;
  auto log = create(disk);
  disk.fail_sync(0);
  ASSERT_TRUE(append(log, "a"));
  EXPECT_FALSE(log.sync());
  EXPECT_TRUE(log.broken());
  EXPECT_FALSE(append(log, "b"));
}

TEST(RecordLog, RefusesAPayloadThatNoReaderWouldTake) {
  FaultFileSystem disk;
  auto log = create(disk);
  const std::string huge(kRecordPayloadBytesMax + 1, 'x');
  const auto appended = append(log, huge);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(append(log, "small"));
}

}  // namespace
}  // namespace lynxdb::io
