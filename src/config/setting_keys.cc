#include "config/setting_keys.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/units.h"

namespace lynxdb::config {
namespace {

using enum KeyType;

constexpr SettingKey kKeys[] = {
    {"listen"},
    {"data_dir"},
    {"retention", kDuration},
    {"log_level", kChoice, "debug|info|warn|error"},
    {"log_format", kChoice, "text|json"},
    {"default_format", kChoice, "auto|json|ndjson|table|csv|tsv|raw"},
    {"tls.enabled", kBool},
    {"tls.cert_file"},
    {"tls.key_file"},
    {"auth.enabled", kBool},
    {"storage.compression", kChoice, "lz4|zstd"},
    {"storage.row_group_size", kInteger},
    {"storage.flush_threshold", kBytes},
    {"storage.flush_idle_timeout", kDuration},
    {"storage.memtable_shards", kInteger},
    {"storage.max_immutable", kInteger},
    {"storage.wal_sync_mode", kChoice, "none|write|fsync"},
    {"storage.wal_sync_interval", kDuration},
    {"storage.wal_sync_bytes", kBytes},
    {"storage.wal_max_segment_size", kBytes},
    {"storage.s3_bucket"},
    {"storage.s3_region"},
    {"storage.s3_prefix"},
    {"storage.s3_endpoint"},
    {"storage.s3_force_path_style", kBool},
    {"storage.object_store"},
    {"storage.tiering_interval", kDuration},
    {"storage.tiering_parallelism", kInteger},
    {"storage.segment_cache_size", kBytes},
    {"storage.remote_fetch_timeout", kDuration},
    {"storage.cache_max_bytes", kBytes},
    {"storage.cache_ttl", kDuration},
    {"storage.compaction_interval", kDuration},
    {"storage.compaction_workers", kInteger},
    {"storage.compaction_rate_limit_mb", kInteger},
    {"storage.l0_threshold", kInteger},
    {"storage.l1_threshold", kInteger},
    {"storage.l2_target_size", kBytes},
    {"storage.partition_by", kChoice, "daily|hourly"},
    {"storage.disk_high_percent", kInteger},
    {"storage.disk_full_percent", kInteger},
    {"query.sync_timeout", kDuration},
    {"query.max_query_runtime", kDuration},
    {"query.max_concurrent", kInteger},
    {"query.max_queued", kInteger},
    {"query.default_result_limit", kInteger},
    {"query.max_result_limit", kInteger},
    {"query.max_query_memory_bytes", kBytes},
    {"query.global_query_pool_bytes", kBytes},
    {"query.spill_dir"},
    {"query.max_temp_dir_size_bytes", kBytes},
    {"query.max_query_length", kBytes},
    {"query.job_ttl", kDuration},
    {"query.job_gc_interval", kDuration},
    {"query.slow_query_threshold_ms", kInteger},
    {"ingest.max_body_size", kBytes},
    {"ingest.max_batch_size", kInteger},
    {"ingest.max_line_bytes", kBytes},
    {"ingest.default_timezone"},
    {"ingest.max_fields_per_event", kInteger},
    {"ingest.dedup_window", kDuration},
    {"ingest.dedup_max_batches", kInteger},
    {"http.idle_timeout", kDuration},
    {"http.shutdown_timeout", kDuration},
    {"http.read_header_timeout", kDuration},
    {"http.rate_limit", kInteger},
    {"http.max_connections", kInteger},
    {"http.cors_origins", kList},
    {"tail.max_concurrent_sessions", kInteger},
    {"tail.max_session_duration", kDuration},
    {"syslog.udp"},
    {"syslog.tcp"},
    {"syslog.parser"},
    {"syslog.index"},
    {"otlp.http_listen"},
    {"no_ui", kBool},
    {"views.max_backfill_memory_bytes", kBytes},
    {"cluster.enabled", kBool},
    {"cluster.node_id"},
    {"cluster.roles", kList},
    {"cluster.seeds", kList},
    {"cluster.listen"},
    {"cluster.port", kInteger},
    {"cluster.grpc_port", kInteger},
    {"cluster.advertise"},
    {"cluster.advertise_http"},
    {"cluster.partition_count", kInteger},
    {"cluster.replication_factor", kInteger},
    {"cluster.min_isr", kInteger},
    {"cluster.heartbeat_interval", kDuration},
    {"cluster.fence_timeout", kDuration},
    {"cluster.lease_duration", kDuration},
    {"cluster.isr_lag_timeout", kDuration},
    {"cluster.request_timeout", kDuration},
    {"cluster.partial_results", kBool},
    {"cluster.shard_query_timeout", kDuration},
    {"cluster.max_concurrent_shard_queries", kInteger},
    {"cluster.rebalance_enabled", kBool},
    {"cluster.rebalance_max_moves", kInteger},
    {"cluster.metadata", kChoice, "raft|etcd"},
    {"cluster.etcd.endpoints", kList},
    {"cluster.etcd.tls.cert_file"},
    {"cluster.etcd.tls.key_file"},
    {"cluster.etcd.tls.ca_file"},
    {"cluster.max_clock_skew", kDuration},
    {"cluster.tls.enabled", kBool},
    {"cluster.tls.cert_file"},
    {"cluster.tls.key_file"},
    {"cluster.tls.ca_file"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == value) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

bool fits(const SettingKey& key, std::string_view value) {
  switch (key.type) {
    case kString:
    case kList:
      return true;
    case kBool:
      return parse_bool(value).has_value();
    case kInteger:
      return parse_unsigned(value).has_value();
    case kBytes:
      return base::parse_size_bytes(value).has_value();
    case kDuration:
      return base::parse_duration_setting(value).has_value();
    case kChoice:
      return is_choice(key.choices, value);
  }
  return false;
}

std::string expected(const SettingKey& key) {
  switch (key.type) {
    case kBool:
      return "true or false";
    case kInteger:
      return "a whole number";
    case kBytes:
      return "a size such as 64mb";
    case kDuration:
      return "a duration such as 30s";
    case kChoice: {
      std::string choices(key.choices);
      std::ranges::replace(choices, '|', ' ');
      return "one of: " + choices;
    }
    case kString:
    case kList:
      break;
  }
  return "text";
}

}  // namespace

std::span<const SettingKey> setting_keys() { return kKeys; }

const SettingKey* find_setting_key(std::string_view name) {
  const auto* found = std::ranges::find(kKeys, name, &SettingKey::name);
  return found == std::end(kKeys) ? nullptr : found;
}

Result<> check_setting(const SettingKey& key, std::string_view value) {
  if (fits(key, value)) return {};
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(value) + "' is no value of " + std::string(key.name),
               "expected " + expected(key)};
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(text);
  for (const std::string_view yes : {"true", "1", "yes", "on"})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "0", "no", "off"})
    if (word == no) return false;
  return std::nullopt;
}

std::optional<std::int32_t> parse_zone_offset(std::string_view text) {
  const std::string zone = lower(text);
  if (zone == "utc" || zone == "z" || zone == "gmt") return 0;
  if (zone.empty() || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  std::string digits = zone.substr(1);
  std::erase(digits, ':');
  if (digits.size() == 2) digits += "00";
  const std::optional<std::uint64_t> hhmm =
      digits.size() == 4 ? parse_unsigned(digits) : std::nullopt;
  if (!hhmm || *hhmm / 100 > 14 || *hhmm % 100 > 59) return std::nullopt;
  const auto seconds = static_cast<std::int32_t>(*hhmm / 100 * 3600 + *hhmm % 100 * 60);
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace lynxdb::config
