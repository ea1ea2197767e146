// The configuration of a node of a cluster, checked, in the words of src/cluster.
#pragma once

#include <string>

#include "cluster/etcd/etcd_metadata.h"
#include "cluster/membership/raft_metadata.h"
#include "cluster/replica/replica_host.h"
#include "config/server_config.h"
#include "metadata/command.h"

namespace lynxdb::instance {

// What a node of a cluster cannot do without. Errors: kInvalidArgument.
Result<> check_cluster(const config::ServerConfig& config);

// Where other nodes reach this one: as configured, else the seed that is this machine, else its
// host name.
std::string cluster_address(const config::ServerConfig& config);
std::string http_address(const config::ServerConfig& config);

cluster::RaftMetadataOptions raft_metadata_options(const config::ServerConfig& config);
cluster::EtcdMetadataOptions etcd_metadata_options(const config::ServerConfig& config);
replication::Options replication_options(const config::ServerConfig& config);
// A combination of metadata::Role.
std::uint8_t node_roles(const config::ServerConfig& config);

}  // namespace lynxdb::instance
