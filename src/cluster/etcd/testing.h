// For tests: a real etcd of this machine's, and nodes whose metadata is in it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/etcd/etcd_metadata.h"
#include "cluster/testing.h"

namespace lynxdb::cluster::testing {

// One member on loopback; its data outlives kill() and start(), and goes with it.
class EtcdServer {
 public:
  EtcdServer()
      : addresses_(free_addresses(2)),
        directory_(std::filesystem::temp_directory_path() /
                   ("lynxdb-etcd-" + std::to_string(::getpid()) + "-" + addresses_[0].substr(10))) {
    std::filesystem::create_directories(directory_);
  }
  ~EtcdServer() {
    kill();
    std::filesystem::remove_all(directory_);
  }
  EtcdServer(const EtcdServer&) = delete;
  EtcdServer& operator=(const EtcdServer&) = delete;

  static bool is_installed() { return std::system("command -v etcd >/dev/null") == 0; }

  std::string url() const { return "http://" + addresses_[0]; }

  void start() {
    const std::string client = url();
    const std::string peer = "http://" + addresses_[1];
    const std::string cluster = "one=" + peer;
    const std::string data = directory_ / "data";
    const std::string log = directory_ / "log";
    process_ = ::fork();
    if (process_ == 0) {
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execlp("etcd", "etcd", "--name", "one", "--data-dir", data.c_str(), "--listen-client-urls",
               client.c_str(), "--advertise-client-urls", client.c_str(), "--listen-peer-urls",
               peer.c_str(), "--initial-advertise-peer-urls", peer.c_str(), "--initial-cluster",
               cluster.c_str(), "--logger", "zap", "--log-outputs", "stderr", nullptr);
      ::_exit(127);
    }
  }
  void pause() { ::kill(process_, SIGSTOP); }
  void go_on() { ::kill(process_, SIGCONT); }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  const std::vector<std::string> addresses_;
  const std::filesystem::path directory_;
  pid_t process_ = 0;
};

class EtcdTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kNodes = 4;

  void SetUp() override {
    if (!EtcdServer::is_installed())
      GTEST_SKIP() << "etcd is not installed: scripts/install-deps --tests does that";
    etcd_.start();
    for (std::size_t i = 0; i < kNodes; ++i) wipe(i);
  }

  virtual EtcdMetadataOptions options(std::size_t i) const {
    EtcdMetadataOptions options;
    options.etcd.endpoints = {etcd_.url()};
    options.directory = "data";
    options.node_name = "node-" + std::to_string(i + 1);
    options.listen = options.advertise = addresses_[i];
    options.partition_count = 4;
    options.propose_timeout = seconds(20);
    return options;
  }

  void start(std::size_t i) { start(i, options(i)); }
  void start(std::size_t i, EtcdMetadataOptions options) {
    auto started = EtcdMetadata::start(*disks_[i], std::move(options));
    ASSERT_TRUE(started) << started.error().message;
    nodes_[i] = *std::move(started);
  }
  void start_all() {
    for (const std::size_t i : {0, 1, 2}) start(i);
    for (const std::size_t i : {0, 1, 2}) formed(i);
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

  // Of a node that may just have been started.
  static Result<metadata::StatePtr> newest_state(EtcdMetadata& node) {
    TRY(node.wait_formed(within(seconds(30))));
    return node.read_state(within(seconds(30)));
  }

  Result<metadata::StatePtr> register_node(std::size_t i) {
    metadata::RegisterNode command;
    command.name = options(i).node_name;
    command.incarnation = nodes_[i]->incarnation();
    command.roles = metadata::kAllRoles;
    command.raft_id = nodes_[i]->member_id();
    command.cluster_address = addresses_[i];
    const auto state = TRY(newest_state(*nodes_[i]));
    if (const auto* entry = metadata::find_node(*state, command.name))
      command.expected_epoch = entry->epoch;
    return nodes_[i]->propose(metadata::Command(command));
  }

  template <typename Condition>
  static bool await(const Condition& condition) {
    const Deadline deadline = within(seconds(30));
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  // The one that leads, waiting for one.
  std::size_t leader() {
    std::size_t found = kNodes;
    EXPECT_TRUE(await([&] {
      for (std::size_t i = 0; i < kNodes && found == kNodes; ++i)
        if (nodes_[i] != nullptr && nodes_[i]->leads()) found = i;
      return found != kNodes;
    })) << "nobody leads";
    return found;
  }

  // Every running node has the newest state.
  void expect_agreement() {
    std::optional<std::uint64_t> hash;
    for (const auto& node : nodes_) {
      if (node == nullptr) continue;
      auto state = newest_state(*node);
      ASSERT_TRUE(state) << state.error().message;
      if (hash) EXPECT_EQ(metadata::state_hash(**state), *hash);
      hash = metadata::state_hash(**state);
    }
  }

  // As the newest state has it.
  metadata::NodeEntry entry_of(const std::string& name) {
    for (const auto& node : nodes_) {
      if (node == nullptr) continue;
      const auto state = newest_state(*node);
      const auto* entry = state ? metadata::find_node(**state, name) : nullptr;
      EXPECT_NE(entry, nullptr) << name;
      return entry != nullptr ? *entry : metadata::NodeEntry();
    }
    ADD_FAILURE() << "no node runs";
    return {};
  }

  EtcdServer etcd_;
  const std::vector<std::string> addresses_ = free_addresses(kNodes);
  std::vector<std::unique_ptr<io::MemoryFileSystem>> disks_{kNodes};
  std::vector<std::unique_ptr<EtcdMetadata>> nodes_{kNodes};
};

}  // namespace lynxdb::cluster::testing
