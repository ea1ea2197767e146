#include "cluster/rpc/data_calls.h"

#include <utility>

#include "cluster/rpc/convert.h"
#include "cluster/rpc/convert_data.h"
#include "cluster/rpc/peer_calls.h"
#include "cluster/rpc/peer_stream.h"

namespace lynxdb::cluster {
namespace {

constexpr int kDataPurpose = 4;

// Nothing was sent.
Error no_way(metadata::NodeId node, const std::string& address, std::string suggestion = "") {
  const std::string who = address.empty() ? "node " + std::to_string(node.value()) : address;
  return Error{ErrorCode::kUnavailable, who + " cannot be reached", std::move(suggestion)};
}

class RemoteShare final : public ShareStream {
 public:
  RemoteShare(PeerCalls& calls, std::string address, metadata::NodeId at,
              v1::RunShareRequest request, Deadline deadline)
      : calls_(calls),
        address_(std::move(address)),
        at_(at),
        request_(std::move(request)),
        deadline_(deadline) {}
  ~RemoteShare() override {
    context_.TryCancel();
    if (reader_ == nullptr) return;
    v1::ShareReply reply;
    while (!ended_ && reader_->Read(&reply)) {
    }
    if (!ended_) (void)reader_->Finish();
    calls_.end(context_);
  }
  RemoteShare(const RemoteShare&) = delete;
  RemoteShare& operator=(const RemoteShare&) = delete;

  Result<std::optional<std::string>> next() override {
    if (reader_ == nullptr) TRY(open());
    v1::ShareReply reply;
    if (!reader_->Read(&reply)) return broken();
    if (reply.has_failure()) return read(reply.failure());
    if (reply.complete()) return std::optional<std::string>();
    return std::optional(std::move(*reply.mutable_frame()));
  }
  void cancel() override { context_.TryCancel(); }

 private:
  Result<> open() {
    if (address_.empty() || !calls_.is_connected(address_, deadline_)) return no_way(at_, address_);
    auto channel = TRY(calls_.begin(address_, context_, deadline_));
    stub_ = v1::Cluster::NewStub(std::move(channel));
    reader_ = stub_->RunShare(&context_, request_);
    return {};
  }
  Error broken() {
    ended_ = true;
    const grpc::Status status = reader_->Finish();
    const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    return Error{late ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                 address_ + ": " +
                     (late          ? "did not answer in time"
                      : status.ok() ? "stopped in the middle"
                                    : status.error_message())};
  }

