// Mutual TLS on the cluster port: what a node shows, and whom it believes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace lynxdb::cluster {

// Paths of PEM files.
struct ClusterTlsFiles {
  std::string cert_file;  // Of this node, and what is between it and the authority.
  std::string key_file;
  std::string ca_file;  // Who signs the certificates of all nodes.
};

// Their contents.
struct ClusterTls {
  std::string cert_chain;
  std::string key;
  std::string authorities;
};
using ClusterTlsPtr = std::shared_ptr<const ClusterTls>;  // Null: connections are not encrypted.

// Reads them, and looks whether other nodes would believe this one now. Errors (kInvalidArgument,
// with the setting and the file): unreadable, not PEM, over or not yet valid, a key of another
// certificate, not signed by the authority.
Result<ClusterTlsPtr> read_cluster_tls(const ClusterTlsFiles& files);

}  // namespace lynxdb::cluster
