// Compaction, retention and garbage collection change which objects there are, never what a query
// sees: not for new views, and not for those that were there before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using ::testing::ElementsAre;
using testing::events;
using ::testing::HasSubstr;
using testing::ids_in;
using testing::kNow;
using testing::kSecond;
using testing::request;
using ::testing::SizeIs;
using testing::TestNode;

constexpr std::int64_t kDay = 86'400 * kSecond;

class CompactionTest : public ::testing::Test {
 protected:
  CompactionTest() {
    node_.options.clock = &clock_;
    node_.options.flush.row_group_rows = 4;
    node_.options.compaction.l0_threshold = 3;
    EXPECT_TRUE(node_.open());
    node_.disk.set_wall_ns(kNow);
  }

  void flush(const std::vector<std::string>& ids, std::int64_t time_ns = kNow) {
    ASSERT_TRUE(node_.store->append_and_wait(request(events(ids, time_ns))));
    ASSERT_TRUE(node_.store->flush_now());
  }
  void maintain() {
    const auto done = node_.store->maintain_now();
    EXPECT_TRUE(done) << done.error().message;
  }
  void pass(std::chrono::hours time) {
    clock_.advance(time);
    node_.disk.set_wall_ns(clock_.wall_ns());
  }
  std::vector<SegmentEntry> segments() {
    std::vector<SegmentEntry> list;
    for (const auto& [id, segment] : node_.metadata->state()->segments) list.push_back(*segment);
    return list;
  }
  std::size_t object_count() { return io::list_all(*node_.objects, "segments/", 1000)->size(); }

  base::ManualClock clock_{kNow};
  TestNode node_;
};

TEST_F(CompactionTest, MergesFlushedSegmentsIntoOne) {
  flush({"a", "b", "c", "d", "e"});
  flush({"f"}, kNow - kSecond);
  flush({"g", "h"}, kNow + kSecond);
  maintain();
  ASSERT_THAT(segments(), SizeIs(1));
  const SegmentEntry merged = segments()[0];
  EXPECT_EQ(merged.level, 1U);
  EXPECT_EQ(merged.rows, 8U);
  ASSERT_THAT(merged.parts, SizeIs(1));
  EXPECT_EQ(merged.parts[0].offsets, (OffsetRange{0, 8}));
  // By time; of equal times (b and g, c and h) the later one first, as before.
  EXPECT_THAT(*ids_in(*node_.objects, merged), ElementsAre("e", "d", "h", "c", "g", "b", "a", "f"));
  EXPECT_EQ(object_count(), 1U);
}

TEST_F(CompactionTest, KeepsTheOrderOfEqualTimesOverManyRowGroups) {
  std::vector<std::string> expected;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 7; ++j) {
      const std::string id = std::to_string(i * 10 + j);
      ASSERT_TRUE(node_.store->append_and_wait(request(events({id}))));
      expected.insert(expected.begin(), id);
    }
    ASSERT_TRUE(node_.store->flush_now());
  }
  maintain();
  ASSERT_THAT(segments(), SizeIs(1));
  EXPECT_EQ(*ids_in(*node_.objects, segments()[0]), expected);
}

// Row groups of 4 rows: those of 2 to 4 that stand alone are copied, smaller ones are joined.
TEST_F(CompactionTest, KeepsOrderAndSizesWhereSegmentsDoNotOverlap) {
  std::vector<std::string> expected;
  std::uint64_t raw_bytes = 0;
  int next = 0;
  for (const int rows : {9, 5, 8, 1, 6, 3}) {
    std::vector<std::string> ids;
    for (int i = 0; i < rows; ++i) {
      ids.push_back(std::to_string(next + i));
      expected.insert(expected.begin(), ids.back());
      raw_bytes += std::string("event ").size() + ids.back().size();
    }
    flush(ids, kNow + next * kSecond);
    next += rows;
  }
  maintain();
  ASSERT_THAT(segments(), SizeIs(1));
  EXPECT_EQ(*ids_in(*node_.objects, segments()[0]), expected);
  auto bytes = *node_.objects->get(segments()[0].object_key, {0, segments()[0].size_bytes});
  const auto reader =
      *segment::SegmentReader::open(std::make_shared<segment::MemoryByteSource>(std::move(bytes)));
  EXPECT_EQ(reader->footer().raw_bytes, raw_bytes);
  EXPECT_LE(reader->footer().row_groups.size(), 12U) << "32 rows: they fall into small groups";
  std::size_t groups_with_text = 0;
  for (std::size_t group = 0; group < reader->footer().row_groups.size(); ++group)
    groups_with_text +=
        reader->rows_containing(group, std::vector<std::string>{"event 17"})->size();
  EXPECT_EQ(groups_with_text, 1U) << "text indexes are those of their row groups";
}