  PeerCalls& calls_;
  const std::string address_;
  const metadata::NodeId at_;
  const v1::RunShareRequest request_;
  const Deadline deadline_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::Cluster::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::ShareReply>> reader_;
  bool ended_ = false;
};

}  // namespace

DataCalls::DataCalls(DataCallsOptions options)
    : options_(std::move(options)),
      calls_(std::make_unique<PeerCalls>(kDataPurpose, options_.tls)) {}

DataCalls::~DataCalls() { stop(); }

void DataCalls::stop() {
  calls_->stop();
  std::map<metadata::NodeId, Way> ways;
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  // The streams' threads never take this mutex.
  ways.swap(ways_);
}

void DataCalls::update(const metadata::State& state) {
  const base::MutexLock lock(mutex_);
  for (const auto& [id, node] : state.nodes) {
    Way& way = ways_[id];
    if (way.address == node.cluster_address) continue;
    way.stream.reset();
    way.address = node.cluster_address;
  }
  std::erase_if(ways_, [&](const auto& way) { return !state.nodes.contains(way.first); });
}

std::string DataCalls::address_of(metadata::NodeId node) {
  const base::MutexLock lock(mutex_);
  const auto way = ways_.find(node);
  return way == ways_.end() ? std::string() : way->second.address;
}

void DataCalls::send(const ReplicaMessage& message) {
  std::string bytes = encode(message);
  const base::MutexLock lock(mutex_);
  const auto way = ways_.find(message.to);
  if (stopped_ || way == ways_.end()) return;
  if (way->second.stream == nullptr) {
    way->second.stream = std::make_unique<PeerStream>(
        PeerStream::Options{.kind = StreamKind::kReplicas,
                            .address = way->second.address,
                            .own_address = options_.own_address,
                            .tls = options_.tls,
                            .cluster_id = options_.cluster_id,
                            .queue_messages_max = options_.queue_messages_max,
                            .queue_bytes_max = options_.queue_bytes_max});
  }
  way->second.stream->send(std::move(bytes));
}

AppendOutcomes DataCalls::append(metadata::NodeId at,
                                 const std::vector<storage::AppendRequest>& requests,
                                 Deadline deadline) {
  const std::string address = address_of(at);
  if (address.empty() || !calls_->is_connected(address, deadline))
    return AppendOutcomes(requests.size(), no_way(at, address, "retry with the same batch id"));
  v1::AppendRequest request;
  request.set_cluster_id(options_.cluster_id);
  request.set_timeout_ms(milliseconds_until(deadline));
  for (const storage::AppendRequest& part : requests) put(part, *request.add_parts());
  v1::AppendReply reply;
  auto done =
      calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
        return stub.Append(&context, request, &reply);
      });
  if (done && reply.outcomes_size() != static_cast<int>(requests.size()))
    done = Error{ErrorCode::kUnavailable, address + ": answered something else"};
  if (!done) {
    // Whether late or lost: the outcome is unknown, and may be asked for again.
    const Error unknown{ErrorCode::kUnavailable, done.error().message,
                        "retry with the same batch id"};
    return AppendOutcomes(requests.size(), unknown);
  }
  AppendOutcomes outcomes;
  for (std::size_t i = 0; i < requests.size(); ++i)
    outcomes.push_back(read(reply.outcomes(static_cast<int>(i)), requests[i].partition));
  return outcomes;
}

Result<TailHold> DataCalls::hold_tail(metadata::NodeId at, metadata::Version version,
                                      const std::vector<TailQuestion>& questions,
                                      Deadline deadline) {
  const std::string address = address_of(at);
  if (address.empty() || !calls_->is_connected(address, deadline)) return no_way(at, address);
  v1::HoldTailRequest request;
  request.set_cluster_id(options_.cluster_id);
  request.set_timeout_ms(milliseconds_until(deadline));
  request.set_version(version);
  for (const TailQuestion& question : questions) put(question, *request.add_parts());
  v1::HoldTailReply reply;
  TRY(calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return stub.HoldTail(&context, request, &reply);
  }));
  return read(reply);
}

void DataCalls::release_tail(metadata::NodeId at, std::uint64_t hold, Deadline deadline) {
  const std::string address = address_of(at);
  if (address.empty() || !calls_->has_connection(address)) return;
  v1::ReleaseTailRequest request;
  request.set_cluster_id(options_.cluster_id);
  request.set_hold(hold);
  v1::FrameEnd reply;
  (void)calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return stub.ReleaseTail(&context, request, &reply);
  });
}

Result<NodeReport> DataCalls::report(metadata::NodeId at, Deadline deadline) {
  const std::string address = address_of(at);
  if (address.empty() || !calls_->is_connected(address, deadline)) return no_way(at, address);
  v1::ReportRequest request;
  request.set_cluster_id(options_.cluster_id);
  v1::ReportReply reply;
  TRY(calls_->run(address, deadline, [&](v1::Cluster::Stub& stub, grpc::ClientContext& context) {
    return stub.Report(&context, request, &reply);
  }));
  return read(reply);
}

std::unique_ptr<ShareStream> DataCalls::run_share(metadata::NodeId at, std::uint64_t hold,
                                                  std::string request, Deadline deadline) {
  v1::RunShareRequest message;
  message.set_cluster_id(options_.cluster_id);
  message.set_timeout_ms(milliseconds_until(deadline));
  message.set_hold(hold);
  message.set_request(std::move(request));
  return std::make_unique<RemoteShare>(*calls_, address_of(at), at, std::move(message), deadline);
}

}  // namespace lynxdb::cluster
