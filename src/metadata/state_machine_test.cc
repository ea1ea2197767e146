// The metadata state machine: commands change what they expect to find and nothing else, every
// flushed event is in exactly one segment, and equal states have equal bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_file.h"
#include "io/record_log.h"
#include "io/testing.h"
#include "metadata/command.h"
#include "metadata/testing.h"

namespace lynxdb::metadata {
namespace {

using ::testing::HasSubstr;

std::string refusal(const State& state, const Command& command) {
  const auto next = apply_command(state, command);
  if (next) return "accepted";
  EXPECT_EQ(next.error().code, ErrorCode::kConflict);
  return next.error().message;
}

State flushed(std::uint64_t rows) {
  return *apply_command(created(), flush_of(0, rows, {segment_of("a", 0, rows)}));
}

TEST(CreateCluster, MakesPartitionsOnce) {
  const State state = *apply_command(State{}, CreateCluster{"id", 3});
  EXPECT_EQ(state.partitions.size(), 3U);
  EXPECT_EQ(state.version, 1U);
  EXPECT_THAT(refusal(state, CreateCluster{"other", 3}), HasSubstr("exists already"));
  EXPECT_THAT(refusal(State{}, CreateCluster{"id", 0}), HasSubstr("1 to 65536 partitions"));
}

TEST(CommitFlush, MovesOffsetAndSegmentsTogether) {
  const State state = flushed(10);
  EXPECT_EQ(state.partitions.at(PartitionId(0)).flushed_offset, 10U);
  ASSERT_EQ(state.segments.size(), 1U);
  EXPECT_EQ(state.segments.begin()->second->id, SegmentId(1));
  EXPECT_EQ(state.version, 2U);
  EXPECT_EQ(find_fault(state), "");
}

TEST(CommitFlush, SpreadsOneRangeOverSeveralIndexes) {
  SegmentEntry first = segment_of("a", 0, 10);
  SegmentEntry second = segment_of("b", 0, 10);
  first.rows = first.parts[0].rows = 4;
  second.rows = second.parts[0].rows = 6;
  EXPECT_EQ(refusal(created(), flush_of(0, 10, {first, second})), "accepted");
}

TEST(CommitFlush, IsRefusedWhenTheOffsetHasMoved) {
  const State state = flushed(10);
  EXPECT_THAT(refusal(state, flush_of(0, 10, {segment_of("b", 0, 10)})),
              HasSubstr("is flushed to 10, not 0"));
  EXPECT_THAT(refusal(state, flush_of(10, 10, {})), HasSubstr("would not move forward"));
}

TEST(CommitFlush, IsRefusedForAnotherLeaderEpoch) {
  CommitFlush flush = flush_of(0, 10, {segment_of("a", 0, 10)});
  flush.partitions[0].leader_epoch = 7;
  EXPECT_THAT(refusal(created(), flush), HasSubstr("has leader epoch 1, not 7"));
}

TEST(CommitFlush, IsRefusedWhenRowsAreMissingOrTooMany) {
  EXPECT_THAT(refusal(created(), flush_of(0, 11, {segment_of("a", 0, 10)})),
              HasSubstr("rows do not add up"));
  EXPECT_THAT(refusal(created(), flush_of(0, 10, {})), HasSubstr("rows do not add up"));
  const auto twice = {segment_of("a", 0, 10), segment_of("b", 0, 10)};
  EXPECT_THAT(refusal(created(), flush_of(0, 10, twice)), HasSubstr("rows do not add up"));
}

TEST(CommitFlush, IsRefusedForEventsOutsideOfItsRange) {
  SegmentEntry segment = segment_of("a", 0, 10);
  segment.parts[0].offsets = {5, 15};
  EXPECT_THAT(refusal(created(), flush_of(0, 10, {segment})), HasSubstr("not flushed"));
  segment = segment_of("a", 0, 10);
  segment.parts[0].partition = PartitionId(1);
  EXPECT_NE(refusal(created(), flush_of(0, 10, {segment})), "accepted");
}

TEST(CommitFlush, IsRefusedForASegmentThatBreaksItsOwnRules) {
  SegmentEntry segment = segment_of("a", 0, 10);
  segment.rows = 9;
  EXPECT_THAT(refusal(created(), flush_of(0, 10, {segment})), HasSubstr("rows do not add up"));
  segment = segment_of("", 0, 10);
  EXPECT_THAT(refusal(created(), flush_of(0, 10, {segment})), HasSubstr("no key"));
}

TEST(ReplaceSegments, KeepsTheRowsAndChangesTheSegments) {
  State state = flushed(10);
  state = *apply_command(state, flush_of(10, 15, {segment_of("b", 10, 15)}));
  SegmentEntry merged = segment_of("ab", 0, 15);
  merged.level = 1;
  const ReplaceSegments replace{{SegmentId(1), SegmentId(2)}, {merged}};
  const State after = *apply_command(state, replace);
  ASSERT_EQ(after.segments.size(), 1U);
  EXPECT_EQ(after.segments.begin()->second->object_key, "ab");
  EXPECT_EQ(find_fault(after), "");
  EXPECT_THAT(refusal(after, replace), HasSubstr("segment 1 is gone"));
}

TEST(ReplaceSegments, IsRefusedWhenRowsOrIndexDoNotAgree) {
  const State state = flushed(10);
  EXPECT_THAT(refusal(state, ReplaceSegments{{SegmentId(1)}, {segment_of("b", 0, 9)}}),
              HasSubstr("rows do not add up"));
  SegmentEntry other = segment_of("b", 0, 10);
  other.index = "audit";
  EXPECT_THAT(refusal(state, ReplaceSegments{{SegmentId(1)}, {other}}), HasSubstr("indexes"));
  EXPECT_THAT(refusal(state, ReplaceSegments{{}, {}}), HasSubstr("no segment"));
}

TEST(DropSegments, RetiresTheirRows) {
  const State state = flushed(10);
  const State after = *apply_command(state, DropSegments{{SegmentId(1)}});
  EXPECT_TRUE(after.segments.empty());
  EXPECT_EQ(after.partitions.at(PartitionId(0)).retired_rows, 10U);
  EXPECT_EQ(find_fault(after), "");
  EXPECT_THAT(refusal(after, DropSegments{{SegmentId(1)}}), HasSubstr("gone"));
  EXPECT_THAT(refusal(state, DropSegments{{SegmentId(1), SegmentId(1)}}), HasSubstr("gone"));
}

TEST(State, ComesBackFromItsBytes) {
  const State state = flushed(10);
  std::string bytes;
  encode(state, bytes);
  const State back = *decode_state(bytes);
  EXPECT_EQ(state_hash(back), state_hash(state));
  EXPECT_EQ(back.partitions, state.partitions);
  EXPECT_EQ(*back.segments.at(SegmentId(1)), *state.segments.at(SegmentId(1)));
}

TEST(State, HasAnotherHashAfterEveryCommand) {
  const State state = flushed(10);
  EXPECT_NE(state_hash(state), state_hash(created()));
  EXPECT_NE(state_hash(*apply_command(state, DropSegments{{SegmentId(1)}})), state_hash(state));
}

TEST(State, RefusesEveryDamage) {
  std::string bytes;
  encode(flushed(10), bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_state(damaged)) << bit;
  }
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(decode_state(bytes.substr(0, cut))) << cut;
  }
}

