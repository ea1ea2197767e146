// Three real stores under three replication cores, in one world whose nodes crash, whose messages
// get lost and whose flushes race with changes of leaders: every acknowledged event is there
// exactly once in the end, and the logs of all copies are the same bytes.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/local_object_store.h"
#include "replication/testing.h"
#include "storage/replicated_log.h"
#include "storage/testing.h"

namespace lynxdb::storage {
namespace {

using metadata::NodeEpoch;
using metadata::NodeId;
using replication::Replication;
using replication::TimeMs;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kPartitions = 2;

// What all nodes agree on.
class Agreed {
 public:
  Result<metadata::StatePtr> apply(const metadata::Command& command) {
    const base::MutexLock lock(mutex_);
    state_ = std::make_shared<const metadata::State>(TRY(apply_command(*state_, command)));
    EXPECT_EQ(find_fault(*state_), "");
    return state_;
  }
  metadata::StatePtr state() const {
    const base::MutexLock lock(mutex_);
    return state_;
  }

 private:
  mutable base::Mutex mutex_;
  metadata::StatePtr state_ GUARDED_BY(mutex_) = std::make_shared<const metadata::State>();
};

// A node's view of it; now and then it does not hear what became of a command.
class View final : public metadata::MetadataStore {
 public:
  View(Agreed& agreed, std::minstd_rand& random) : agreed_(agreed), random_(random) {}

  Result<metadata::StatePtr> propose(const metadata::Command& command) override {
    const auto fate = random_() % 10;
    if (fate == 0) return Error{ErrorCode::kUnavailable, "lost"};
    auto done = agreed_.apply(command);
    if (fate == 1) return Error{ErrorCode::kTimeout, "no answer"};
    return done;
  }
  Result<> health() const override { return {}; }
  metadata::StatePtr state() const override { return agreed_.state(); }
  metadata::StatePtr wait_beyond(metadata::Version, std::chrono::milliseconds) const override {
    return state();
  }

 private:
  Agreed& agreed_;
  std::minstd_rand& random_;
};

struct Op {
  std::string batch_id;
  PartitionId partition;
  std::vector<std::string> ids;
  std::atomic<bool> is_acked{false};
  std::atomic<int> in_flight{0};
};

class Node final : public Replicator {
 public:
  Node(std::uint32_t id, Agreed& agreed, io::ObjectStore& objects, std::minstd_rand& random)
      : id_(id), agreed_(agreed), objects_(objects), random_(random), view_(agreed, random) {
    options_.directory = "data";
    options_.background = false;
    options_.wal.sync_mode = SyncMode::kFsync;
    options_.wal.file_bytes_max = 1500;
    options_.retention.all = std::chrono::seconds(0);
    options_.replicator = this;
  }
  ~Node() override { crash(); }

  bool is_up() const { return store_ != nullptr; }
  Store& store() { return *store_; }
  Replication& core() { return *core_; }

  void start(TimeMs now) {
    auto store = Store::open(options_, disk_, objects_, view_);
    ASSERT_TRUE(store) << "node " << id_.value() << ": " << store.error().message;
    store_ = *std::move(store);
    core_.emplace(replication::Options{});
    for (const auto& [partition, restored] : log().restored()) core_->restore(partition, restored);
    now_ = now;
    core_->tick(now);
    register_node();
  }
  void crash() {
    if (!is_up()) return;
    {
      const base::MutexLock lock(mutex_);
      reports_.clear();
    }
    if (random_() % 2 == 0) {
      disk_.crash();
    } else {
      disk_.crash_torn(random_());
    }
    core_.reset();
    store_.reset();
    removals_.clear();
  }

  void tick(TimeMs now, bool hears_news) {
    now_ = now;
    core_->tick(now);
    if (hears_news) learn();
    pump();
  }
  void learn() {
    const auto state = agreed_.state();
    core_->heartbeat_answered(now_, state->version);
    log().apply(state);
    core_->apply(*state);
  }
  void append(Op& op) {
    AppendRequest request = testing::request(testing::events(op.ids), op.batch_id, 7);
    request.partition = op.partition;
    ++op.in_flight;
    store_->append(std::move(request), [&op](const Result<Appended>& result) {
      if (result) op.is_acked = true;
      EXPECT_TRUE(result || result.error().code == ErrorCode::kUnavailable)
          << result.error().message;
      --op.in_flight;
    });
    pump();
  }
  void pump() {
    for (;;) {
      hear_reports();
      replication::Ready ready = core_->take_ready();
      if (ready.empty()) return;
      carry_out(ready);
    }
  }

  // --- Replicator: all but durable on the test's thread

