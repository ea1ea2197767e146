#include "config/server_config.h"

#include <unistd.h>

#include <cstdlib>
#include <set>
#include <thread>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "config/server_config_checks.h"
#include "config/setting_keys.h"

namespace lynxdb::config {
namespace {

// Gives each field the value of its key. Settings were checked when they were loaded, so nothing
// here can fail but the program.
class Reader {
 public:
  explicit Reader(const Settings& settings) : settings_(settings) {}

  std::map<std::string, std::string> index_retention() const { return settings_.index_retention(); }

  void read(std::string_view name, std::string& field) { field = text_of(name); }
  void read(std::string_view name, bool& field) {
    field = parse_bool(text_of(name)).value_or(false);
  }
  void read(std::string_view name, std::vector<std::string>& field) {
    field = split_list(text_of(name));
  }
  void read(std::string_view name, Duration& field) {
    field = base::parse_duration_setting(text_of(name)).value();
  }
  void read(std::string_view name, std::uint64_t& field) {
    // A number without a unit is a size in bytes, too.
    field = base::parse_size_bytes(text_of(name)).value();
  }
  void read(std::string_view name, Address& field) {
    field = parse_address(text_of(name), default_port(*find_setting_key(name))).value();
  }
  // Enumerators stand in the order of the key's choices.
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void read(std::string_view name, Enum& field) {
    const std::string text = text_of(name);
    std::string_view choices = find_setting_key(name)->choices;
    std::underlying_type_t<Enum> index = 0;
    while (choices.substr(0, choices.find('|')) != text) {
      const std::size_t bar = choices.find('|');
      LYNXDB_CHECK(bar != std::string_view::npos);
      choices.remove_prefix(bar + 1);
      ++index;
    }
    field = static_cast<Enum>(index);
  }
  std::string text_of(std::string_view name) {
    read_.insert(name);
    return settings_.effective(name);
  }
  void read_tls(const std::string& prefix, TlsConfig& tls, bool has_switch) {
    for (const SettingKey& key : setting_keys()) {
      if (!key.name.starts_with(prefix)) continue;
      const std::string_view last = key.name.substr(prefix.size());
      if (last == "enabled" && has_switch) read(key.name, tls.enabled);
      if (last == "cert_file") read(key.name, tls.cert_file);
      if (last == "key_file") read(key.name, tls.key_file);
      if (last == "ca_file") read(key.name, tls.ca_file);
    }
  }
  bool has_read(std::string_view name) const { return read_.contains(name); }

