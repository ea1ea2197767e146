// Nodes form a cluster in any order, agree, outlive each other, and take back those that return:
// real members over real connections of this machine.
#include "cluster/membership/raft_metadata.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/memory_file.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Deadline within(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// Ports that were free a moment ago.
std::vector<std::string> free_addresses(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < count; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
    addresses.push_back("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    sockets.push_back(socket);
  }
  for (const int socket : sockets) ::close(socket);
  return addresses;
}

class Cluster : public ::testing::Test {
 protected:
  explicit Cluster(std::size_t seeds = 3) : addresses_(free_addresses(seeds + 2)), seeds_(seeds) {
    for (std::size_t i = 0; i < addresses_.size(); ++i)
      disks_.push_back(std::make_unique<io::MemoryFileSystem>(base::real_clock()));
    nodes_.resize(addresses_.size());
  }

  RaftMetadataOptions options(std::size_t i) const {
    RaftMetadataOptions options;
    options.directory = "data";
    options.node_name = "node-" + std::to_string(i + 1);
    options.seeds.assign(addresses_.begin(), addresses_.begin() + static_cast<long>(seeds_));
    options.listen = options.advertise = addresses_[i];
    options.partition_count = 4;
    options.propose_timeout = seconds(20);
    return options;
  }

  void start(std::size_t i) {
    auto started = RaftMetadata::start(*disks_[i], options(i));
    ASSERT_TRUE(started) << started.error().message;
    nodes_[i] = *std::move(started);
  }
  void stop(std::size_t i) { nodes_[i].reset(); }
  void wipe(std::size_t i) {
    disks_[i] = std::make_unique<io::MemoryFileSystem>(base::real_clock());
  }

  metadata::StatePtr formed(std::size_t i) {
    auto state = nodes_[i]->wait_formed(within(seconds(30)));
    EXPECT_TRUE(state) << i << ": " << state.error().message;
    return state ? *state : std::make_shared<const metadata::State>();
  }

  Result<metadata::StatePtr> register_node(std::size_t i) {
    metadata::RegisterNode command;
    command.name = options(i).node_name;
    command.incarnation = nodes_[i]->incarnation();
    command.roles = metadata::kAllRoles;
    command.raft_id = nodes_[i]->raft_id().value();
    command.cluster_address = addresses_[i];
    return nodes_[i]->propose(metadata::Command(command));
  }

  // The member that leads, waiting for one.
  std::size_t leader() {
    const Deadline deadline = within(seconds(30));
    while (std::chrono::steady_clock::now() < deadline) {
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i] == nullptr) continue;
        const auto view = nodes_[i]->view();
        if (view && view->role == raft::Role::kLeader) return i;
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << "nobody leads";
    return 0;
  }

  // Until every running node has the newest state.
  void expect_agreement() {
    std::optional<std::uint64_t> hash;
    for (const auto& node : nodes_) {
      if (node == nullptr) continue;
      auto state = node->read_state(within(seconds(30)));
      ASSERT_TRUE(state) << state.error().message;
      if (hash) EXPECT_EQ(metadata::state_hash(**state), *hash);
      hash = metadata::state_hash(**state);
    }
  }

  std::vector<std::string> addresses_;
  std::size_t seeds_;
  std::vector<std::unique_ptr<io::MemoryFileSystem>> disks_;
  std::vector<std::unique_ptr<RaftMetadata>> nodes_;
};

TEST_F(Cluster, ThreeSeedsFormOneClusterInAnyOrder) {
  start(2);
  start(0);
  start(1);
  const std::string id = formed(0)->cluster_id;
  EXPECT_NE(id, "");
  EXPECT_EQ(formed(0)->partitions.size(), 4U);
  // The one that came last may have found a cluster, and joined it.
  EXPECT_EQ(formed(1)->cluster_id, id);
  EXPECT_EQ(formed(2)->cluster_id, id);
}

TEST_F(Cluster, ACommandGivenToAnyNodeIsSeenByAll) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) {
    const auto registered = register_node(i);
    ASSERT_TRUE(registered) << registered.error().message;
    EXPECT_NE(metadata::find_node(**registered, "node-" + std::to_string(i + 1)), nullptr);
  }
  expect_agreement();
  const auto state = *nodes_[2]->read_state(within(seconds(30)));
  EXPECT_EQ(state->nodes.size(), 3U);
}

