#include "storage/store.h"

#include <future>
#include <utility>

#include "base/hash.h"
#include "storage/store_impl.h"

namespace lynxdb::storage {
namespace {

// What followers are given without reading the disk.
constexpr std::size_t kRecentBytes = std::size_t{64} << 20U;

std::uint32_t partitions_in(const metadata::State& state) {
  return static_cast<std::uint32_t>(state.partitions.size());
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, io::FileSystem& files,
                                           io::ObjectStore& objects,
                                           metadata::MetadataStore& metadata) {
  if (options.replicator == nullptr) TRY(ensure_cluster(options, files, objects, metadata));
  Recovered recovered = TRY(recover(options, files, metadata));
  return std::unique_ptr<Store>(std::make_unique<StoreImpl>(std::move(options), files, objects,
                                                            metadata, std::move(recovered)));
}

Result<Appended> Store::append_and_wait(AppendRequest request) {
  std::promise<Result<Appended>> answer;
  append(std::move(request), [&](Result<Appended> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

StoreImpl::StoreImpl(StoreOptions options, io::FileSystem& files, io::ObjectStore& objects,
                     metadata::MetadataStore& metadata, Recovered recovered)
    : options_(std::move(options)),
      metadata_(metadata),
      uploads_(recovered.uploads),
      segments_{options_, files, objects,
                options_.object_prefix + "/" + metadata.state()->cluster_id + "/", uploads_},
      wal_(std::move(recovered.wal)),
      tail_(metadata, options_, std::move(recovered.partitions),
            std::move(recovered.staging.flushes)),
      restored_(tail_.restored()),
      recent_(kRecentBytes),
      local_(options_.replicator == nullptr ? std::make_unique<LocalReplicator>(tail_, *this)
                                            : nullptr),
      replicator_(local_ ? *local_ : *options_.replicator),
      partition_count_(local_ ? options_.partition_count : partitions_in(*metadata.state())),
      flusher_(segments_, tail_, *wal_, replicator_, recovered.staging.next_number),
      uploader_(segments_, metadata, tail_, *wal_, replicator_),
      rate_(options_.compaction.rate_limit_bytes),
      manifest_(objects, metadata),
      garbage_(segments_, metadata, pins_),
      compactor_(segments_, metadata, garbage_, rate_),
      disk_(options_.disk),
      last_append_(now_ns()),
      last_flush_(last_append_.load()),
      last_log_failure_(kNever),
      retention_(options_.retention) {
  commits_ = std::make_unique<GroupCommit>(
      *wal_, options_.wal,
      GroupCommit::Handlers{[this](std::span<const LogEntry> entries) { written(entries); },
                            [this](std::vector<LogEntry>& entries, const Error& error) {
                              return not_written(entries, error);
                            },
                            [this](const Error& error) { log_broken(error); }});
  if (!options_.background) return;
  flush_thread_ = std::thread([this] { run_flushes(); });
  upload_thread_ = std::thread([this] { run_uploads(); });
  maintenance_thread_ = std::thread([this] { run_maintenance(); });
  manifest_thread_ = std::thread([this] { run_manifest(); });
}

PartitionId StoreImpl::partition_of(std::string_view host) const {
  return PartitionId(base::fnv32a(host) % partition_count_);
}

ReadView StoreImpl::read_view() { return tail_.read_view(retention_border(), pins_); }

ReadView StoreImpl::view_of(metadata::StatePtr state, std::vector<TailBatchPtr> tail) {
  auto pin = pins_.pin(state->version);
  return {std::move(state), {}, std::move(tail), retention_border(), std::move(pin)};
}

Result<> StoreImpl::flush_now() {
  // In a cluster one flush is on its way at a time, and one that another leader overtook is
  // dropped.
  if (is_replicated()) TRY(uploader_.upload_staged());
  auto staged = stage_now();
  // What was staged before is worth uploading when no more can be staged.
  TRY(uploader_.upload_staged());
  return staged;
}

Result<> StoreImpl::stage_now() {
  auto staged = flusher_.stage();
  if (staged) last_flush_ = now_ns();
  return staged;
}

void StoreImpl::set_retention(RetentionOptions retention) {
  const base::MutexLock lock(mutex_);
  retention_ = std::move(retention);
}

void StoreImpl::set_compaction_rate_limit(std::uint64_t bytes_per_second) {
  rate_.set(bytes_per_second);
}

Result<> StoreImpl::health() const {
  if (wal_->broken()) {
    return Error{ErrorCode::kUnavailable, "the log cannot be written",
                 "check the disk, then start the server again"};
  }
  // What cannot be flushed any more must not be taken either.
  return metadata_.health();
}

Result<> StoreImpl::log_health() const {
  if (auto problem = log_problem()) return *std::move(problem);
  return health();
}

Result<> StoreImpl::takes_events() const {
  TRY(health());
  if (auto problem = log_problem()) return *std::move(problem);
  if (auto refusal = overload()) return *std::move(refusal);
  return {};
}

// Appends are tried all the same, and one that succeeds ends it. Where nobody tries, because the
// store says that it takes nothing, it is forgotten after a while.
std::optional<Error> StoreImpl::log_problem() const {
  constexpr std::int64_t kRemembered = 10'000'000'000;
  const std::int64_t failed = last_log_failure_;
  if (failed == kNever || now_ns() - failed > kRemembered) return std::nullopt;
  const base::MutexLock lock(mutex_);
  return log_failure_;
}

StoreStats StoreImpl::stats() const {
  StoreStats stats;
  stats.appended_batches = counters_.batches;
  stats.appended_events = counters_.events;
  stats.appended_bytes = counters_.bytes;
  stats.duplicate_batches = counters_.duplicates;
  stats.refused_batches = counters_.refused;
  stats.wal_bytes = wal_->size_bytes();
  stats.wal_files = wal_->file_count();
  stats.wal_queue_bytes = commits_->queued_bytes();
  const SyncStats syncs = commits_->sync_stats();
  stats.wal_syncs = syncs.syncs;
  stats.wal_sync_time = syncs.time;
  stats.wal_sync_time_max = syncs.time_max;
  const TailSize tail = tail_.size();
  stats.memtable_events = tail.events;
  stats.memtable_bytes = tail.bytes;
  stats.memtable_batches = tail.batches;
  stats.flushes = uploader_.flushes();
  stats.flush_failures = flusher_.failures();
  stats.upload_failures = uploader_.failures();
  if (const auto problem = flusher_.problem()) stats.flush_problem = problem->message;
  if (const auto problem = uploader_.problem()) stats.upload_problem = problem->message;
  const StagedSize staged = tail_.staged_size();
  stats.staged_segments = staged.segments;
  stats.staged_events = staged.events;
  stats.staged_bytes = staged.bytes;
  if (staged.oldest) stats.staged_oldest = options_.clock->monotonic() - *staged.oldest;
  stats.compactions = compactor_.compactions();
  stats.compaction_failures = compactor_.failures();
  if (const auto problem = compactor_.problem()) stats.compaction_problem = problem->message;
  stats.dropped_segments = counters_.dropped_segments;
  stats.deleted_objects = garbage_.deleted();
  return stats;
}

void StoreImpl::stop() {
  stopping_ = true;
  {
    const base::MutexLock lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
    wake_.notify_all();
  }
  rate_.stop();
  uploader_.stop();
  if (flush_thread_.joinable()) flush_thread_.join();
  if (upload_thread_.joinable()) upload_thread_.join();
  if (maintenance_thread_.joinable()) maintenance_thread_.join();
  if (manifest_thread_.joinable()) manifest_thread_.join();
  commits_->stop();
  // Nobody will tell them any more.
  if (is_replicated())
    run(refusals(tail_.end_all(), Error{ErrorCode::kUnavailable, "the store is stopping"}));
}

}  // namespace lynxdb::storage