  Result<> place(PartitionId partition, LeaderEpoch epoch, std::uint32_t count,
                 const std::function<void(const Place&)>& enqueue) override {
    const auto status = core_->status(partition);
    if (!status || status->leader_epoch != epoch) return Error{ErrorCode::kUnavailable, "moved"};
    const replication::Placed placed = core_->append(partition, count, now_);
    if (placed.admission != replication::Admission::kYes)
      return Error{ErrorCode::kUnavailable, "not now"};
    enqueue({placed.leader_epoch, placed.base, placed.cuts});
    return {};
  }
  void durable(std::span<const LogEnd> ends) override {
    const base::MutexLock lock(mutex_);
    reports_.insert(reports_.end(), ends.begin(), ends.end());
  }
  void log_failed(const Error&) override {}
  std::map<PartitionId, Flushable> flushable() override {
    std::map<PartitionId, Flushable> flushable;
    for (const PartitionId partition : core_->partitions()) {
      const OffsetRange offsets = core_->flushable(partition);
      if (offsets.begin < offsets.end)
        flushable[partition] = {core_->status(partition)->leader_epoch, offsets};
    }
    return flushable;
  }
  std::map<PartitionId, Offset> trimmable() override {
    std::map<PartitionId, Offset> trimmable;
    for (const PartitionId partition : core_->partitions())
      trimmable[partition] = core_->trimmable(partition);
    return trimmable;
  }
  void trimmed(PartitionId partition, Offset start) override {
    if (start <= core_->trimmable(partition)) core_->trimmed(partition, start);
  }

  std::deque<std::pair<NodeId, replication::Fetch>> fetches;
  std::deque<std::pair<NodeId, replication::FetchAnswer>> answers;
  NodeEpoch registered_epoch = 0;

  ReplicatedLog& log() { return store_->replicated(); }

 private:
  void register_node() {
    const auto* me = metadata::find_node(*agreed_.state(), "n" + std::to_string(id_.value()));
    const NodeEpoch before = me == nullptr ? 0 : me->epoch;
    if (me != nullptr) (void)agreed_.apply(metadata::FenceNode{id_, before}).has_value();
    const auto done = agreed_.apply(replication::testing::registration(id_.value(), before));
    ASSERT_TRUE(done) << done.error().message;
    registered_epoch = (*done)->nodes.at(id_).epoch;
    core_->register_as(id_, registered_epoch);
    learn();
    ASSERT_TRUE(agreed_.apply(metadata::UnfenceNode{id_, registered_epoch}));
  }
  void hear_reports() {
    std::vector<LogEnd> reports;
    {
      const base::MutexLock lock(mutex_);
      reports.swap(reports_);
    }
    for (const LogEnd& end : reports)
      if (end.removals == removals_[end.partition])
        core_->durable(end.partition, end.cuts, end.end);
  }
  void carry_out(replication::Ready& ready) {
    Work work;
    const auto add = [&](Work more) { work.insert(work.end(), more.begin(), more.end()); };
    for (const auto& ended : ready.ended)
      add(log().end_leadership(ended.partition, ended.leader_epoch));
    for (const auto& change : ready.log) {
      const auto done = log().change_log(change);
      ASSERT_TRUE(done) << done.error().message;
    }
    for (const auto& one : ready.committed) {
      const bool may = core_->may_acknowledge(one.partition, one.leader_epoch, now_) ==
                       replication::Admission::kYes;
      add(log().commit(one.partition, one.leader_epoch, one.high_watermark, may));
    }
    for (const auto& one : work) one();
    for (auto& one : ready.answers) answer(std::move(one));
    for (const auto& fetch : ready.fetches) fetches.emplace_back(fetch.to, fetch.fetch);
    for (const auto& proposal : ready.proposals) propose(proposal);
    for (const PartitionId partition : ready.removed) {
      ++removals_[partition];
      log().remove(partition);
    }
    EXPECT_TRUE(ready.quarantined.empty());
    if (ready.registered_anew) register_node();
  }
  void answer(replication::SendAnswer one) {
    const PartitionId partition = one.answer.partition;
    if (one.records.begin < one.records.end) {
      auto batches = log().read_log(partition, one.cuts, one.records, 1 + random_() % 2000);
      EXPECT_TRUE(batches) << batches.error().message;
      if (!batches) return;
      one.answer.batches = *std::move(batches);
    }
    if (one.answer.outcome == replication::FetchOutcome::kReset)
      one.answer.dedup = log().dedup_below(partition, one.answer.start);
    answers.emplace_back(one.to, std::move(one.answer));
  }
  void propose(const replication::Proposal& proposal) {
    const auto done = view_.propose(proposal.command);
    const auto outcome = done ? replication::ProposalOutcome::kAccepted
                         : done.error().code == ErrorCode::kConflict
                             ? replication::ProposalOutcome::kRefused
                             : replication::ProposalOutcome::kUnknown;
    if (done) core_->apply(**done);
    core_->proposal_done(proposal.command.partition, proposal.id, outcome);
  }

