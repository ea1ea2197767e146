// The store: puts log, tail, flush and maintenance together, and runs them in the background.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <thread>

#include "base/mutex.h"
#include "storage/compaction/compactor.h"
#include "storage/compaction/garbage.h"
#include "storage/compaction/rate_limit.h"
#include "storage/disk_guard.h"
#include "storage/flush.h"
#include "storage/group_commit.h"
#include "storage/local_replicator.h"
#include "storage/manifest/manifest_mirror.h"
#include "storage/pins.h"
#include "storage/recent_batches.h"
#include "storage/recovery.h"
#include "storage/replicated_log.h"
#include "storage/store.h"
#include "storage/tail.h"
#include "storage/uploader.h"

namespace lynxdb::storage {

// Threads: the log's (group_commit.h), one that stages, one that uploads, one that maintains. No
// lock is held while callbacks run.
class StoreImpl final : public Store, public ReplicatedLog {
 public:
  StoreImpl(StoreOptions options, io::FileSystem& files, io::ObjectStore& objects,
            metadata::MetadataStore& metadata, Recovered recovered);
  ~StoreImpl() override { stop(); }

  void append(AppendRequest request, AppendCallback done) override;
  std::chrono::seconds retry_after() const override;
  PartitionId partition_of(std::string_view host) const override;
  ReadView read_view() override;
  ReadView view_of(metadata::StatePtr state, std::vector<TailBatchPtr> tail) override;
  Result<> flush_now() override;
  Result<> maintain_now() override EXCLUDES(maintenance_mutex_);
  void set_retention(RetentionOptions retention) override EXCLUDES(mutex_);
  void set_compaction_rate_limit(std::uint64_t bytes_per_second) override;
  Result<> health() const override;
  Result<> log_health() const override;
  Result<> takes_events() const override;
  StoreStats stats() const override;
  std::vector<PartitionStatus> partitions() const override { return tail_.status(); }
  ReplicatedLog& replicated() override { return *this; }
  void stop() override EXCLUDES(mutex_);

  // --- ReplicatedLog: replicated.cc
  std::map<PartitionId, replication::Restored> restored() const override { return restored_; }
  Result<> change_log(const replication::LogChange& change) override;
  Work commit(PartitionId partition, LeaderEpoch epoch, Offset high_watermark,
              bool may_acknowledge) override;
  Work end_leadership(PartitionId partition, LeaderEpoch epoch) override;
  void remove(PartitionId partition) override;
  void apply(const metadata::StatePtr& state) override;
  Result<std::vector<replication::Batch>> read_log(PartitionId partition, Cuts cuts,
                                                   OffsetRange offsets,
                                                   std::size_t bytes_max) override;
  replication::Payload dedup_below(PartitionId partition, Offset start) override;
  Result<TailSlice> read_tail(PartitionId partition, Offset flushed) override {
    return tail_.read_tail(partition, flushed);
  }

 private:
  struct Incoming {
    AppendRequest request;
    AppendCallback done;
  };
  struct Counters {
    std::atomic<std::uint64_t> batches{0};
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> dropped_segments{0};
  };

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  std::int64_t now_ns() const { return options_.clock->monotonic().time_since_epoch().count(); }

  bool is_replicated() const { return local_ == nullptr; }

  // --- append.cc
  void take(const std::shared_ptr<Incoming>& incoming);
  void begin(Incoming& incoming, PendingAppend pending);
  static void encode_record(const AppendRequest& request, PendingAppend& pending);
  void place(PendingAppend pending);
  void call_off(const PendingAppend& append, const Error& error);
  void answer(const AppendCallback& done, Result<Appended> result);
  void written(std::span<const LogEntry> entries);
  // Try again?
  bool not_written(std::vector<LogEntry>& entries, const Error& error) EXCLUDES(mutex_);
  void log_broken(const Error& error);
  static Error log_error(const Error& error);
  static void run(const Work& work);
  Work acknowledgements(Answers answers);
  void acknowledge(WaitingAppend& append);
  Work refusals(Answers answers, const Error& error);
  std::optional<Error> overload() const;
  std::optional<Error> log_problem() const EXCLUDES(mutex_);
  std::optional<Error> staging_overload() const;

  // --- replicated.cc
  void note_recent(LogEntry& entry);

  // --- background.cc
  void run_flushes() EXCLUDES(mutex_);
  void run_uploads() EXCLUDES(mutex_);
  Result<> stage_now();
  void run_manifest() EXCLUDES(mutex_);
  void run_maintenance() EXCLUDES(mutex_);
  bool should_flush() EXCLUDES(mutex_);
  // False when the store stops before `time` has passed.
  bool pause(std::chrono::milliseconds time) EXCLUDES(mutex_);
  RetentionBorder retention_border() const EXCLUDES(mutex_);
  Result<> maintain(bool merges, Compactor::Retry retry) EXCLUDES(maintenance_mutex_);
  Result<> drop_expired() REQUIRES(maintenance_mutex_);

  const StoreOptions options_;
  metadata::MetadataStore& metadata_;
  Pins pins_;
  LiveUploads uploads_;
  const SegmentContext segments_;
  std::unique_ptr<Wal> wal_;
  Tail tail_;
  const std::map<PartitionId, replication::Restored> restored_;
  RecentBatches recent_;
  std::unique_ptr<LocalReplicator> local_;  // Null: the store is a node's of a cluster.
  Replicator& replicator_;
  const std::uint32_t partition_count_;
  Flusher flusher_;
  Uploader uploader_;
  RateLimit rate_;
  ManifestMirror manifest_;
  Garbage garbage_;
  Compactor compactor_;
  mutable DiskGuard disk_;
  Counters counters_;
  std::atomic<std::int64_t> last_append_;       // Monotonic, ns.
  std::atomic<std::int64_t> last_flush_;        // The same.
  std::atomic<std::int64_t> last_log_failure_;  // The same; kNever once the log was written again.
  std::atomic<bool> stopping_{false};
  std::atomic<bool> log_has_failed_{false};  // The Replicator knows.

  base::Mutex maintenance_mutex_;  // One round at a time.
  mutable base::Mutex mutex_;
  base::CondVar wake_;
  RetentionOptions retention_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::optional<Error> log_failure_ GUARDED_BY(mutex_);  // The last.

  std::unique_ptr<GroupCommit> commits_;
  std::thread flush_thread_;
  std::thread upload_thread_;
  std::thread maintenance_thread_;
  std::thread manifest_thread_;
};

}  // namespace lynxdb::storage
