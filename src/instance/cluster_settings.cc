#include "instance/cluster_settings.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <set>

#include "instance/node_context.h"
#include "instance/storage_options.h"

namespace lynxdb::instance {
namespace {

constexpr std::size_t kRestoredBytesMax = std::size_t{32} << 20U;

using std::chrono::milliseconds;

std::string numeric(const sockaddr& address, socklen_t size) {
  std::array<char, NI_MAXHOST> text{};
  const int failed =
      ::getnameinfo(&address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return failed == 0 ? text.data() : "";
}

// The addresses of this machine's interfaces, as numbers.
std::set<std::string> own_addresses() {
  std::set<std::string> addresses;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return addresses;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    const auto family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    addresses.insert(
        numeric(*entry->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
  }
  return addresses;
}

bool is_own(const std::string& host, const std::set<std::string>& own) {
  if (host == host_name()) return true;
  addrinfo* first = nullptr;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &first) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
  for (const addrinfo* entry = first; entry != nullptr; entry = entry->ai_next)
    if (own.contains(numeric(*entry->ai_addr, entry->ai_addrlen))) return true;
  return false;
}

bool is_any(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

}  // namespace

Result<> check_cluster(const config::ServerConfig& config) {
  const auto wrong = [](std::string message, std::string suggestion) {
    return Error{ErrorCode::kInvalidArgument, std::move(message), std::move(suggestion)};
  };
  if (config.cluster.node_id.empty())
    return wrong("a node of a cluster needs a name", "set cluster.node_id, another on each node");
  if (config.cluster.seeds.empty() && config.cluster.metadata == config::MetadataEngine::kRaft)
    return wrong("a node of a cluster needs to know others",
                 "set cluster.seeds to the addresses of the first nodes, the same on each node");
  if (config.data_dir.empty())
    return wrong("a node of a cluster needs a data directory", "set data_dir");
  if (config.storage.s3_bucket.empty() && config.storage.object_store.empty())
    return wrong("the nodes of a cluster share an object store",
                 "set storage.s3_bucket, or storage.object_store: file:///a/shared/directory when "
                 "all nodes are on one machine");
  return {};
}

std::string cluster_address(const config::ServerConfig& config) {
  const config::ClusterConfig& cluster = config.cluster;
  if (!cluster.advertise.empty()) return cluster.advertise;
  if (!is_any(cluster.listen.host)) return config::address_text(cluster.listen);
  const std::set<std::string> own = own_addresses();
  for (const config::Address& seed : cluster.seeds)
    if (seed.port == cluster.listen.port && is_own(seed.host, own))
      return config::address_text(seed);
  return config::address_text({.host = host_name(), .port = cluster.listen.port});
}

std::string http_address(const config::ServerConfig& config) {
  if (!config.cluster.advertise_http.empty()) return config.cluster.advertise_http;
  if (!is_any(config.listen.host)) return config::address_text(config.listen);
  const auto cluster = config::parse_address(cluster_address(config));
  return config::address_text(
      {.host = cluster ? cluster->host : host_name(), .port = config.listen.port});
}

namespace {

// What both engines are told alike.
template <typename Options>
Options metadata_options(const config::ServerConfig& config) {
  const config::ClusterConfig& from = config.cluster;
  Options options;
  options.directory = config.data_dir;
  options.node_name = from.node_id;
  for (const config::Address& seed : from.seeds)
    options.seeds.push_back(config::address_text(seed));
  options.listen = config::address_text(
      {.host = from.listen.host.empty() ? "0.0.0.0" : from.listen.host, .port = from.listen.port});
  options.advertise = cluster_address(config);
  options.partition_count = static_cast<std::uint32_t>(from.partition_count);
  options.replication_factor = static_cast<std::uint32_t>(from.replication_factor);
  options.min_isr = static_cast<std::uint32_t>(from.min_isr);
  return options;
}

bool has_meta_role(const config::ServerConfig& config) {
  return (node_roles(config) & static_cast<std::uint8_t>(metadata::Role::kMeta)) != 0;
}

}  // namespace

cluster::RaftMetadataOptions raft_metadata_options(const config::ServerConfig& config) {
  auto options = metadata_options<cluster::RaftMetadataOptions>(config);
  options.may_vote = has_meta_role(config);
  // What a cluster is rebuilt from comes as one entry.
  options.group.raft.entry_bytes_max = kRestoredBytesMax;
  options.group.raft.uncommitted_bytes_max = 2 * kRestoredBytesMax;
  return options;
}

cluster::EtcdMetadataOptions etcd_metadata_options(const config::ServerConfig& config) {
  auto options = metadata_options<cluster::EtcdMetadataOptions>(config);
  options.may_lead = has_meta_role(config);
  options.etcd = {.endpoints = config.cluster.etcd_endpoints,
                  .ca_file = config.cluster.etcd_tls.ca_file,
                  .cert_file = config.cluster.etcd_tls.cert_file,
                  .key_file = config.cluster.etcd_tls.key_file};
  options.prefix = config.cluster.etcd_prefix;
  while (options.prefix.ends_with('/')) options.prefix.pop_back();
  return options;
}

replication::Options replication_options(const config::ServerConfig& config) {
  replication::Options options;
  options.lease_ms = in_ms(config.cluster.lease_duration).count();
  options.lag_max_ms = in_ms(config.cluster.isr_lag_timeout).count();
  return options;
}

std::uint8_t node_roles(const config::ServerConfig& config) {
  const auto& names = config.cluster.roles;
  if (names.empty()) return metadata::kAllRoles;
  const auto bit = [&](std::string_view name, metadata::Role role) {
    const bool has = std::find(names.begin(), names.end(), name) != names.end();
    return has ? static_cast<unsigned>(role) : 0U;
  };
  return static_cast<std::uint8_t>(bit("meta", metadata::Role::kMeta) |
                                   bit("ingest", metadata::Role::kIngest) |
                                   bit("query", metadata::Role::kQuery));
}

}  // namespace lynxdb::instance
