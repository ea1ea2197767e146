// gRPC channels as the cluster uses them. Include in .cc files only.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "cluster/rpc/cluster_tls.h"

namespace lynxdb::cluster {

// Larger than any message of ours: snapshots travel in chunks, batches are limited where they are
// taken.
inline constexpr int kRpcMessageBytesMax = 96 << 20;

// Whoever answers must have a certificate for the name or address that was called.
inline std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const ClusterTlsPtr& tls) {
  if (tls == nullptr) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls->authorities;
  options.pem_private_key = tls->key;
  options.pem_cert_chain = tls->cert_chain;
  return grpc::SslCredentials(options);
}

// Whoever calls must have a certificate of the authority's.
inline std::shared_ptr<grpc::ServerCredentials> server_credentials(const ClusterTlsPtr& tls) {
  if (tls == nullptr) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->authorities;
  options.pem_key_cert_pairs.push_back({tls->key, tls->cert_chain});
  return grpc::SslServerCredentials(options);
}

// `purpose` keeps channels apart that must not wait for each other.
inline std::shared_ptr<grpc::Channel> open_channel(const std::string& address, int purpose,
                                                   const ClusterTlsPtr& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kRpcMessageBytesMax);
  arguments.SetMaxSendMessageSize(kRpcMessageBytesMax);
  // Probing for bandwidth takes 200 MB of buffers and gains nothing on a local network.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  // A node that comes back is found at once.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  // One that has fallen silent is given up.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 2000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt("lynxdb.purpose", purpose);
  return grpc::CreateCustomChannel(address, channel_credentials(tls), arguments);
}

}  // namespace lynxdb::cluster
