#include "storage/recovery.h"

#include <map>
#include <random>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "event/batch_codec.h"
#include "storage/dedup_snapshot.h"

namespace lynxdb::storage {
namespace {

std::string random_cluster_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

// A log of events belongs to a cluster: where that is unknown, its metadata is lost. To make a new
// one would hide the events that are in segments.
Result<> check_no_log(const StoreOptions& options, io::FileSystem& files) {
  const std::string directory = wal_directory(options);
  const auto names = files.list(directory);
  if (!names && names.error().code == ErrorCode::kNotFound) return {};
  for (const std::string& name : TRY(names)) {
    if (!name.starts_with("wal-")) continue;
    return Error{
        ErrorCode::kCorruption,
        fmt::format("{}/meta holds no metadata, but {}/{} is there: the metadata is lost",
                    options.directory, directory, name),
        fmt::format("restore {0}/meta from a backup that was taken with the rest of {0}, or "
                    "begin anew in an empty directory",
                    options.directory)};
  }
  return {};
}

Result<metadata::StatePtr> existing_cluster(const StoreOptions& options, io::FileSystem& files,
                                            metadata::MetadataStore& metadata) {
  metadata::StatePtr state = metadata.state();
  if (state->cluster_id.empty()) {
    TRY(check_no_log(options, files));
    state = TRY(
        metadata.propose(metadata::CreateCluster{random_cluster_id(), options.partition_count}));
  }
  if (state->partitions.size() != options.partition_count) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the data has {} partitions, not {}", state->partitions.size(),
                             options.partition_count),
                 "the number of partitions cannot change once the cluster is created"};
  }
  return state;
}

class Replay {
 public:
  explicit Replay(std::vector<PartitionLog>& partitions) {
    for (PartitionLog& log : partitions) logs_[log.id()] = &log;
  }

  Result<> visit(const WalBatch& batch) {
    const auto found = logs_.find(batch.partition);
    if (found == logs_.end()) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("partition {} does not exist", batch.partition.value())};
    }
    PartitionLog& log = *found->second;
    remember(log, batch);
    if (batch.end_offset() <= log.staged_offset()) return {};
    TRY(check_offsets(log, batch));
    log.recover(slice(TRY(decode(batch)), log.log_end(), batch.end_offset()));
    events_ += batch.count;
    return {};
  }

  std::uint64_t events() const { return events_; }

 private:
  static void remember(PartitionLog& log, const WalBatch& batch) {
    const DedupEntry entry{batch.base_offset, batch.count, batch.content_crc, batch.appended_ns};
    const DedupKey key = batch_key(batch.batch_id, batch.part);
    log.recover(batch.batch_id.empty() ? nullptr : &key, batch.event_keys, entry);
  }

  // Events follow each other without gaps; only what is in segments may be missing from the log.
  static Result<> check_offsets(const PartitionLog& log, const WalBatch& batch) {
    const bool follows =
        batch.base_offset == log.log_end() ||
        (batch.base_offset < log.log_end() && log.log_end() == log.staged_offset());
    if (follows) return {};
    return Error{
        ErrorCode::kCorruption,
        fmt::format("partition {} goes on at offset {} where {} belongs: a file is missing",
                    batch.partition.value(), batch.base_offset, log.log_end()),
        "restore the missing file of the log from a backup"};
  }

  static Result<TailBatchPtr> decode(const WalBatch& batch) {
    const auto bytes = std::make_shared<const std::string>(batch.payload);
    auto events = TRY(event::decode(*bytes, bytes));
    const event::ColumnPtr* time = events.find(event::kTime);
    const bool fits = events.rows() == batch.count && time != nullptr &&
                      (*time)->kind() == event::Kind::kTimestamp;
    if (!fits) return Error{ErrorCode::kCorruption, "events do not fit the record"};
    return make_tail_batch(batch.partition, batch.base_offset,
                           std::make_shared<const event::EventBatch>(std::move(events)));
  }

  std::map<PartitionId, PartitionLog*> logs_;
  std::uint64_t events_ = 0;
};

}  // namespace

std::string wal_directory(const StoreOptions& options) { return options.directory + "/wal"; }

Result<Recovered> recover(const StoreOptions& options, io::FileSystem& files,
                          metadata::MetadataStore& metadata) {
  const metadata::StatePtr state = TRY(existing_cluster(options, files, metadata));
  TRY(files.create_directories(wal_directory(options)));
  Recovered recovered;
  recovered.staging = TRY(adopt_staging(options, files, *state, recovered.uploads));
  OffsetEnds staged;
  for (const StagedFlushPtr& flush : recovered.staging.flushes) {
    for (const auto& advance : flush->command().partitions) {
      staged[advance.partition] = advance.flushed_offset;
    }
  }
  const auto windows = TRY(read_dedup_snapshot(files, wal_directory(options)));
  for (const auto& [id, partition] : state->partitions) {
    staged.try_emplace(id, partition.flushed_offset);
    PartitionLog log(id, partition.leader_epoch, partition.flushed_offset, staged.at(id),
                     options.dedup);
    if (const auto window = windows.find(id); window != windows.end()) {
      TRY(log.batches().decode(window->second.batches));
      TRY(log.events().decode(window->second.events));
    }
    recovered.partitions.push_back(std::move(log));
  }
  Replay replay(recovered.partitions);
  recovered.wal =
      TRY(Wal::open(files, wal_directory(options), options.wal, options.accept_log_damage,
                    options.log, [&](const WalBatch& batch) { return replay.visit(batch); }));
  for (PartitionLog& log : recovered.partitions) {
    log.batches().expire(options.clock->wall_ns());
    log.events().expire(options.clock->wall_ns());
  }
  options.log(Severity::kInfo,
              fmt::format("log read: {} events were not flushed yet; {} staged flushes wait for "
                          "their upload",
                          replay.events(), recovered.staging.flushes.size()));
  return recovered;
}

}  // namespace lynxdb::storage
