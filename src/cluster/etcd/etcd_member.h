// What an EtcdMetadata has once it knows its cluster. Include in its .cc files only.
#pragma once

#include "cluster/etcd/etcd_election.h"
#include "cluster/etcd/etcd_log.h"
#include "cluster/etcd/etcd_metadata.h"

namespace lynxdb::cluster {

struct EtcdMetadata::Member {
  Member(EtcdClient& client, const std::string& prefix, const std::string& cluster_id,
         PeerLinks& links, EtcdElectionOptions options)
      : log(client, prefix, cluster_id), election(client, log, links, std::move(options)) {}

  EtcdLog log;
  EtcdElection election;
};

}  // namespace lynxdb::cluster