TEST_F(CompactionTest, KeepsFieldsApartWhenRowGroupsOfDifferentFieldsAreCopied) {
  const auto flush_with = [&](const std::string& field, std::int64_t time_ns) {
    event::EventBatch batch = events({"a", "b", "c", "d"}, time_ns);
    batch.set(field, *batch.find("id"));
    batch.remove("id");
    ASSERT_TRUE(node_.store->append_and_wait(request(std::move(batch))));
    ASSERT_TRUE(node_.store->flush_now());
  };
  flush_with("x", kNow);
  flush_with("y", kNow + 100 * kSecond);
  flush_with("z", kNow + 200 * kSecond);
  maintain();
  ASSERT_THAT(segments(), SizeIs(1));
  auto bytes = *node_.objects->get(segments()[0].object_key, {0, segments()[0].size_bytes});
  const auto reader =
      *segment::SegmentReader::open(std::make_shared<segment::MemoryByteSource>(std::move(bytes)));
  ASSERT_THAT(reader->footer().row_groups, SizeIs(3));
  const std::vector<std::string> names = {"z", "y", "x"};
  for (std::size_t group = 0; group < 3; ++group) {
    const event::EventBatch rows = *reader->read(group, names);
    ASSERT_EQ(rows.field_count(), 1U);
    EXPECT_EQ(rows.fields()[0].name, names[group]);
    EXPECT_EQ(rows.fields()[0].column->view(0).as_string(), "d");
  }
}

TEST_F(CompactionTest, CopiesNoDamage) {
  flush({"a", "b", "c", "d"});
  flush({"e", "f", "g", "h"}, kNow + 100 * kSecond);
  flush({"i", "j", "k", "l"}, kNow + 200 * kSecond);
  const SegmentEntry middle = segments()[1];
  auto bytes = *node_.objects->get(middle.object_key, {0, middle.size_bytes});
  const auto reader =
      *segment::SegmentReader::open(std::make_shared<segment::MemoryByteSource>(bytes));
  const segment::RowGroup group = reader->footer().row_groups.at(0);
  std::vector<std::uint64_t> places = {group.text_index.offset + 3,
                                       group.text_index.offset + group.text_index.size - 1};
  for (const auto& chunk : group.columns) places.push_back(chunk.bytes.offset + 2);
  for (const std::uint64_t place : places) {
    SCOPED_TRACE(place);
    const std::string path = "data/objects/" + middle.object_key;
    node_.disk.flip_bit(path, 8 * place);
    const auto done = node_.store->maintain_now();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kCorruption);
    EXPECT_THAT(segments(), SizeIs(3));
    node_.disk.flip_bit(path, 8 * place);
  }
  maintain();
  EXPECT_THAT(segments(), SizeIs(1));
}

TEST_F(CompactionTest, LetsOldViewsReadWhatTheySaw) {
  flush({"a"});
  flush({"b"});
  std::optional<ReadView> before = node_.store->read_view();
  flush({"c"});
  maintain();
  pass(std::chrono::hours(100));
  maintain();
  EXPECT_THAT(*ids_in(*node_.objects, *before), ElementsAre("a", "b"));
  EXPECT_EQ(object_count(), 4U);
  before.reset();
  maintain();
  EXPECT_EQ(object_count(), 1U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
}

TEST_F(CompactionTest, ChangesNothingWhenASegmentIsDamaged) {
  flush({"a"});
  flush({"b"});
  flush({"c"});
  const std::string path = "data/objects/" + segments()[1].object_key;
  node_.disk.flip_bit(path, 160);
  const auto done = node_.store->maintain_now();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(segments(), SizeIs(3));
  EXPECT_EQ(node_.store->stats().compaction_failures, 1U);
}

TEST_F(CompactionTest, NamesTheObjectThatIsDamagedAndTheWayOut) {
  flush({"a"});
  flush({"b"});
  flush({"c"});
  const std::string key = segments()[1].object_key;
  const std::string path = "data/objects/" + key;
  // The first chunk: the footer is whole.
  node_.disk.flip_bit(path, 8 * 40);
  const auto done = node_.store->maintain_now();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr(key));
  EXPECT_THAT(done.error().suggestion, HasSubstr("--drop-damaged-segment " + key));
  EXPECT_THAT(node_.store->stats().compaction_problem, HasSubstr(key));
  node_.disk.flip_bit(path, 8 * 40);
  maintain();
  EXPECT_EQ(node_.store->stats().compaction_problem, "");
}

