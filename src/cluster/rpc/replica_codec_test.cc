// What copies say to each other arrives as it was said, and bytes that say nothing are refused.
#include "cluster/rpc/replica_codec.h"

#include <gtest/gtest.h>

namespace lynxdb::cluster {
namespace {

using metadata::NodeId;
using metadata::PartitionId;

replication::FetchAnswer whole_answer() {
  replication::FetchAnswer answer;
  answer.partition = PartitionId(7);
  answer.id = 1ULL << 40U;
  answer.leader_epoch = 9;
  answer.outcome = replication::FetchOutcome::kDiverging;
  answer.high_watermark = 1000;
  answer.batches.push_back({.base = 990,
                            .count = 10,
                            .epoch = 8,
                            .payload = std::make_shared<const std::string>("a\0b", 3)});
  answer.diverging = {.epoch = 6, .end = 512};
  answer.start = 400;
  answer.epochs = {{.epoch = 2, .start = 0}, {.epoch = 6, .start = 300}};
  answer.dedup = std::make_shared<const std::string>("ids");
  return answer;
}

TEST(ReplicaCodec, GivesBackAFetch) {
  const replication::Fetch fetch{.partition = PartitionId(3),
                                 .id = 4,
                                 .node_epoch = 5,
                                 .leader_epoch = 6,
                                 .partition_epoch = 7,
                                 .log_end = 1ULL << 50U,
                                 .durable = 9,
                                 .last_epoch = 10,
                                 .wants_reset = true};
  const auto back =
      decode_replica_message(encode({.from = NodeId(1), .to = NodeId(2), .what = fetch}));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->from, NodeId(1));
  EXPECT_EQ(back->to, NodeId(2));
  const auto& read = std::get<replication::Fetch>(back->what);
  EXPECT_EQ(read.partition, fetch.partition);
  EXPECT_EQ(read.id, fetch.id);
  EXPECT_EQ(read.node_epoch, fetch.node_epoch);
  EXPECT_EQ(read.leader_epoch, fetch.leader_epoch);
  EXPECT_EQ(read.partition_epoch, fetch.partition_epoch);
  EXPECT_EQ(read.log_end, fetch.log_end);
  EXPECT_EQ(read.durable, fetch.durable);
  EXPECT_EQ(read.last_epoch, fetch.last_epoch);
  EXPECT_TRUE(read.wants_reset);
}

TEST(ReplicaCodec, GivesBackAnAnswerWithItsRecords) {
  const replication::FetchAnswer answer = whole_answer();
  const auto back =
      decode_replica_message(encode({.from = NodeId(2), .to = NodeId(1), .what = answer}));
  ASSERT_TRUE(back) << back.error().message;
  const auto& read = std::get<replication::FetchAnswer>(back->what);
  EXPECT_EQ(read.outcome, answer.outcome);
  EXPECT_EQ(read.high_watermark, answer.high_watermark);
  ASSERT_EQ(read.batches.size(), 1U);
  EXPECT_EQ(read.batches[0].base, 990U);
  EXPECT_EQ(read.batches[0].count, 10U);
  EXPECT_EQ(read.batches[0].epoch, 8U);
  EXPECT_EQ(*read.batches[0].payload, *answer.batches[0].payload);
  EXPECT_EQ(read.diverging, answer.diverging);
  EXPECT_EQ(read.start, answer.start);
  EXPECT_EQ(read.epochs, answer.epochs);
  EXPECT_EQ(*read.dedup, "ids");
}

TEST(ReplicaCodec, RefusesWhatNoCopyWouldSay) {
  EXPECT_FALSE(decode_replica_message("").has_value());
  EXPECT_FALSE(decode_replica_message("\xff\xff\xff").has_value());
  const std::string whole = encode({.from = NodeId(2), .to = NodeId(1), .what = whole_answer()});
  for (std::size_t size = 0; size < whole.size(); ++size)
    (void)decode_replica_message(std::string_view(whole).substr(0, size)).has_value();

  replication::FetchAnswer no_events = whole_answer();
  no_events.batches[0].count = 0;
  EXPECT_FALSE(decode_replica_message(encode({.from = {}, .to = {}, .what = no_events})));
  replication::FetchAnswer no_order = whole_answer();
  std::swap(no_order.epochs[0], no_order.epochs[1]);
  EXPECT_FALSE(decode_replica_message(encode({.from = {}, .to = {}, .what = no_order})));
  replication::FetchAnswer no_end = whole_answer();
  no_end.batches[0].base = ~0ULL;
  EXPECT_FALSE(decode_replica_message(encode({.from = {}, .to = {}, .what = no_end})));
}

}  // namespace
}  // namespace lynxdb::cluster
