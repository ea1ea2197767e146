// A node of a cluster: the same storage engine and server as a single node, with the metadata
// agreed upon and the logs replicated by src/cluster.
#pragma once

#include <memory>

#include "instance/instance.h"

namespace lynxdb::instance {

// Waits until the cluster is formed. Errors: as Instance::start; a configuration that lacks what a
// node of a cluster needs.
Result<std::unique_ptr<Instance>> start_cluster_instance(const config::ServerConfig& config,
                                                         StartOptions options, Log log);

}  // namespace lynxdb::instance