TEST_F(Cluster, ARefusedCommandIsRefusedWhereverItIsGiven) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) {
    formed(i);
    const auto refused = nodes_[i]->propose(metadata::RemoveNode{metadata::NodeId(77)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
  }
}

TEST_F(Cluster, WithoutItsLeaderItGoesOnAndTheLeaderComesBack) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::size_t first = leader();
  stop(first);
  const std::size_t other = (first + 1) % 3;
  const auto registered = register_node(other);
  ASSERT_TRUE(registered) << registered.error().message;
  start(first);
  formed(first);
  expect_agreement();
}

TEST_F(Cluster, ARestartOfAllBringsEverythingBack) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  ASSERT_TRUE(register_node(0));
  const std::string id = formed(0)->cluster_id;
  for (const std::size_t i : {0, 1, 2}) stop(i);
  for (const std::size_t i : {1, 2, 0}) start(i);
  for (const std::size_t i : {0, 1, 2}) EXPECT_EQ(formed(i)->cluster_id, id);
  expect_agreement();
  EXPECT_NE(metadata::find_node(**nodes_[1]->read_state(within(seconds(30))), "node-1"), nullptr);
}

TEST_F(Cluster, ALateSeedJoinsUnderANewIdAndVotes) {
  start(0);
  start(1);
  formed(0);
  for (const std::size_t i : {0, 1}) ASSERT_TRUE(register_node(i));
  start(2);
  formed(2);
  ASSERT_TRUE(register_node(2));
  EXPECT_GT(nodes_[2]->raft_id().value(), kFounderIdMax);
  // Until it is counted for the founder that never came.
  const Deadline deadline = within(seconds(30));
  auto view = *nodes_[leader()]->view();
  while (!(view.members.voters.size() == 3 && view.members.is_voter(nodes_[2]->raft_id())) &&
         std::chrono::steady_clock::now() < deadline) {
    // Whoever is fenced does not vote for others; heartbeats do this in a server.
    const auto state = nodes_[0]->state();
    for (const auto& [id, node] : state->nodes)
      if (node.fenced) (void)nodes_[0]->propose(metadata::UnfenceNode{id, node.epoch});
    view = *nodes_[leader()]->view();
  }
  EXPECT_TRUE(view.members.is_voter(nodes_[2]->raft_id()));
  EXPECT_EQ(view.members.voters.size(), 3U);
  stop(0);
  EXPECT_TRUE(register_node(2));
  expect_agreement();
}

TEST_F(Cluster, ASeedWithAWipedDiskIsANewMember) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::string id = formed(0)->cluster_id;
  const raft::NodeId before = nodes_[1]->raft_id();
  stop(1);
  wipe(1);
  start(1);
  EXPECT_EQ(formed(1)->cluster_id, id);
  EXPECT_NE(nodes_[1]->raft_id(), before);
  ASSERT_TRUE(register_node(1));
  expect_agreement();
  EXPECT_FALSE(nodes_[leader()]->view()->members.is_member(before));
}

TEST_F(Cluster, AFourthNodeJoinsAndFollows) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  start(3);
  formed(3);
  ASSERT_TRUE(register_node(3));
  expect_agreement();
  EXPECT_TRUE(nodes_[leader()]->view()->members.is_learner(nodes_[3]->raft_id()));
}

TEST_F(Cluster, ATwinOfARunningNodeIsRefusedWithItsName) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  auto twin = options(3);
  twin.node_name = "node-1";
  std::promise<Error> failed;
  twin.failed = [&](const Error& error) { failed.set_value(error); };
  const auto started = RaftMetadata::start(*disks_[3], twin);
  ASSERT_TRUE(started);
  auto error = failed.get_future();
  ASSERT_EQ(error.wait_until(within(seconds(30))), std::future_status::ready);
  EXPECT_NE(error.get().message.find("'node-1'"), std::string::npos);
}

TEST_F(Cluster, LeadershipIsHandedOverWhenItIsAskedFor) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(register_node(i));
  const std::size_t first = leader();
  const auto handed = nodes_[first]->hand_over(within(seconds(30)));
  ASSERT_TRUE(handed) << handed.error().message;
  EXPECT_NE(nodes_[first]->view()->role, raft::Role::kLeader);
  EXPECT_TRUE(register_node(first));
}

TEST_F(Cluster, OneOfThreeAloneTakesNothingAndSaysWhy) {
  for (const std::size_t i : {0, 1, 2}) start(i);
  for (const std::size_t i : {0, 1, 2}) formed(i);
  stop(0);
  stop(1);
  const auto lone = nodes_[2]->read_state(within(seconds(3)));
  EXPECT_FALSE(lone);
  // What it knew it still knows.
  EXPECT_NE(nodes_[2]->state()->cluster_id, "");
}

}  // namespace
}  // namespace lynxdb::cluster