  const NodeId id_;
  Agreed& agreed_;
  io::ObjectStore& objects_;
  std::minstd_rand& random_;
  View view_;
  StoreOptions options_;
  io::FaultFileSystem disk_;
  TimeMs now_ = 0;
  std::map<PartitionId, std::uint64_t> removals_;
  base::Mutex mutex_;
  std::vector<LogEnd> reports_ GUARDED_BY(mutex_);
  std::optional<Replication> core_;
  std::unique_ptr<Store> store_;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed * 7919 + 1) {
    objects_ = *io::LocalObjectStore::open(bucket_, "objects", base::real_clock());
    agree(metadata::CreateCluster{"c", kPartitions, kNodes, 2});
    for (std::uint32_t id = 1; id <= kNodes; ++id) {
      nodes_.push_back(std::make_unique<Node>(id, agreed_, *objects_, random_));
      nodes_.back()->start(now_);
    }
    for (std::uint32_t id = 0; id < kPartitions; ++id)
      agree(metadata::AssignReplicas{PartitionId(id), 1, {NodeId(1), NodeId(2), NodeId(3)}});
  }
  ~World() {
    for (auto& node : nodes_) node->crash();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      pass(1 + static_cast<TimeMs>(random_() % 60), true);
    }
  }
  void heal() {
    for (auto& node : nodes_)
      if (!node->is_up()) node->start(now_);
    for (int i = 0; i < 3000 && !::testing::Test::HasFailure(); ++i) {
      if (i % 20 == 0) retry_all();
      pass(50, false);
      if (i > 100 && all_acked() && all_caught_up()) return;
    }
    ADD_FAILURE() << "does not heal";
  }
  void check() {
    check_rows();
    for (std::uint32_t id = 0; id < kPartitions; ++id) check_logs(PartitionId(id));
  }
  int acked() const {
    return static_cast<int>(std::count_if(ops_.begin(), ops_.end(),
                                          [](const auto& op) { return op->is_acked.load(); }));
  }

