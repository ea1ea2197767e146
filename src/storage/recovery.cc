#include "storage/recovery.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/random_id.h"
#include "storage/dedup_snapshot.h"
#include "storage/log_replay.h"
#include "storage/manifest/manifest.h"

namespace lynxdb::storage {
namespace {

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

Result<std::unique_ptr<Wal>> open_wal(const StoreOptions& options, io::FileSystem& files,
                                      const WalVisitor& visitor) {
  return Wal::open(files, wal_directory(options), options.wal, options.accept_log_damage,
                   options.log, visitor);
}

// Partitions that begin where what is staged ends.
Result<PartitionLogs> staged_partitions(const StoreOptions& options, io::FileSystem& files,
                                        const metadata::State& state,
                                        const AdoptedStaging& staging) {
  OffsetEnds staged;
  for (const StagedFlushPtr& flush : staging.flushes) {
    for (const auto& advance : flush->command().partitions) {
      staged[advance.partition] = advance.flushed_offset;
    }
  }
  const auto windows = TRY(read_dedup_snapshot(files, wal_directory(options)));
  PartitionLogs partitions;
  for (const auto& [id, partition] : state.partitions) {
    staged.try_emplace(id, partition.flushed_offset);
    PartitionLog log(id, partition.flushed_offset, staged.at(id), options.dedup);
    if (const auto window = windows.find(id); window != windows.end()) {
      TRY(log.recover_windows().batches.decode(window->second.batches));
      TRY(log.recover_windows().events.decode(window->second.events));
    }
    partitions.emplace(id, std::move(log));
  }
  return partitions;
}

Result<std::uint64_t> replay_alone(const StoreOptions& options, io::FileSystem& files,
                                   const metadata::State& state, Recovered& recovered) {
  recovered.partitions = TRY(staged_partitions(options, files, state, recovered.staging));
  AloneReplay replay(recovered.partitions);
  recovered.wal = TRY(
      open_wal(options, files, {[&](const WalRecord& record) { return replay.visit(record); }}));
  for (auto& [id, log] : recovered.partitions)
    log.recover_committed(state.partitions.at(id).leader_epoch);
  return replay.events();
}

Result<std::uint64_t> replay_replicated(const StoreOptions& options, io::FileSystem& files,
                                        const metadata::StatePtr& state, Recovered& recovered) {
  auto snapshots = TRY(read_dedup_snapshot(files, wal_directory(options)));
  ReplicatedReplay replay(options.dedup, std::move(snapshots), state);
  const auto begin_anew = [&] {
    replay.begin_anew();
    return true;
  };
  recovered.wal = TRY(open_wal(
      options, files, {[&](const WalRecord& record) { return replay.visit(record); }, begin_anew}));
  recovered.partitions = TRY(replay.finish());
  return replay.events();
}

}  // namespace

std::string wal_directory(const StoreOptions& options) { return options.directory + "/wal"; }

Result<> ensure_cluster(const StoreOptions& options, io::FileSystem& files,
                        io::ObjectStore& objects, metadata::MetadataStore& metadata) {
  metadata::StatePtr state = metadata.state();
  if (state->cluster_id.empty()) {
    TRY(check_no_log(options, files));
    state = TRY(metadata.propose(
        TRY(founding_command(objects, {base::random_id(), options.partition_count}))));
  }
  if (state->partitions.size() == options.partition_count) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the data has {} partitions, not {}", state->partitions.size(),
                           options.partition_count),
               "the number of partitions cannot change once the cluster is created"};
}

Result<Recovered> recover(const StoreOptions& options, io::FileSystem& files,
                          metadata::MetadataStore& metadata) {
  const bool is_alone = options.replicator == nullptr;
  const metadata::StatePtr state = metadata.state();
  TRY(files.create_directories(wal_directory(options)));
  Recovered recovered;
  recovered.staging = TRY(adopt_staging(options, files, *state, recovered.uploads));
  const std::uint64_t events = is_alone ? TRY(replay_alone(options, files, *state, recovered))
                                        : TRY(replay_replicated(options, files, state, recovered));
  for (auto& [id, log] : recovered.partitions)
    log.recover_windows().expire(options.clock->wall_ns());
  options.log(Severity::kInfo,
              fmt::format("log read: {} events were not flushed yet; {} staged flushes wait for "
                          "their upload",
                          events, recovered.staging.flushes.size()));
  return recovered;
}

}  // namespace lynxdb::storage
