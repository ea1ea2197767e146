// lynxdb cluster rebuild: a cluster whose nodes lost their disks goes on from the object store.
#pragma once

#include <string>

#include "cli/session.h"

namespace lynxdb::cli {

// Orders it of the cluster with that id, "" when there is but one. Talks to the object store of the
// configuration, not to a server. Gives the exit code.
int rebuild_cluster(const Session& session, const std::string& cluster_id);

}  // namespace lynxdb::cli
