// Metadata in a real etcd: the same log for all, no command twice whatever became of the answer,
// one leader at a time, and the same state as Raft and a single node's log make of it.
#include "cluster/etcd/etcd_metadata.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "cluster/etcd/testing.h"
#include "metadata/testing.h"

namespace lynxdb::cluster {
namespace {

using testing::within;
using Etcd = testing::EtcdTest;
using std::chrono::milliseconds;
using std::chrono::seconds;

metadata::RegisterNode client(const std::string& name) {
  metadata::RegisterNode command;
  command.name = name;
  command.incarnation = 1;
  command.roles = metadata::kAllRoles;
  command.cluster_address = name + ":9400";
  return command;
}

TEST(EtcdEndpoints, AreUrlsOrAddresses) {
  const auto parsed = parse_endpoints({.endpoints = {"http://a:1", "https://b", "c:2/", "[::1]"}});
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)[0].address, "a:1");
  EXPECT_FALSE((*parsed)[0].tls);
  EXPECT_EQ((*parsed)[1].address, "b:2379");
  EXPECT_TRUE((*parsed)[1].tls);
  EXPECT_EQ((*parsed)[2].address, "c:2");
  EXPECT_EQ((*parsed)[3].address, "[::1]:2379");
  for (const std::string wrong : {"", "ftp://a:1", "http://", "http://a/b", ":2379"})
    EXPECT_FALSE(parse_endpoints({.endpoints = {wrong}})) << wrong;
  EXPECT_FALSE(parse_endpoints({}));
}

TEST(EtcdEntry, IsReadAsItWasWrittenAndNothingElseIs) {
  const std::string bytes = encode_entry({.proposal = {7, 9}, .command = "what"});
  const auto entry = decode_entry(bytes);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->command, "what");
  EXPECT_EQ(entry->proposal, (ProposalId{7, 9}));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(decode_entry(std::string_view(bytes).substr(0, i)));
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(decode_entry(flipped)) << i;
  }
}

TEST_F(Etcd, NodesThatStartAtOnceMakeOneCluster) {
  start_all();
  const std::string id = formed(0)->cluster_id;
  EXPECT_NE(id, "");
  EXPECT_EQ(formed(0)->partitions.size(), 4U);
  for (const std::size_t i : {1, 2}) EXPECT_EQ(formed(i)->cluster_id, id);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  expect_agreement();
  EXPECT_EQ(nodes_[2]->state()->nodes.size(), 3U);
  // All stop, and come back to it; so does a disk that was wiped, and one that is new.
  for (const std::size_t i : {0, 1, 2}) stop(i);
  wipe(1);
  for (const std::size_t i : {2, 3}) start(i);
  for (const std::size_t i : {2, 3}) EXPECT_EQ(formed(i)->cluster_id, id);
  expect_agreement();
}

