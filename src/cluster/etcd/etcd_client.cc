#include "cluster/etcd/etcd_client.h"

#include <fmt/format.h>

#include <utility>

#include "cluster/rpc/channel.h"
#include "io/whole_file.h"

namespace lynxdb::cluster {
namespace {

constexpr std::uint64_t kPemBytesMax = std::uint64_t{1} << 20U;

Result<std::string> read_pem(const std::string& path, std::string_view key) {
  if (path.empty()) return std::string();
  auto text = io::read_file(io::posix(), path, kPemBytesMax);
  if (text) return text;
  return Error{ErrorCode::kInvalidArgument, fmt::format("{}: {}", key, text.error().message)};
}

Result<std::shared_ptr<grpc::ChannelCredentials>> credentials_of(const EtcdOptions& options) {
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = TRY(read_pem(options.ca_file, "cluster.etcd.tls.ca_file"));
  ssl.pem_cert_chain = TRY(read_pem(options.cert_file, "cluster.etcd.tls.cert_file"));
  ssl.pem_private_key = TRY(read_pem(options.key_file, "cluster.etcd.tls.key_file"));
  return grpc::SslCredentials(ssl);
}

std::shared_ptr<grpc::Channel> open_etcd(
    const EtcdEndpoint& endpoint, const std::shared_ptr<grpc::ChannelCredentials>& encrypted) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kRpcMessageBytesMax);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  // etcd closes connections that ask more often than every 5 s whether it lives.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 2000);
  return grpc::CreateCustomChannel(
      endpoint.address, endpoint.tls ? encrypted : grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

Result<std::unique_ptr<EtcdClient>> EtcdClient::open(const EtcdOptions& options) {
  const auto endpoints = TRY(parse_endpoints(options));
  const auto credentials = TRY(credentials_of(options));
  std::unique_ptr<EtcdClient> client(new EtcdClient);
  for (const EtcdEndpoint& endpoint : endpoints) {
    client->ways_.push_back({endpoint.address, open_etcd(endpoint, credentials)});
    if (!client->description_.empty()) client->description_ += ", ";
    client->description_ += endpoint.address;
  }
  return client;
}

Result<etcd::TxnResponse> EtcdClient::txn(const etcd::TxnRequest& request, Deadline deadline) {
  etcd::TxnResponse reply;
  TRY(run(deadline, [&](const auto& channel, grpc::ClientContext& context) {
    return etcd::KV::NewStub(channel)->Txn(&context, request, &reply);
  }));
  return reply;
}

Result<etcd::LeaseGrantResponse> EtcdClient::grant(std::int64_t ttl_seconds, Deadline deadline) {
  etcd::LeaseGrantRequest request;
  request.set_ttl(ttl_seconds);
  etcd::LeaseGrantResponse reply;
  TRY(run(deadline, [&](const auto& channel, grpc::ClientContext& context) {
    return etcd::Lease::NewStub(channel)->LeaseGrant(&context, request, &reply);
  }));
  return reply;
}

Result<std::int64_t> EtcdClient::keep_alive(std::int64_t lease, Deadline deadline) {
  etcd::LeaseKeepAliveResponse reply;
  TRY(run(deadline, [&](const auto& channel, grpc::ClientContext& context) {
    const auto stub = etcd::Lease::NewStub(channel);
    const auto stream = stub->LeaseKeepAlive(&context);
    etcd::LeaseKeepAliveRequest request;
    request.set_id(lease);
    const bool answered = stream->Write(request) && stream->WritesDone() && stream->Read(&reply);
    if (!answered) return stream->Finish();
    context.TryCancel();
    (void)stream->Finish();
    return grpc::Status::OK;
  }));
  return reply.ttl();
}

Result<> EtcdClient::watch(const std::string& begin, const std::string& end, std::int64_t revision,
                           const std::function<bool(const etcd::WatchResponse&)>& take) {
  grpc::ClientContext context;
  // A member of etcd that has lost the others says so instead of falling silent.
  context.AddMetadata("hasleader", "true");
  std::size_t way = 0;
  TRY(enter(context, way));
  {
    const base::MutexLock lock(mutex_);
    watching_ = &context;
  }
  const auto stub = etcd::Watch::NewStub(ways_[way].channel);
  const auto stream = stub->Watch(&context);
  etcd::WatchRequest request;
  auto& create = *request.mutable_create_request();
  create.set_key(begin);
  create.set_range_end(end);
  create.set_start_revision(revision);
  etcd::WatchResponse response;
  bool goes_on = stream->Write(request);
  bool left = false;
  while (goes_on && stream->Read(&response)) {
    goes_on = !response.canceled() && take(response);
    left = !goes_on;
  }
  context.TryCancel();
  const grpc::Status status = stream->Finish();
  leave(context);
  if (left) return {};
  return failed(way, status);
}

void EtcdClient::end_watch() {
  const base::MutexLock lock(mutex_);
  if (watching_ != nullptr) watching_->TryCancel();
}

void EtcdClient::stop() {
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  for (grpc::ClientContext* context : open_) context->TryCancel();
}

template <typename Function>
Result<> EtcdClient::run(Deadline deadline, const Function& call) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       (deadline - std::chrono::steady_clock::now()));
  std::size_t way = 0;
  TRY(enter(context, way));
  const grpc::Status status = call(ways_[way].channel, context);
  leave(context);
  if (status.ok()) return {};
  return failed(way, status);
}

Result<> EtcdClient::enter(grpc::ClientContext& context, std::size_t& way) {
  const base::MutexLock lock(mutex_);
  if (stopped_) return Error{ErrorCode::kUnavailable, "this node is stopping"};
  open_.push_back(&context);
  way = current_;
  return {};
}

void EtcdClient::leave(grpc::ClientContext& context) {
  const base::MutexLock lock(mutex_);
  std::erase(open_, &context);
  if (watching_ == &context) watching_ = nullptr;
}

// Whoever fails first moves all on; the watch, which may wait at a dead end, begins anew.
Error EtcdClient::failed(std::size_t way, const grpc::Status& status) {
  const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  const bool refused = status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
                       status.error_code() == grpc::StatusCode::PERMISSION_DENIED ||
                       status.error_code() == grpc::StatusCode::UNAUTHENTICATED ||
                       status.error_code() == grpc::StatusCode::OUT_OF_RANGE;
  if (!refused) {
    const base::MutexLock lock(mutex_);
    if (current_ == way && ways_.size() > 1) {
      current_ = (way + 1) % ways_.size();
      if (watching_ != nullptr) watching_->TryCancel();
    }
  }
  return Error{refused ? ErrorCode::kInvalidArgument
               : late  ? ErrorCode::kTimeout
                       : ErrorCode::kUnavailable,
               fmt::format("etcd at {}: {}", ways_[way].address,
                           late ? "did not answer in time" : status.error_message())};
}

std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace lynxdb::cluster
