#include "cluster/etcd/etcd_endpoints.h"

#include <string_view>

namespace lynxdb::cluster {
namespace {

constexpr std::string_view kEtcdPort = ":2379";

Result<EtcdEndpoint> parse_endpoint(const std::string& text, bool has_certificates) {
  const auto wrong = [&](std::string message) {
    return Error{ErrorCode::kInvalidArgument, "cluster.etcd.endpoints: " + std::move(message),
                 "write each as http://host:2379 or https://host:2379"};
  };
  std::string_view rest = text;
  EtcdEndpoint endpoint{.address = {}, .tls = has_certificates};
  if (const auto colon = rest.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = rest.substr(0, colon);
    if (scheme != "http" && scheme != "https") return wrong("unknown scheme in '" + text + "'");
    endpoint.tls = scheme == "https";
    rest.remove_prefix(colon + 3);
  }
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.starts_with(':') || rest.find('/') != std::string_view::npos)
    return wrong("'" + text + "' names no host");
  endpoint.address = rest;
  // What follows an address of version 6 in brackets, too.
  const auto bracket = rest.rfind(']');
  const auto port = rest.rfind(':');
  const bool has_port =
      port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket);
  if (!has_port) endpoint.address += kEtcdPort;
  return endpoint;
}

}  // namespace

Result<std::vector<EtcdEndpoint>> parse_endpoints(const EtcdOptions& options) {
  if (options.endpoints.empty()) {
    return Error{ErrorCode::kInvalidArgument, "cluster.metadata is etcd, but no etcd is named",
                 "set cluster.etcd.endpoints, such as [\"http://etcd-1:2379\"]"};
  }
  const bool has_certificates = !options.ca_file.empty() || !options.cert_file.empty();
  std::vector<EtcdEndpoint> endpoints;
  for (const std::string& text : options.endpoints)
    endpoints.push_back(TRY(parse_endpoint(text, has_certificates)));
  return endpoints;
}

}  // namespace lynxdb::cluster
