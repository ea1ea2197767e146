#include "config/server_config_checks.h"

#include <initializer_list>

namespace lynxdb::config {
namespace {

// The error, with the place of the first of `keys` that somebody set.
Error contradiction(const Settings& settings, std::initializer_list<std::string_view> keys,
                    std::string message, std::string suggestion = "") {
  Error error{ErrorCode::kInvalidArgument, std::move(message), std::move(suggestion)};
  for (const std::string_view key : keys)
    if (const Settings::Value* value = settings.find(key))
      return std::move(error).in(value->origin);
  return error;
}

Result<> check_tls(const TlsConfig& tls, const std::string& prefix, const Settings& settings) {
  if (tls.cert_file.empty() == tls.key_file.empty()) return {};
  return contradiction(settings, {prefix + "cert_file", prefix + "key_file"},
                       prefix + "cert_file and " + prefix + "key_file go together: set both");
}

Result<> check_storage(const StorageConfig& storage, const Settings& settings) {
  if (!storage.object_store.empty() && !storage.s3_bucket.empty())
    return contradiction(settings, {"storage.object_store", "storage.s3_bucket"},
                         "storage.object_store and storage.s3_bucket exclude each other");
  if (!storage.object_store.empty() && !storage.object_store.starts_with("file:///"))
    return contradiction(settings, {"storage.object_store"},
                         "storage.object_store must begin with file:///",
                         "for S3, set storage.s3_bucket");
  if (storage.disk_high_percent > storage.disk_full_percent)
    return contradiction(settings, {"storage.disk_high_percent", "storage.disk_full_percent"},
                         "storage.disk_high_percent is above storage.disk_full_percent");
  return {};
}

Result<> check_query(const QueryConfig& query, const Settings& settings) {
  if (query.default_result_limit > query.max_result_limit)
    return contradiction(settings, {"query.default_result_limit", "query.max_result_limit"},
                         "query.default_result_limit is above query.max_result_limit");
  return {};
}

Result<> check_seeds(const Settings& settings) {
  for (const std::string& seed : split_list(settings.effective("cluster.seeds")))
    if (!parse_address(seed, kClusterPort))
      return contradiction(settings, {"cluster.seeds"},
                           "'" + seed + "' in cluster.seeds is no address", "expected host:port");
  return {};
}

bool is_node_id(std::string_view id) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !id.empty() && id.size() <= kLongest &&
         id.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<> check_cluster_times(const ClusterConfig& cluster, const Settings& settings) {
  if (cluster.lease_duration >= cluster.fence_timeout)
    return contradiction(settings, {"cluster.lease_duration", "cluster.fence_timeout"},
                         "cluster.lease_duration must be less than cluster.fence_timeout");
  if (cluster.heartbeat_interval * 3 > cluster.fence_timeout)
    return contradiction(
        settings, {"cluster.heartbeat_interval", "cluster.fence_timeout"},
        "cluster.heartbeat_interval must be at most a third of cluster.fence_timeout");
  return {};
}

Result<> check_cluster(const ServerConfig& config, const Settings& settings) {
  const ClusterConfig& cluster = config.cluster;
  TRY(check_seeds(settings));
  TRY(check_cluster_times(cluster, settings));
  const Settings::Value* port = settings.find("cluster.port");
  const Settings::Value* other = settings.find("cluster.grpc_port");
  if (port != nullptr && other != nullptr && port->text != other->text)
    return contradiction(settings, {"cluster.grpc_port"},
                         "cluster.port and cluster.grpc_port are one setting: set one of them");
  if (cluster.min_isr > cluster.replication_factor)
    return contradiction(settings, {"cluster.min_isr", "cluster.replication_factor"},
                         "cluster.min_isr is above cluster.replication_factor");
  if (!cluster.enabled) return {};
  if (!is_node_id(cluster.node_id))
    return contradiction(settings, {"cluster.node_id", "cluster.enabled", "cluster.seeds"},
                         "cluster.node_id must be 1 to 64 letters, digits, '_', '.' or '-'",
                         "give every node a name of its own, such as node-1");
  if (cluster.seeds.empty())
    return contradiction(settings, {"cluster.enabled", "cluster.node_id"},
                         "cluster.seeds is required in a cluster",
                         "list host:port of some nodes, this one among them");
  if (config.storage.s3_bucket.empty() && config.storage.object_store.empty())
    return contradiction(settings, {"cluster.enabled", "cluster.node_id"},
                         "a cluster needs storage that all nodes share",
                         "set storage.s3_bucket, or storage.object_store to a shared directory");
  return {};
}

}  // namespace

Result<> check_consistent(const ServerConfig& config, const Settings& settings) {
  TRY(check_tls(config.tls, "tls.", settings));
  TRY(check_tls(config.cluster.tls, "cluster.tls.", settings));
  TRY(check_tls(config.cluster.etcd_tls, "cluster.etcd.tls.", settings));
  TRY(check_storage(config.storage, settings));
  TRY(check_query(config.query, settings));
  return check_cluster(config, settings);
}

}  // namespace lynxdb::config