 private:
  void agree(const metadata::Command& command) {
    const auto done = agreed_.apply(command);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::size_t any(std::size_t count) { return random_() % count; }
  Node* leader(PartitionId partition) {
    const auto leads = agreed_.state()->partitions.at(partition).copies.leader;
    if (!leads) return nullptr;
    Node& node = *nodes_[leads->value() - 1];
    return node.is_up() ? &node : nullptr;
  }

  void step() {
    switch (any(24)) {
      case 0:
        return crash(*nodes_[any(kNodes)]);
      case 1:
      case 2:
        for (auto& node : nodes_)
          if (!node->is_up() && any(2) == 0) node->start(now_);
        return;
      case 3:
      case 4:
      case 5: {
        Node& node = *nodes_[any(kNodes)];
        // It may find that another leads now, or hear nothing.
        if (node.is_up()) (void)node.store().flush_now().has_value();
        return;
      }
      case 6:
        return move_leader();
      case 7:
        return retry_all();
      case 8:
        return pass(1500, true);  // A pause of everybody.
      default:
        return write();
    }
  }
  void crash(Node& node) {
    if (!node.is_up()) return;
    const NodeId id(static_cast<std::uint32_t>(index_of(node)) + 1);
    const NodeEpoch epoch = node.registered_epoch;
    node.crash();
    agree(metadata::FenceNode{id, epoch});
  }
  std::size_t index_of(const Node& node) const {
    return static_cast<std::size_t>(
        std::find_if(nodes_.begin(), nodes_.end(),
                     [&](const auto& one) { return one.get() == &node; }) -
        nodes_.begin());
  }
  void move_leader() {
    const PartitionId partition(static_cast<std::uint32_t>(any(kPartitions)));
    const auto row = agreed_.state()->partitions.at(partition);
    const NodeId to(1 + static_cast<std::uint32_t>(any(kNodes)));
    (void)agreed_.apply(metadata::MoveLeader{partition, row.leader_epoch, to}).has_value();
  }
  void write() {
    auto& op = *ops_.emplace_back(std::make_unique<Op>());
    op.batch_id = "batch " + std::to_string(ops_.size());
    op.partition = PartitionId(static_cast<std::uint32_t>(any(kPartitions)));
    for (std::size_t i = 0; i <= any(4); ++i)
      op.ids.push_back(std::to_string(ops_.size()) + "." + std::to_string(i));
    send(op);
  }
  // Mostly to the leader; others refuse.
  void send(Op& op) {
    Node* node = leader(op.partition);
    if (any(10) == 0) node = nodes_[any(kNodes)].get();
    if (node != nullptr && node->is_up()) node->append(op);
  }
  void retry_all() {
    for (auto& op : ops_)
      if (!op->is_acked && op->in_flight < 3) send(*op);
  }

  void pass(TimeMs ms, bool trouble) {
    now_ += ms;
    for (auto& node : nodes_) {
      if (!node->is_up()) continue;
      if (any(4) != 0) wait_for_disk(*node);
      node->tick(now_, !trouble || any(3) != 0);
    }
    for (int round = 0; round < 4; ++round) deliver(trouble);
  }
  // Their threads write meanwhile; the clock shall not run away from them.
  static void wait_for_disk(Node& node) {
    while (node.store().stats().wal_queue_bytes > 0 && node.store().health())
      std::this_thread::yield();
  }
  void deliver(bool trouble) {
    for (std::size_t from = 0; from < kNodes; ++from) {
      Node& sender = *nodes_[from];
      const NodeId id(static_cast<std::uint32_t>(from) + 1);
      const auto fetches = std::exchange(sender.fetches, {});
      auto answers = std::exchange(sender.answers, {});
      for (const auto& [to, fetch] : fetches) {
        Node& node = *nodes_[to.value() - 1];
        if (!node.is_up() || (trouble && any(12) == 0)) continue;
        node.core().receive(id, fetch);
        node.pump();
      }
      for (auto& [to, answer] : answers) {
        Node& node = *nodes_[to.value() - 1];
        if (!node.is_up() || (trouble && any(12) == 0)) continue;
        node.core().receive(id, std::move(answer));
        node.pump();
      }
    }
  }

  bool all_acked() const { return acked() == static_cast<int>(ops_.size()); }
  bool all_caught_up() {
    for (std::uint32_t id = 0; id < kPartitions; ++id) {
      std::set<Offset> ends;
      for (auto& node : nodes_) {
        const auto status = node->core().status(PartitionId(id));
        ends.insert({status->log_end, status->durable});
      }
      Node* leads = leader(PartitionId(id));
      if (leads == nullptr || ends.size() != 1) return false;
      if (leads->core().status(PartitionId(id))->high_watermark != *ends.begin()) return false;
    }
    return true;
  }

  void check_rows() {
    const auto state = agreed_.state();
    std::vector<std::string> found;
    for (const auto& [id, segment] : state->segments) {
      const auto ids = testing::ids_in(*objects_, *segment);
      ASSERT_TRUE(ids) << ids.error().message;
      found.insert(found.end(), ids->begin(), ids->end());
    }
    for (const auto& [partition, row] : state->partitions) {
      Node* leads = leader(partition);
      ASSERT_NE(leads, nullptr);
      leads->log().apply(state);
      const auto tail = leads->log().read_tail(partition, row.flushed_offset);
      ASSERT_TRUE(tail) << tail.error().message;
      for (const TailBatchPtr& batch : tail->batches) testing::add_ids(*batch->batch, found);
    }
    std::vector<std::string> expected;
    for (const auto& op : ops_) expected.insert(expected.end(), op->ids.begin(), op->ids.end());
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(found, expected);
  }
  void check_logs(PartitionId partition) {
    Offset start = 0;
    for (auto& node : nodes_) start = std::max(start, node->core().status(partition)->log_start);
    std::set<std::string> logs;
    for (auto& node : nodes_) logs.insert(bytes_of(*node, partition, start));
    EXPECT_EQ(logs.size(), 1U);
  }
  static std::string bytes_of(Node& node, PartitionId partition, Offset start) {
    const auto status = *node.core().status(partition);
    std::string bytes;
    for (Offset next = start; next < status.log_end;) {
      const auto batches = node.log().read_log(partition, status.cuts, {next, status.log_end}, 500);
      EXPECT_TRUE(batches) << batches.error().message;
      if (!batches) return "";
      for (const auto& batch : *batches) bytes += *batch.payload;
      next = batches->back().end();
    }
    return bytes;
  }

  std::minstd_rand random_;
  Agreed agreed_;
  TimeMs now_ = 1'000'000;
  io::FaultFileSystem bucket_;
  std::unique_ptr<io::LocalObjectStore> objects_;
  std::deque<std::unique_ptr<Op>> ops_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

TEST(ReplicatedCluster, KeepsEveryAcknowledgedEventExactlyOnce) {
  const char* wish = std::getenv("LYNXDB_STORE_SEEDS");
  const unsigned seeds = wish == nullptr ? 12 : static_cast<unsigned>(std::atoi(wish));
  int acked = 0;
  for (unsigned seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(400);
    world.heal();
    if (!HasFailure()) world.check();
    acked += world.acked();
  }
  EXPECT_GT(acked, 100);
}

}  // namespace
}  // namespace lynxdb::storage