TEST_F(Etcd, ARefusedCommandIsRefusedEverywhereAndChangesNothing) {
  start_all();
  for (const std::size_t i : {0, 1, 2}) {
    const auto before = nodes_[i]->state()->version;
    const auto refused = nodes_[i]->propose(metadata::RemoveNode{metadata::NodeId(77)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
    EXPECT_EQ(nodes_[i]->state()->version, before);
  }
  expect_agreement();
}

// Each registers its node again and again, expecting the epoch that it saw: what is applied twice,
// or lost, shows in the epochs.
TEST_F(Etcd, ProposalsOfManyThreadsAndNodesAreEachAppliedOnce) {
  start_all();
  std::vector<std::thread> proposing;
  constexpr int kRounds = 30;
  for (const std::size_t i : {0, 1, 2})
    for (int thread = 0; thread < 2; ++thread)
      proposing.emplace_back([this, i, thread] {
        auto command = client("client-" + std::to_string(i) + "-" + std::to_string(thread));
        for (int round = 0; round < kRounds; ++round) {
          const auto done = nodes_[i]->propose(metadata::Command(command));
          ASSERT_TRUE(done) << done.error().message;
          const auto* entry = metadata::find_node(**done, command.name);
          ASSERT_NE(entry, nullptr);
          ASSERT_EQ(entry->epoch, command.expected_epoch + 1);
          command.expected_epoch = entry->epoch;
        }
      });
  for (std::thread& thread : proposing) thread.join();
  expect_agreement();
  const auto state = nodes_[0]->state();
  EXPECT_EQ(state->version, 1U + 6 * kRounds);
  EXPECT_EQ(nodes_[0]->applied(), state->version);
}

TEST_F(Etcd, OneLeadsAndAnotherFollowsAtOnceWhenItHandsOver) {
  start_all();
  const std::size_t first = leader();
  for (const std::size_t i : {0, 1, 2}) {
    EXPECT_EQ(nodes_[i]->leads(), i == first);
    EXPECT_TRUE(
        testing::EtcdTest::await([&] { return nodes_[i]->leader_address() == addresses_[first]; }));
  }
  const auto began = std::chrono::steady_clock::now();
  const auto handed = nodes_[first]->hand_over(within(seconds(20)));
  ASSERT_TRUE(handed) << handed.error().message;
  EXPECT_FALSE(nodes_[first]->leads());
  const std::size_t second = leader();
  EXPECT_NE(second, first);
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
  // It is gone without a word: its port says so, and nobody waits for its lease.
  stop(second);
  EXPECT_NE(leader(), second);
}

TEST_F(Etcd, OnlyWhoLeadsMayFenceOthers) {
  start_all();
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::size_t first = leader();
  const std::size_t other = (first + 1) % 3;
  const auto epoch_of = [&](std::size_t i) {
    const metadata::NodeEntry entry = entry_of(options(i).node_name);
    return metadata::UnfenceNode{entry.id, entry.epoch};
  };
  expect_agreement();
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(nodes_[i]->propose(epoch_of(i)));
  expect_agreement();
  const auto at = epoch_of((first + 2) % 3);
  const auto refused = nodes_[other]->propose(metadata::FenceNode{at.node, at.epoch});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_not_leader(refused.error())) << refused.error().message;
  // Itself, when it stops; and the leader anybody.
  const auto own = epoch_of(other);
  EXPECT_TRUE(nodes_[other]->propose(metadata::FenceNode{own.node, own.epoch}));
  EXPECT_TRUE(nodes_[first]->propose(metadata::FenceNode{at.node, at.epoch}));
  expect_agreement();
}

TEST_F(Etcd, HeartbeatsReachWhoeverLeads) {
  start_all();
  const std::size_t first = leader();
  for (const std::size_t i : {0, 1, 2})
    nodes_[i]->set_heartbeat_handler(
        [i](const Heartbeat& beat) -> Result<metadata::Version> { return 100 * i + beat.epoch; });
  for (const std::size_t i : {0, 1, 2}) {
    Result<metadata::Version> answer(not_leader());
    EXPECT_TRUE(await([&] {
      answer = nodes_[i]->send_heartbeat({metadata::NodeId(1), 7}, within(seconds(5)));
      return answer.has_value();
    }));
    EXPECT_EQ(*answer, 100 * first + 7);
  }
  for (const std::size_t i : {0, 1, 2}) nodes_[i]->set_heartbeat_handler(nullptr);
}

TEST_F(Etcd, ATwinOfARunningNodeIsRefusedWithItsName) {
  start_all();
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const metadata::NodeEntry entry = entry_of("node-1");
  ASSERT_TRUE(nodes_[0]->propose(metadata::UnfenceNode{entry.id, entry.epoch}));
  auto twin = options(3);
  twin.node_name = "node-1";
  start(3, twin);
  const auto refused = nodes_[3]->wait_formed(within(seconds(30)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("'node-1'"), std::string::npos);
}

TEST_F(Etcd, ANodeThatWasRemovedIsNotTakenInAgain) {
  start_all();
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const metadata::NodeEntry entry = entry_of("node-3");
  stop(2);
  const auto removed = nodes_[0]->propose(metadata::RemoveNode{entry.id});
  ASSERT_TRUE(removed) << removed.error().message;
  start(2);
  const auto refused = nodes_[2]->wait_formed(within(seconds(30)));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("was removed"), std::string::npos);
  // With an empty directory it is another node.
  stop(2);
  wipe(2);
  start(2);
  formed(2);
  EXPECT_TRUE(register_node(2));
}

TEST_F(Etcd, ANodeOfAnotherClusterIsRefused) {
  start(0);
  formed(0);
  stop(0);
  auto other = options(0);
  other.prefix = "/other";
  start(0, other);
  const auto refused = nodes_[0]->wait_formed(within(seconds(30)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
}

TEST_F(Etcd, WithoutEtcdNothingIsTakenAndAllGoesOnAfterwards) {
  start_all();
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  expect_agreement();
  (void)leader();
  etcd_.kill();
  EXPECT_TRUE(
      await([&] { return !nodes_[0]->leads() && !nodes_[1]->leads() && !nodes_[2]->leads(); }));
  const auto read = nodes_[0]->read_state(within(milliseconds(500)));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("etcd at 127.0.0.1"), std::string::npos)
      << read.error().message;
  EXPECT_EQ(nodes_[0]->state()->nodes.size(), 3U);
  etcd_.start();
  for (const std::size_t i : {0, 1, 2}) {
    const auto registered = register_node(i);
    ASSERT_TRUE(registered) << registered.error().message;
  }
  (void)leader();
  expect_agreement();
}

// Calls time out and their outcome is not known; each command is applied once all the same.
TEST_F(Etcd, WhatTimedOutIsNotAppliedTwice) {
  auto impatient = options(0);
  impatient.call_timeout = milliseconds(30);
  start(0, impatient);
  formed(0);
  std::atomic<bool> over = false;
  std::thread hindering([&] {
    while (!over) {
      etcd_.pause();
      std::this_thread::sleep_for(milliseconds(45));
      etcd_.go_on();
      std::this_thread::sleep_for(milliseconds(30));
    }
  });
  auto command = client("client");
  for (int round = 0; round < 60; ++round) {
    const auto done = nodes_[0]->propose(metadata::Command(command));
    EXPECT_TRUE(done) << done.error().message;
    if (!done) break;
    const auto* entry = metadata::find_node(**done, command.name);
    EXPECT_EQ(entry->epoch, command.expected_epoch + 1);
    command.expected_epoch = entry->epoch;
  }
  over = true;
  hindering.join();
  EXPECT_EQ(nodes_[0]->state()->version, 61U);
}

class EtcdSnapshots : public Etcd {
 protected:
  EtcdMetadataOptions options(std::size_t i) const override {
    auto options = Etcd::options(i);
    options.snapshot_entries = 20;
    options.entries_kept = 5;
    options.chunk_bytes = 100;  // Many pieces.
    return options;
  }
};

TEST_F(EtcdSnapshots, ANodeThatIsBehindWhatWasDeletedGoesOnFromASnapshot) {
  start_all();
  stop(2);
  auto command = client("client");
  // Several snapshots: each is looked for every two seconds.
  const auto until = within(seconds(7));
  while (std::chrono::steady_clock::now() < until) {
    const auto done = nodes_[0]->propose(metadata::Command(command));
    ASSERT_TRUE(done) << done.error().message;
    ++command.expected_epoch;
    std::this_thread::sleep_for(milliseconds(20));
  }
  // Nodes that were away, or are new.
  start(2);
  start(3);
  for (const std::size_t i : {2, 3}) formed(i);
  expect_agreement();
  EXPECT_EQ(nodes_[3]->state()->version, 1U + command.expected_epoch);
  ASSERT_TRUE(register_node(3));
  expect_agreement();
}

// --- The same commands through each engine -------------------------------------------------------

// What a cluster does, and what it must refuse, by chance.
class Commands {
 public:
  explicit Commands(std::uint64_t seed) : random_(seed) {}

  metadata::Command next(const metadata::State& state) {
    const auto node = [&] {
      return metadata::NodeId(static_cast<std::uint32_t>(random_.between(1, 5)));
    };
    const auto known = state.nodes.find(node());
    const metadata::NodeEpoch epoch =
        known == state.nodes.end() || random_.chance(10) ? 1 : known->second.epoch;
    const auto id = known == state.nodes.end() ? node() : known->first;
    switch (random_.below(8)) {
      case 0:
      case 1:
        return registration(state);
      case 2:
        return metadata::UnfenceNode{id, epoch};
      case 3:
        return flush(state);
      case 4:
        return assignment(state, id);
      case 5:
        return metadata::RemoveNode{id};
      case 6:
        return metadata::MoveLeader{partition(), 1, id};
      default:
        return state.segments.empty()
                   ? metadata::Command(metadata::DropSegments{{metadata::SegmentId(3)}})
                   : metadata::Command(metadata::DropSegments{{state.segments.begin()->first}});
    }
  }

 private:
  metadata::PartitionId partition() {
    return metadata::PartitionId(static_cast<std::uint32_t>(random_.below(4)));
  }
  metadata::Command registration(const metadata::State& state) {
    auto command = client("n" + std::to_string(random_.below(5)));
    command.incarnation = random_.between(1, 2);
    const auto* known = metadata::find_node(state, command.name);
    command.expected_epoch = known == nullptr || random_.chance(20) ? 0 : known->epoch;
    return command;
  }
  metadata::Command flush(const metadata::State& state) {
    const metadata::PartitionId at(0);
    const auto& entry = state.partitions.at(at);
    const auto begin = entry.flushed_offset + (random_.chance(10) ? 1 : 0);
    auto command = metadata::flush_of(
        begin, begin + 10,
        {metadata::segment_of("o" + std::to_string(random_.next()), begin, begin + 10)});
    command.partitions[0].leader_epoch = entry.leader_epoch;
    return command;
  }
  metadata::Command assignment(const metadata::State& state, metadata::NodeId id) {
    const auto at = partition();
    return metadata::AssignReplicas{at, state.partitions.at(at).partition_epoch, {id}};
  }

  base::Random random_;
};

class EnginesAgree : public Etcd, public ::testing::WithParamInterface<int> {};

TEST_P(EnginesAgree, ARandomHistoryMakesTheSameStateInEach) {
  constexpr int kCommands = 200;
  const auto cluster_options = options(0);
  // The cluster's id is random: the history begins with the one that etcd made.
  start_all();
  metadata::CreateCluster create;
  create.cluster_id = formed(0)->cluster_id;
  create.partition_count = cluster_options.partition_count;
  io::MemoryFileSystem disk(base::real_clock());
  auto raft_options = RaftMetadataOptions{};
  raft_options.directory = "raft";
  raft_options.node_name = "alone";
  raft_options.listen = raft_options.advertise = testing::free_addresses(1)[0];
  raft_options.seeds = {raft_options.advertise};
  raft_options.partition_count = cluster_options.partition_count;
  raft_options.propose_timeout = seconds(20);
  auto raft = RaftMetadata::start(disk, raft_options);
  ASSERT_TRUE(raft) << raft.error().message;
  const auto raft_formed = (*raft)->wait_formed(within(seconds(30)));
  ASSERT_TRUE(raft_formed) << raft_formed.error().message;

  SCOPED_TRACE(GetParam());
  Commands commands(static_cast<std::uint64_t>(GetParam()));
  base::Random choice(static_cast<std::uint64_t>(GetParam()));
  metadata::State model = *metadata::apply_command(metadata::State{}, create);
  int refusals = 0;
  for (int i = 0; i < kCommands; ++i) {
    const metadata::Command command = commands.next(model);
    auto next = metadata::apply_command(model, command);
    const auto by_etcd = nodes_[choice.below(3)]->propose(command);
    const auto by_raft = (*raft)->propose(command);
    ASSERT_EQ(by_etcd.has_value(), next.has_value()) << i;
    ASSERT_EQ(by_raft.has_value(), next.has_value()) << i;
    if (!next) {
      EXPECT_EQ(by_etcd.error().message, next.error().message);
      EXPECT_EQ(by_raft.error().message, next.error().message);
      ++refusals;
      continue;
    }
    model = *std::move(next);
    ASSERT_EQ(metadata::state_hash(**by_etcd), metadata::state_hash(model)) << i;
    metadata::State raft_state = **by_raft;
    raft_state.cluster_id = model.cluster_id;
    ASSERT_EQ(metadata::state_hash(raft_state), metadata::state_hash(model)) << i;
  }
  EXPECT_GT(refusals, kCommands / 20);
  EXPECT_LT(refusals, kCommands * 19 / 20);
  expect_agreement();
  EXPECT_EQ(metadata::state_hash(*nodes_[0]->state()), metadata::state_hash(model));
}

INSTANTIATE_TEST_SUITE_P(Seeds, EnginesAgree, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace lynxdb::cluster
