// The configuration of a server, typed: every key of setting_keys.h has its field here, under the
// same name. Sizes are bytes, durations std::chrono.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "config/values.h"

namespace lynxdb::config {

using Duration = std::chrono::nanoseconds;

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
enum class LogFormat : std::uint8_t { kText, kJson };
enum class Compression : std::uint8_t { kLz4, kZstd };
enum class WalSyncMode : std::uint8_t { kNone, kWrite, kFsync };
enum class TimeBucket : std::uint8_t { kDaily, kHourly };
enum class MetadataEngine : std::uint8_t { kRaft, kEtcd };

struct TlsConfig {
  bool enabled = false;
  std::string cert_file;
  std::string key_file;
  std::string ca_file;  // Of the cluster port and etcd only.
};

struct StorageConfig {
  Compression compression{};
  std::uint64_t row_group_size = 0;  // Rows.
  std::uint64_t flush_threshold_bytes = 0;
  Duration flush_idle_timeout{};      // 0 = by size only.
  std::uint64_t memtable_shards = 0;  // Never 0: computed from the cores.
  std::uint64_t max_immutable = 0;
  WalSyncMode wal_sync_mode{};
  Duration wal_sync_interval{};
  std::uint64_t wal_sync_bytes = 0;  // 0 = by interval only.
  std::uint64_t wal_max_segment_bytes = 0;
  std::string s3_bucket;  // Empty: no S3.
  std::string s3_region;
  std::string s3_prefix;
  std::string s3_endpoint;
  bool s3_force_path_style = false;
  std::string object_store;  // file:///dir, or empty.
  Duration tiering_interval{};
  std::uint64_t tiering_parallelism = 0;
  std::uint64_t staging_max_bytes = 0;
  std::uint64_t segment_cache_bytes = 0;
  Duration remote_fetch_timeout{};
  std::uint64_t cache_max_bytes = 0;
  Duration cache_ttl{};
  Duration compaction_interval{};
  std::uint64_t compaction_workers = 0;
  std::uint64_t compaction_rate_limit_mb = 0;  // MB per second, 0 = none.
  std::uint64_t l0_threshold = 0;
  std::uint64_t l1_threshold = 0;
  std::uint64_t l2_target_bytes = 0;
  TimeBucket partition_by{};
  std::uint64_t disk_high_percent = 0;
  std::uint64_t disk_full_percent = 0;
};

struct QueryConfig {
  Duration sync_timeout{};
  Duration max_query_runtime{};  // 0 = no limit.
  std::uint64_t max_concurrent = 0;
  std::uint64_t max_queued = 0;
  std::uint64_t default_result_limit = 0;
  std::uint64_t max_result_limit = 0;
  std::uint64_t max_query_memory_bytes = 0;
  std::uint64_t global_query_pool_bytes = 0;  // Never 0: computed from RAM.
  std::string spill_dir;                      // Never empty, unless there is no data directory.
  std::uint64_t max_temp_dir_bytes = 0;
  std::uint64_t max_query_length_bytes = 0;
  Duration job_ttl{};
  Duration job_gc_interval{};
  std::uint64_t slow_query_threshold_ms = 0;  // 0 = none.
};

struct IngestConfig {
  std::uint64_t max_body_bytes = 0;
  std::uint64_t max_batch_events = 0;
  std::uint64_t max_line_bytes = 0;
  std::int32_t default_zone_offset_s = 0;
  std::uint64_t max_fields_per_event = 0;
  Duration dedup_window{};
  std::uint64_t dedup_max_batches = 0;
};

struct HttpConfig {
  Duration idle_timeout{};
  Duration shutdown_timeout{};
  Duration read_header_timeout{};
  std::uint64_t rate_limit = 0;  // Requests per second and client, 0 = none.
  std::uint64_t max_connections = 0;
  std::vector<std::string> cors_origins;
};

struct TailConfig {
  std::uint64_t max_concurrent_sessions = 0;
  Duration max_session_duration{};
};

struct SyslogConfig {
  std::string udp;
  std::string tcp;
  std::string parser;
  std::string index;
};

struct ClusterConfig {
  bool enabled = false;
  std::string node_id;
  std::vector<std::string> roles;
  std::vector<Address> seeds;
  Address listen;
  std::string advertise;       // host:port, or empty: found out at start.
  std::string advertise_http;  // host:port, or empty.
  std::uint64_t partition_count = 0;
  std::uint64_t replication_factor = 0;
  std::uint64_t min_isr = 0;
  Duration heartbeat_interval{};
  Duration fence_timeout{};
  Duration lease_duration{};
  Duration isr_lag_timeout{};
  Duration request_timeout{};
  bool partial_results = false;
  Duration shard_query_timeout{};
  std::uint64_t max_concurrent_shard_queries = 0;
  bool rebalance_enabled = true;
  std::uint64_t rebalance_max_moves = 0;
  MetadataEngine metadata{};
  std::vector<std::string> etcd_endpoints;
  std::string etcd_prefix;
  TlsConfig etcd_tls;
  Duration max_clock_skew{};
  TlsConfig tls;
};

struct ServerConfig {
  Address listen;
  std::string data_dir;                                          // Empty: everything in memory.
  Duration retention{};                                          // 0 = for ever.
  std::map<std::string, Duration, std::less<>> index_retention;  // Of indexes that have their own.
  LogLevel log_level{};
  LogFormat log_format{};
  TlsConfig tls;
  bool auth_enabled = false;
  StorageConfig storage;
  QueryConfig query;
  IngestConfig ingest;
  HttpConfig http;
  TailConfig tail;
  SyslogConfig syslog;
  std::string otlp_http_listen;
  bool no_ui = false;
  std::uint64_t views_max_backfill_memory_bytes = 0;
  ClusterConfig cluster;
};

// What the machine gives for defaults that depend on it.
struct Machine {
  std::uint64_t cores = 1;
  std::uint64_t memory_bytes = 0;
  std::string data_home;   // The data directory when none is configured.
  std::string aws_region;  // AWS_REGION, or empty.
};
Machine this_machine();

// Errors: kInvalidArgument where values contradict each other; the message names the keys and,
// where one was set, its place. Single values were checked when they were loaded.
Result<ServerConfig> make_server_config(const Settings& settings, const Machine& machine);

}  // namespace lynxdb::config
