#include "instance/storage_options.h"

#include <chrono>

#include "base/clock.h"
#include "io/file.h"
#include "io/local_object_store.h"
#include "s3/s3_object_store.h"

namespace lynxdb::instance {
namespace {

using std::chrono::duration_cast;

storage::SyncMode sync_mode(config::WalSyncMode mode) {
  switch (mode) {
    case config::WalSyncMode::kNone:
      return storage::SyncMode::kNone;
    case config::WalSyncMode::kWrite:
      return storage::SyncMode::kWrite;
    case config::WalSyncMode::kFsync:
      return storage::SyncMode::kFsync;
  }
  return storage::SyncMode::kWrite;
}

}  // namespace

storage::RetentionOptions retention_options(const config::ServerConfig& config) {
  storage::RetentionOptions options{.all = duration_cast<std::chrono::seconds>(config.retention),
                                    .by_index = {}};
  for (const auto& [index, retention] : config.index_retention)
    options.by_index[index] = duration_cast<std::chrono::seconds>(retention);
  return options;
}

storage::StoreOptions storage_options(const config::ServerConfig& config) {
  const config::StorageConfig& from = config.storage;
  storage::StoreOptions options;
  options.partition_count = 1;
  options.wal = {.sync_mode = sync_mode(from.wal_sync_mode),
                 .sync_interval = in_ms(from.wal_sync_interval),
                 .sync_bytes = from.wal_sync_bytes,
                 .file_bytes_max = from.wal_max_segment_bytes};
  options.flush.threshold_bytes = from.flush_threshold_bytes;
  options.flush.idle_timeout = in_ms(from.flush_idle_timeout);
  options.flush.immutable_max = from.max_immutable;
  options.flush.staging_bytes_max = from.staging_max_bytes;
  options.flush.bucket = from.partition_by == config::TimeBucket::kHourly
                             ? storage::TimeBucket::kHourly
                             : storage::TimeBucket::kDaily;
  options.flush.row_group_rows = from.row_group_size;
  options.flush.compression = from.compression == config::Compression::kZstd
                                  ? segment::Compression::kZstd
                                  : segment::Compression::kLz4;
  options.dedup = {.window = duration_cast<std::chrono::hours>(config.ingest.dedup_window),
                   .batches_max = config.ingest.dedup_max_batches};
  options.compaction.interval = in_ms(from.compaction_interval);
  options.compaction.workers = from.compaction_workers;
  options.compaction.rate_limit_bytes = from.compaction_rate_limit_mb << 20U;
  options.compaction.l0_threshold = from.l0_threshold;
  options.compaction.l1_threshold = from.l1_threshold;
  options.compaction.l2_target_bytes = from.l2_target_bytes;
  options.retention = retention_options(config);
  options.disk.high_percent = static_cast<unsigned>(from.disk_high_percent);
  options.disk.full_percent = static_cast<unsigned>(from.disk_full_percent);
  return options;
}

namespace {

// The directory of `file:///dir`, or "".
std::string shared_directory(const config::StorageConfig& config) {
  constexpr std::string_view kFile = "file://";
  return config.object_store.starts_with(kFile) ? config.object_store.substr(kFile.size()) : "";
}

}  // namespace

std::string objects_directory(const config::StorageConfig& config,
                              const std::string& data_directory) {
  if (!config.s3_bucket.empty()) return "";
  std::string shared = shared_directory(config);
  if (!shared.empty()) return shared;
  return data_directory.empty() ? "" : data_directory + "/objects";
}

Result<std::unique_ptr<io::ObjectStore>> open_objects(const config::StorageConfig& config) {
  if (config.s3_bucket.empty()) {
    const std::string shared = shared_directory(config);
    if (shared.empty()) return std::unique_ptr<io::ObjectStore>();
    return std::unique_ptr<io::ObjectStore>(
        TRY(io::LocalObjectStore::open(io::posix(), shared, base::real_clock())));
  }
  const s3::S3Options options{.bucket = config.s3_bucket,
                              .region = config.s3_region,
                              .prefix = config.s3_prefix,
                              .endpoint = config.s3_endpoint,
                              .force_path_style = config.s3_force_path_style,
                              .stall_max = std::chrono::duration_cast<std::chrono::milliseconds>(
                                  config.remote_fetch_timeout)};
  return std::unique_ptr<io::ObjectStore>(TRY(s3::S3ObjectStore::open(options)));
}

}  // namespace lynxdb::instance
