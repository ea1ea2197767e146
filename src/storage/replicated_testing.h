// For tests: a store of a cluster's node, and a Replicator that does what the test says.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "io/local_object_store.h"
#include "metadata/local_metadata.h"
#include "replication/testing.h"
#include "storage/replicated_log.h"
#include "storage/testing.h"

namespace lynxdb::storage::testing {

inline constexpr PartitionId kOnly{0};

// Gives places at the ends that it was told; remembers what it hears.
class ScriptedReplicator final : public Replicator {
 public:
  struct Copy {
    std::optional<LeaderEpoch> leads;
    Offset end = 0;
    Cuts cuts = 0;
    std::uint64_t removals = 0;
  };

  Result<> place(PartitionId partition, LeaderEpoch epoch, std::uint32_t count,
                 const std::function<void(const Place&)>& enqueue) override {
    const base::MutexLock lock(mutex_);
    Copy& copy = copies_[partition];
    if (copy.leads != epoch) return Error{ErrorCode::kUnavailable, "leads not"};
    enqueue({epoch, copy.end, copy.cuts});
    copy.end += count;
    return {};
  }
  void durable(std::span<const LogEnd> ends) override {
    const base::MutexLock lock(mutex_);
    for (const LogEnd& end : ends) durable_[end.partition] = end;
    changed_.notify_all();
  }
  void log_failed(const Error&) override {
    const base::MutexLock lock(mutex_);
    log_failed_ = true;
    changed_.notify_all();
  }
  std::map<PartitionId, Flushable> flushable() override { return flushable_; }
  std::map<PartitionId, Offset> trimmable() override { return trimmable_; }
  void trimmed(PartitionId partition, Offset start) override { trimmed_[partition] = start; }

