// What other nodes ask of one that keeps its metadata in etcd: on the server's threads. Who it is,
// and heartbeats; everything else they ask etcd.
#include <chrono>

#include "cluster/etcd/etcd_member.h"
#include "cluster/etcd/etcd_metadata.h"
#include "cluster/membership/forming.h"

namespace lynxdb::cluster {
namespace {

Error asks_etcd() {
  return Error{ErrorCode::kUnavailable, "this node's cluster keeps its metadata in etcd",
               "set cluster.metadata and cluster.etcd.endpoints alike on all nodes"};
}

}  // namespace

Introduction EtcdMetadata::introduce(const Introduction& /*from*/) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.node_name = options_.node_name,
          .incarnation = incarnation_,
          .cluster_id = cluster_id(),
          .in_group = member() != nullptr,
          .seeds_hash = hash_of_seeds(seeds_),
          .wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
          .members = {}};
}

Result<> EtcdMetadata::admit(const std::string& cluster_id) {
  const std::string own = this->cluster_id();
  if (cluster_id.empty() || own.empty() || cluster_id == own) return {};
  return Error{ErrorCode::kConflict,
               "this node belongs to another cluster: " + own + ", not " + cluster_id};
}

void EtcdMetadata::receive(raft::Message /*message*/) {}

Result<metadata::Version> EtcdMetadata::propose(std::string /*command*/, Deadline /*deadline*/) {
  return asks_etcd();
}

Result<metadata::Version> EtcdMetadata::read_version(Deadline /*deadline*/) { return asks_etcd(); }

Result<JoinReply> EtcdMetadata::join(const JoinRequest& /*request*/, Deadline /*deadline*/) {
  return asks_etcd();
}

Result<metadata::Version> EtcdMetadata::heartbeat(const Heartbeat& heartbeat) {
  if (!leads()) return not_leader();
  const base::MutexLock lock(heartbeat_mutex_);
  if (!heartbeat_handler_) return not_leader();
  return heartbeat_handler_(heartbeat);
}

}  // namespace lynxdb::cluster
