// Where an etcd is, and how it is spoken to.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lynxdb::cluster {

struct EtcdOptions {
  // http://host:port or https://host:port (without a scheme: https when there are certificates).
  // All of one etcd; when one does not answer, the next is asked.
  std::vector<std::string> endpoints;
  // PEM files. The authority of etcd's certificate (empty: the machine's own), and what this
  // client shows.
  std::string ca_file{};
  std::string cert_file{};
  std::string key_file{};
};

struct EtcdEndpoint {
  std::string address;  // host:port
  bool tls = false;
};

// Errors (kInvalidArgument): none, no host, an unknown scheme.
Result<std::vector<EtcdEndpoint>> parse_endpoints(const EtcdOptions& options);

}  // namespace lynxdb::cluster