TEST(CompactionInTheBackground, DoesNotMeetTheSameDamageAtEachTick) {
  TestNode node;
  node.options.compaction.l0_threshold = 3;
  node.options.compaction.interval = std::chrono::milliseconds(10);
  node.options.background = true;
  ASSERT_TRUE(node.open());
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(node.store->append_and_wait(request(events({id}))));
    ASSERT_TRUE(node.store->flush_now());
    const auto& first = *node.metadata->state()->segments.begin()->second;
    if (id == std::string("a")) node.disk.flip_bit("data/objects/" + first.object_key, 8 * 40);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto failures = [&] { return node.store->stats().compaction_failures; };
  while (failures() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  // Another index is merged: ticks go on, and each of them comes by the damage.
  for (std::uint64_t merged = 1; merged <= 3; ++merged) {
    for (const char* id : {"d", "e", "f"}) {
      const std::string index = "other-" + std::to_string(merged);
      ASSERT_TRUE(node.store->append_and_wait(request(events({id}, kNow, index))));
      ASSERT_TRUE(node.store->flush_now());
    }
    while (node.store->stats().compactions < merged && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    ASSERT_GE(node.store->stats().compactions, merged);
  }
  // Once for the first two segments, and once with the third.
  EXPECT_GE(failures(), 1U);
  EXPECT_LE(failures(), 2U);
  EXPECT_NE(node.store->stats().compaction_problem, "");
}

// --- Retention -----------------------------------------------------------------------------------

TEST_F(CompactionTest, DropsSegmentsThatHaveExpired) {
  flush({"old"}, kNow - 3 * kDay);
  flush({"new"});
  node_.store->set_retention({std::chrono::hours(48), {}});
  std::optional<ReadView> before = node_.store->read_view();
  EXPECT_EQ(before->visible_from_ns("main"), kNow - 2 * kDay);
  maintain();
  EXPECT_THAT(node_.ids(), ElementsAre("new"));
  EXPECT_THAT(*ids_in(*node_.objects, *before), ElementsAre("new", "old"));
  before.reset();
  maintain();
  EXPECT_EQ(object_count(), 1U);
  EXPECT_EQ(metadata::find_fault(*node_.metadata->state()), "");
}

TEST_F(CompactionTest, KeepsWhatStraddlesTheBorderForReadersToFilter) {
  ASSERT_TRUE(node_.store->append_and_wait(request(events({"old", "new"}))));
  ASSERT_TRUE(node_.store->flush_now());
  clock_.advance(std::chrono::hours(1));
  node_.store->set_retention({std::chrono::seconds(3600), {}});
  maintain();
  EXPECT_THAT(node_.ids(), SizeIs(2));
  EXPECT_EQ(node_.store->read_view().visible_from_ns("main"), kNow);
}

TEST_F(CompactionTest, GivesAnIndexItsOwnRetention) {
  ASSERT_TRUE(node_.store->append_and_wait(request(events({"a"}, kNow - 3 * kDay, "audit"))));
  flush({"m"}, kNow - 3 * kDay);
  node_.store->set_retention({std::chrono::hours(24), {{"audit", std::chrono::seconds(0)}}});
  maintain();
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
}

// --- Garbage -------------------------------------------------------------------------------------

TEST_F(CompactionTest, DeletesOrphansOnceTheyAreOld) {
  flush({"a"});
  const std::string prefix = "segments/" + node_.metadata->state()->cluster_id + "/";
  ASSERT_TRUE(node_.objects->put(prefix + "main/orphan.lsg", "left by a crash"));
  ASSERT_TRUE(node_.objects->put("segments/another-cluster/main/live.lsg", "not ours"));
  maintain();
  EXPECT_EQ(object_count(), 3U);
  pass(std::chrono::hours(3));
  maintain();
  const auto left = *io::list_all(*node_.objects, "segments/", 1000);
  ASSERT_THAT(left, SizeIs(2));
  for (const auto& object : left) EXPECT_THAT(object.key, ::testing::Not(HasSubstr("orphan")));
  EXPECT_THAT(node_.ids(), ElementsAre("a"));
}

TEST_F(CompactionTest, DeletesReplacedObjectsAfterARestart) {
  flush({"a"});
  flush({"b"});
  flush({"c"});
  const ReadView view = node_.store->read_view();
  maintain();
  EXPECT_EQ(object_count(), 4U);
  node_.close();
  node_.disk.crash();
  ASSERT_TRUE(node_.open());
  pass(std::chrono::hours(3));
  maintain();
  EXPECT_EQ(object_count(), 1U);
  EXPECT_THAT(node_.ids(), ElementsAre("a", "b", "c"));
}

// The log of the metadata may have a change that was refused because a sync failed.
TEST(CompactionSyncs, DeleteNothingThatARestartMayFindCommitted) {
  for (std::uint64_t syncs = 0; syncs < 12; ++syncs) {
    SCOPED_TRACE(syncs);
    base::ManualClock clock(kNow);
    TestNode node;
    node.options.clock = &clock;
    node.options.compaction.l0_threshold = 3;
    ASSERT_TRUE(node.open());
    node.disk.set_wall_ns(kNow);
    for (const std::string id : {"a", "b", "c"}) {
      ASSERT_TRUE(node.store->append_and_wait(request(events({id}))));
      ASSERT_TRUE(node.store->flush_now());
    }
    node.disk.fail_sync(syncs);
    for (int round = 0; round < 3; ++round) {
      (void)node.store->maintain_now().has_value();
      clock.advance(std::chrono::hours(3));
      node.disk.set_wall_ns(clock.wall_ns());
    }
    node.disk.kill_process();
    node.close();
    ASSERT_TRUE(node.open());
    EXPECT_THAT(node.ids(), ElementsAre("a", "b", "c"));
  }
}

}  // namespace
}  // namespace lynxdb::storage
