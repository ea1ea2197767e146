// Who dies is fenced, who sleeps loses its lease before, and both come back by themselves.
#include <gtest/gtest.h>

#include <atomic>

#include "cluster/liveness/node_session.h"
#include "cluster/liveness/node_watch.h"
#include "cluster/testing.h"

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::within;

class Liveness : public testing::ClusterTest {
 protected:
  void begin(std::size_t i) {
    start(i);
    watches_[i] = std::make_unique<NodeWatch>(
        *nodes_[i], nodes_[i]->links(),
        NodeWatchOptions{.detector = {.fence_timeout = fence_timeout_, .refusals_max = 2}});
  }

  void open_session(std::size_t i) {
    formed(i);
    NodeSessionOptions options;
    options.registration = registration(i);
    options.heartbeat_interval = milliseconds(100);
    options.lease_duration = lease_;
    options.fitness = [this, i]() -> Result<> {
      if (unfit_ != i) return {};
      return Error{ErrorCode::kIo, "its disk is full"};
    };
    sessions_[i] = std::make_unique<NodeSession>(*nodes_[i], options);
  }

  void begin_all() {
    for (const std::size_t i : {0, 1, 2}) begin(i);
    for (const std::size_t i : {0, 1, 2}) open_session(i);
    for (const std::size_t i : {0, 1, 2}) ASSERT_TRUE(await_lease(i));
  }

  bool await_lease(std::size_t i) {
    const Deadline deadline = within(seconds(30));
    while (!sessions_[i]->has_lease() && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return sessions_[i]->has_lease();
  }

  // As kill -9 would: nobody is told.
  void kill(std::size_t i) {
    sessions_[i].reset();
    watches_[i].reset();
    stop(i);
  }

  // Until a running node sees that of node `i`.
  template <typename Condition>
  bool await(std::size_t i, const Condition& condition) {
    const Deadline deadline = within(seconds(30));
    while (std::chrono::steady_clock::now() < deadline) {
      for (const auto& node : nodes_) {
        if (node == nullptr) continue;
        const auto state = node->state();
        const auto* entry = metadata::find_node(*state, options(i).node_name);
        if (entry != nullptr && condition(*entry)) return true;
        (void)node->wait_beyond(state->version, milliseconds(20));
      }
    }
    return false;
  }

  milliseconds fence_timeout_{60'000};
  milliseconds lease_{40'000};
  std::atomic<std::size_t> unfit_{5};
  std::array<std::unique_ptr<NodeWatch>, 5> watches_;
  std::array<std::unique_ptr<NodeSession>, 5> sessions_;

  void TearDown() override {
    for (auto& session : sessions_) session.reset();
    for (auto& watch : watches_) watch.reset();
    for (auto& node : nodes_) node.reset();
  }
};

TEST_F(Liveness, NodesRegisterAndHoldALease) {
  begin_all();
  for (const std::size_t i : {0, 1, 2}) {
    EXPECT_TRUE(sessions_[i]->life().has_value());
  }
}

// The fence time is far away: the closed port alone says it.
TEST_F(Liveness, AKilledNodeIsFencedWithoutWaitingForSilence) {
  begin_all();
  const std::size_t victim = (leader() + 1) % 3;
  kill(victim);
  EXPECT_TRUE(await(victim, [](const auto& node) { return node.fenced; }));
}

TEST_F(Liveness, AKilledLeaderIsFencedByTheNextOne) {
  begin_all();
  const std::size_t victim = leader();
  kill(victim);
  EXPECT_TRUE(await(victim, [](const auto& node) { return node.fenced; }));
}

TEST_F(Liveness, ANodeThatIsKilledComesBackInANewLife) {
  begin_all();
  const std::size_t victim = (leader() + 1) % 3;
  const auto before = sessions_[victim]->life()->epoch;
  kill(victim);
  ASSERT_TRUE(await(victim, [](const auto& node) { return node.fenced; }));
  begin(victim);
  open_session(victim);
  EXPECT_TRUE(await(victim, [&](const auto& node) { return !node.fenced && node.epoch > before; }));
}

TEST_F(Liveness, ASilentNodeIsFencedAndItsLeaseHasEndedBefore) {
  fence_timeout_ = milliseconds(1500);
  lease_ = milliseconds(1000);
  begin_all();
  const std::size_t victim = (leader() + 1) % 3;
  // Its process answers at the port, but nothing is heard of it.
  sessions_[victim]->stop();
  ASSERT_TRUE(await(victim, [](const auto& node) { return node.fenced; }));
  EXPECT_FALSE(sessions_[victim]->has_lease());
}

TEST_F(Liveness, ANodeThatCannotWriteIsFencedAndComesBackWhenItCan) {
  fence_timeout_ = milliseconds(1500);
  lease_ = milliseconds(1000);
  begin_all();
  unfit_ = leader();
  ASSERT_TRUE(await(unfit_, [](const auto& node) { return node.fenced; }));
  EXPECT_FALSE(sessions_[unfit_]->has_lease());
  const std::size_t healed = unfit_.exchange(5);
  EXPECT_TRUE(await(healed, [](const auto& node) { return !node.fenced; }));
  EXPECT_TRUE(await_lease(healed));
}

TEST_F(Liveness, ANodeThatLeavesIsFencedAtOnce) {
  begin_all();
  sessions_[0]->leave();
  const auto state = nodes_[1]->read_state(within(seconds(30)));
  ASSERT_TRUE(state);
  EXPECT_TRUE(metadata::find_node(**state, "node-1")->fenced);
  EXPECT_FALSE(sessions_[0]->has_lease());
}

TEST_F(Liveness, OneThatWasFencedWhileItSleptComesBackInTheSameLife) {
  begin_all();
  const auto life = *sessions_[1]->life();
  ASSERT_TRUE(nodes_[0]->propose(metadata::FenceNode{life.node, life.epoch}));
  EXPECT_TRUE(await(1, [&](const auto& node) { return !node.fenced && node.epoch == life.epoch; }));
}

}  // namespace
}  // namespace lynxdb::cluster