TEST(State, FindsAHoleInItsOwnManifest) {
  State state = flushed(10);
  state.segments.clear();
  EXPECT_THAT(find_fault(state), HasSubstr("flushed to 10 but its segments have 0 events"));
}

TEST(Command, HasTheBytesThatItsPageShows) {
  io::FaultFileSystem disk;
  auto log = *io::RecordLogWriter::create(disk, "log", io::LogKind::kMetadata, 1, 0x5a17c0de);
  const std::vector<Command> commands = {CreateCluster{"c1", 1},
                                         flush_of(0, 2, {segment_of("k", 0, 2)})};
  for (const Command& command : commands) {
    std::string bytes;
    encode(command, bytes);
    const io::RecordParts record{1, bytes};
    ASSERT_TRUE(log.append(std::span(&record, 1)));
  }
  EXPECT_EQ(disk.contents("log"),
            io::testing::worked_bytes(LYNXDB_SOURCE_DIR "/docs/formats/metadata-log.md"));
}

TEST(Command, ComesBackFromItsBytes) {
  const std::vector<Command> commands = {CreateCluster{"id", 5},
                                         flush_of(0, 10, {segment_of("a", 0, 10)}),
                                         ReplaceSegments{{SegmentId(1)}, {segment_of("b", 0, 10)}},
                                         DropSegments{{SegmentId(1), SegmentId(900)}}};
  for (const Command& command : commands) {
    std::string bytes;
    encode(command, bytes);
    std::string again;
    encode(*decode_command(bytes), again);
    EXPECT_EQ(again, bytes);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      EXPECT_FALSE(decode_command(bytes.substr(0, cut))) << cut;
    }
    EXPECT_FALSE(decode_command(bytes + "x"));
  }
  EXPECT_FALSE(decode_command("\x7f"));
}

}  // namespace
}  // namespace lynxdb::metadata