  Copy& copy(PartitionId partition = kOnly) { return copies_[partition]; }
  // The newest report that is of these cuts and reaches `end`; false after a while without.
  bool wait_durable(Cuts cuts, Offset end, PartitionId partition = kOnly) {
    return wait([&] {
      const auto found = durable_.find(partition);
      return found != durable_.end() && found->second.cuts == cuts && found->second.end == end &&
             found->second.removals == copies_[partition].removals;
    });
  }
  bool wait_failed() {
    return wait([&] { return log_failed_; });
  }
  std::optional<LogEnd> last_durable(PartitionId partition = kOnly) {
    const base::MutexLock lock(mutex_);
    const auto found = durable_.find(partition);
    return found == durable_.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<PartitionId, Flushable> flushable_;
  std::map<PartitionId, Offset> trimmable_;
  std::map<PartitionId, Offset> trimmed_;

 private:
  template <typename Condition>
  bool wait(const Condition& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const base::MutexLock lock(mutex_);
    while (!condition())
      if (!changed_.wait_until(mutex_, until)) return condition();
    return true;
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  std::map<PartitionId, Copy> copies_;
  std::map<PartitionId, LogEnd> durable_;
  bool log_failed_ = false;
};

// One node of a cluster of three, with one partition that node 1 leads in epoch 2; its metadata is
// its own, for the test is the cluster.
struct ClusterNode {
  io::FaultFileSystem disk;
  StoreOptions options;
  std::unique_ptr<io::LocalObjectStore> objects;
  std::unique_ptr<metadata::LocalMetadata> metadata;
  std::unique_ptr<ScriptedReplicator> replicator;
  std::unique_ptr<Store> store;

  ClusterNode() {
    options.directory = "data";
    options.background = false;
    options.wal.sync_mode = SyncMode::kFsync;
    options.retention.all = std::chrono::seconds(0);
    open();
  }
  ~ClusterNode() { close(); }

  void open() {
    objects = *io::LocalObjectStore::open(disk, "data/objects", *options.clock);
    metadata = *metadata::LocalMetadata::open(disk, {"data/meta", 2000});
    if (metadata->state()->cluster_id.empty()) create();
    replicator = std::make_unique<ScriptedReplicator>();
    options.replicator = replicator.get();
    auto opened = Store::open(options, disk, *objects, *metadata);
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
    for (const auto& [id, restored] : log().restored()) replicator->copy(id).end = restored.log_end;
    log().apply(metadata->state());
  }
  void close() {
    store.reset();
    replicator.reset();
    metadata.reset();
    objects.reset();
  }
  void restart() {
    close();
    disk.crash();
    open();
  }

  ReplicatedLog& log() { return store->replicated(); }
  replication::Restored restored() { return log().restored()[kOnly]; }

  void propose(const metadata::Command& command) {
    const auto done = metadata->propose(command);
    ASSERT_TRUE(done) << done.error().message;
  }
  const metadata::PartitionState row() { return metadata->state()->partitions.at(kOnly); }
  void move_leader(std::uint32_t node) {
    propose(metadata::MoveLeader{kOnly, row().leader_epoch, metadata::NodeId(node)});
  }

  // --- What a Replicator does.

  void change(replication::LogChange change) {
    const auto done = log().change_log(change);
    ASSERT_TRUE(done) << done.error().message;
    ScriptedReplicator::Copy& copy = replicator->copy(change.partition);
    copy.cuts = change.cuts;
    if (const auto* append = std::get_if<replication::AppendBatches>(&change.what))
      copy.end = append->batches.back().end();
    if (const auto* cut = std::get_if<replication::TruncateLog>(&change.what)) copy.end = cut->end;
    if (const auto* reset = std::get_if<replication::ResetLog>(&change.what))
      copy.end = reset->start;
  }
  // And waits until it is written.
  void change_and_wait(replication::LogChange what) {
    const PartitionId partition = what.partition;
    const Cuts cuts = what.cuts;
    change(std::move(what));
    EXPECT_TRUE(replicator->wait_durable(cuts, replicator->copy(partition).end, partition));
  }
  void lead(LeaderEpoch epoch, Offset high_watermark = 0, PartitionId partition = kOnly) {
    ScriptedReplicator::Copy& copy = replicator->copy(partition);
    copy.leads = epoch;
    change({partition, copy.cuts, replication::EpochBegan{epoch, copy.end}});
    commit(high_watermark, true, partition);
  }
  void commit(Offset high_watermark, bool may_acknowledge = true, PartitionId partition = kOnly) {
    for (const auto& work : log().commit(partition, *replicator->copy(partition).leads,
                                         high_watermark, may_acknowledge))
      work();
  }
  void stop_leading(PartitionId partition = kOnly) {
    const LeaderEpoch epoch = *std::exchange(replicator->copy(partition).leads, std::nullopt);
    for (const auto& work : log().end_leadership(partition, epoch)) work();
  }
  std::vector<replication::Batch> read(OffsetRange offsets, std::size_t bytes_max = 1U << 30U) {
    auto batches = log().read_log(kOnly, replicator->copy().cuts, offsets, bytes_max);
    EXPECT_TRUE(batches) << batches.error().message;
    return batches ? *std::move(batches) : std::vector<replication::Batch>{};
  }

  // --- Clients.

  using Answer = std::future<Result<Appended>>;
  Answer send(AppendRequest request) {
    auto promise = std::make_shared<std::promise<Result<Appended>>>();
    store->append(std::move(request),
                  [promise](Result<Appended> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  // Appended and durable; not committed.
  Answer append(const std::vector<std::string>& ids, const std::string& batch_id = "") {
    Answer answer = send(request(events(ids), batch_id, 1));
    EXPECT_TRUE(replicator->wait_durable(replicator->copy().cuts, replicator->copy().end));
    return answer;
  }
  void append_and_commit(const std::vector<std::string>& ids, const std::string& batch_id = "") {
    Answer answer = append(ids, batch_id);
    commit(replicator->copy().end);
    EXPECT_TRUE(answer.get());
  }
  std::vector<std::string> ids() {
    auto found = ids_in(*objects, store->read_view());
    return found ? *std::move(found) : std::vector<std::string>{found.error().message};
  }

 private:
  void create() {
    propose(metadata::CreateCluster{"c", 2, 3, 2});
    for (std::uint32_t id = 1; id <= 3; ++id) {
      propose(replication::testing::registration(id, 0));
      propose(metadata::UnfenceNode{metadata::NodeId(id), 1});
    }
    for (std::uint32_t id = 0; id < 2; ++id) {
      propose(metadata::AssignReplicas{
          PartitionId(id), 1, {metadata::NodeId(1), metadata::NodeId(2), metadata::NodeId(3)}});
    }
  }
};

inline bool is_open(const ClusterNode::Answer& answer) {
  return answer.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
}

// The ids of the records in batches: what a copy of them would show.
inline std::vector<std::string> payloads(const std::vector<replication::Batch>& batches) {
  std::vector<std::string> bytes;
  for (const replication::Batch& batch : batches) bytes.push_back(*batch.payload);
  return bytes;
}

}  // namespace lynxdb::storage::testing
