// For tests: members of one metadata group over real connections of this machine, their disks in
// memory.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/membership/raft_metadata.h"
#include "io/memory_file.h"

namespace lynxdb::cluster::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline Deadline within(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// Ports that were free a moment ago.
inline std::vector<std::string> free_addresses(std::size_t count) {
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

class ClusterTest : public ::testing::Test {
 protected:
  explicit ClusterTest(std::size_t seeds = 3)
      : addresses_(free_addresses(seeds + 2)), seeds_(seeds) {
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

  metadata::RegisterNode registration(std::size_t i) {
    metadata::RegisterNode command;
    command.name = options(i).node_name;
    command.incarnation = nodes_[i]->incarnation();
    command.roles = metadata::kAllRoles;
    command.raft_id = nodes_[i]->raft_id().value();
    command.cluster_address = addresses_[i];
    return command;
  }
  Result<metadata::StatePtr> register_node(std::size_t i) {
    metadata::RegisterNode command = registration(i);
    const auto state = TRY(nodes_[i]->read_state(within(seconds(30))));
    if (const auto* entry = metadata::find_node(*state, command.name))
      command.expected_epoch = entry->epoch;
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

}  // namespace lynxdb::cluster::testing