 private:
  const Settings& settings_;
  std::set<std::string_view> read_;
};

void read_storage(Reader& in, StorageConfig& storage) {
  in.read("storage.compression", storage.compression);
  in.read("storage.row_group_size", storage.row_group_size);
  in.read("storage.flush_threshold", storage.flush_threshold_bytes);
  in.read("storage.flush_idle_timeout", storage.flush_idle_timeout);
  in.read("storage.memtable_shards", storage.memtable_shards);
  in.read("storage.max_immutable", storage.max_immutable);
  in.read("storage.wal_sync_mode", storage.wal_sync_mode);
  in.read("storage.wal_sync_interval", storage.wal_sync_interval);
  in.read("storage.wal_sync_bytes", storage.wal_sync_bytes);
  in.read("storage.wal_max_segment_size", storage.wal_max_segment_bytes);
  in.read("storage.s3_bucket", storage.s3_bucket);
  in.read("storage.s3_region", storage.s3_region);
  in.read("storage.s3_prefix", storage.s3_prefix);
  in.read("storage.s3_endpoint", storage.s3_endpoint);
  in.read("storage.s3_force_path_style", storage.s3_force_path_style);
  in.read("storage.object_store", storage.object_store);
  in.read("storage.tiering_interval", storage.tiering_interval);
  in.read("storage.tiering_parallelism", storage.tiering_parallelism);
  in.read("storage.staging_max_bytes", storage.staging_max_bytes);
  in.read("storage.segment_cache_size", storage.segment_cache_bytes);
  in.read("storage.remote_fetch_timeout", storage.remote_fetch_timeout);
  in.read("storage.cache_max_bytes", storage.cache_max_bytes);
  in.read("storage.cache_ttl", storage.cache_ttl);
  in.read("storage.compaction_interval", storage.compaction_interval);
  in.read("storage.compaction_workers", storage.compaction_workers);
  in.read("storage.compaction_rate_limit_mb", storage.compaction_rate_limit_mb);
  in.read("storage.l0_threshold", storage.l0_threshold);
  in.read("storage.l1_threshold", storage.l1_threshold);
  in.read("storage.l2_target_size", storage.l2_target_bytes);
  in.read("storage.partition_by", storage.partition_by);
  in.read("storage.disk_high_percent", storage.disk_high_percent);
  in.read("storage.disk_full_percent", storage.disk_full_percent);
}

void read_query(Reader& in, QueryConfig& query) {
  in.read("query.sync_timeout", query.sync_timeout);
  in.read("query.max_query_runtime", query.max_query_runtime);
  in.read("query.max_concurrent", query.max_concurrent);
  in.read("query.max_queued", query.max_queued);
  in.read("query.default_result_limit", query.default_result_limit);
  in.read("query.max_result_limit", query.max_result_limit);
  in.read("query.max_query_memory_bytes", query.max_query_memory_bytes);
  in.read("query.global_query_pool_bytes", query.global_query_pool_bytes);
  in.read("query.spill_dir", query.spill_dir);
  in.read("query.max_temp_dir_size_bytes", query.max_temp_dir_bytes);
  in.read("query.max_query_length", query.max_query_length_bytes);
  in.read("query.job_ttl", query.job_ttl);
  in.read("query.job_gc_interval", query.job_gc_interval);
  in.read("query.slow_query_threshold_ms", query.slow_query_threshold_ms);
}

void read_ingest(Reader& in, IngestConfig& ingest) {
  in.read("ingest.max_body_size", ingest.max_body_bytes);
  in.read("ingest.max_batch_size", ingest.max_batch_events);
  in.read("ingest.max_line_bytes", ingest.max_line_bytes);
  ingest.default_zone_offset_s =
      parse_zone_offset(in.text_of("ingest.default_timezone")).value_or(0);
  in.read("ingest.max_fields_per_event", ingest.max_fields_per_event);
  in.read("ingest.dedup_window", ingest.dedup_window);
  in.read("ingest.dedup_max_batches", ingest.dedup_max_batches);
}

void read_http(Reader& in, HttpConfig& http) {
  in.read("http.idle_timeout", http.idle_timeout);
  in.read("http.shutdown_timeout", http.shutdown_timeout);
  in.read("http.read_header_timeout", http.read_header_timeout);
  in.read("http.rate_limit", http.rate_limit);
  in.read("http.max_connections", http.max_connections);
  in.read("http.cors_origins", http.cors_origins);
}

void read_cluster(Reader& in, ClusterConfig& cluster) {
  in.read("cluster.enabled", cluster.enabled);
  in.read("cluster.node_id", cluster.node_id);
  in.read("cluster.roles", cluster.roles);
  in.read("cluster.listen", cluster.listen);
  in.read("cluster.advertise", cluster.advertise);
  in.read("cluster.advertise_http", cluster.advertise_http);
  in.read("cluster.partition_count", cluster.partition_count);
  in.read("cluster.replication_factor", cluster.replication_factor);
  in.read("cluster.min_isr", cluster.min_isr);
  in.read("cluster.heartbeat_interval", cluster.heartbeat_interval);
  in.read("cluster.fence_timeout", cluster.fence_timeout);
  in.read("cluster.lease_duration", cluster.lease_duration);
  in.read("cluster.isr_lag_timeout", cluster.isr_lag_timeout);
  in.read("cluster.request_timeout", cluster.request_timeout);
  in.read("cluster.partial_results", cluster.partial_results);
  in.read("cluster.shard_query_timeout", cluster.shard_query_timeout);
  in.read("cluster.max_concurrent_shard_queries", cluster.max_concurrent_shard_queries);
  in.read("cluster.rebalance_enabled", cluster.rebalance_enabled);
  in.read("cluster.rebalance_max_moves", cluster.rebalance_max_moves);
  in.read("cluster.metadata", cluster.metadata);
  in.read("cluster.etcd.endpoints", cluster.etcd_endpoints);
  in.read("cluster.etcd.prefix", cluster.etcd_prefix);
  in.read_tls("cluster.etcd.tls.", cluster.etcd_tls, false);
  in.read("cluster.max_clock_skew", cluster.max_clock_skew);
  in.read_tls("cluster.tls.", cluster.tls, true);
}

void read_rest(Reader& in, ServerConfig& config) {
  in.read("listen", config.listen);
  in.read("data_dir", config.data_dir);
  in.read("retention", config.retention);
  for (const auto& [index, text] : in.index_retention())
    config.index_retention[index] = base::parse_duration_setting(text).value();
  in.read("log_level", config.log_level);
  in.read("log_format", config.log_format);
  in.read_tls("tls.", config.tls, true);
  in.read("auth.enabled", config.auth_enabled);
  in.read("tail.max_concurrent_sessions", config.tail.max_concurrent_sessions);
  in.read("tail.max_session_duration", config.tail.max_session_duration);
  in.read("syslog.udp", config.syslog.udp);
  in.read("syslog.tcp", config.syslog.tcp);
  in.read("syslog.parser", config.syslog.parser);
  in.read("syslog.index", config.syslog.index);
  in.read("otlp.http_listen", config.otlp_http_listen);
  in.read("no_ui", config.no_ui);
  in.read("views.max_backfill_memory_bytes", config.views_max_backfill_memory_bytes);
}

// Ports of the cluster may be given three ways.
constexpr std::string_view kPortKeys[] = {"cluster.port", "cluster.grpc_port"};

void resolve_defaults(Reader& in, const Settings& settings, const Machine& machine,
                      ServerConfig& config) {
  if (settings.find("data_dir") == nullptr) config.data_dir = machine.data_home;
  if (config.storage.memtable_shards == 0) config.storage.memtable_shards = machine.cores;
  if (settings.find("storage.s3_region") == nullptr && !machine.aws_region.empty())
    config.storage.s3_region = machine.aws_region;
  if (config.query.global_query_pool_bytes == 0)
    config.query.global_query_pool_bytes = machine.memory_bytes / 4;
  if (config.query.spill_dir.empty() && !config.data_dir.empty())
    config.query.spill_dir = config.data_dir + "/tmp";

  ClusterConfig& cluster = config.cluster;
  for (const std::string_view key : kPortKeys) {
    std::uint64_t port = 0;
    in.read(key, port);
    if (settings.find(key) != nullptr) cluster.listen.port = static_cast<std::uint16_t>(port);
  }
  for (const std::string& seed : split_list(in.text_of("cluster.seeds")))
    if (const auto address = parse_address(seed, kClusterPort)) cluster.seeds.push_back(*address);
  if (settings.find("cluster.enabled") == nullptr)
    cluster.enabled = !cluster.node_id.empty() || !cluster.seeds.empty();
  if (settings.find("cluster.min_isr") == nullptr && cluster.replication_factor == 1)
    cluster.min_isr = 1;
}

}  // namespace

Machine this_machine() {
  const auto environment = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  Machine machine;
  machine.cores = std::max(1U, std::thread::hardware_concurrency());
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0)
    machine.memory_bytes =
        static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  const std::string xdg = environment("XDG_DATA_HOME");
  const std::string home = environment("HOME");
  if (!xdg.empty())
    machine.data_home = xdg + "/lynxdb";
  else if (!home.empty())
    machine.data_home = home + "/.local/share/lynxdb";
  else
    machine.data_home = "/var/lib/lynxdb";  // A service without a home.
  machine.aws_region = environment("AWS_REGION");
  return machine;
}

Result<ServerConfig> make_server_config(const Settings& settings, const Machine& machine) {
  ServerConfig config;
  Reader in(settings);
  read_rest(in, config);
  read_storage(in, config.storage);
  read_query(in, config.query);
  read_ingest(in, config.ingest);
  read_http(in, config.http);
  read_cluster(in, config.cluster);
  resolve_defaults(in, settings, machine, config);
  for (const SettingKey& key : setting_keys())
    LYNXDB_CHECK(in.has_read(key.name) || key.name == "default_format");  // Of the command line.
  TRY(check_consistent(config, settings));
  return config;
}

}  // namespace lynxdb::config
