// Calls to an etcd. Include in .cc files of this folder only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/consensus/raft_group.h"
#include "cluster/etcd/etcd_endpoints.h"
#include "etcd.grpc.pb.h"

namespace lynxdb::cluster {

namespace etcd = etcdserverpb;

// Thread-safe. Every call goes to the endpoint that answered last; one that does not is left for
// the next. Errors of calls: kUnavailable, kTimeout, with the endpoint: what was asked for may have
// been done, and may still be done later. kInvalidArgument: etcd refuses it.
class EtcdClient {
 public:
  // Reads the certificates. Errors: kInvalidArgument.
  static Result<std::unique_ptr<EtcdClient>> open(const EtcdOptions& options);

  Result<etcd::TxnResponse> txn(const etcd::TxnRequest& request, Deadline deadline);
  // In seconds; the lease that there is now.
  Result<etcd::LeaseGrantResponse> grant(std::int64_t ttl_seconds, Deadline deadline);
  // How many seconds it lives from now on; 0: it is over.
  Result<std::int64_t> keep_alive(std::int64_t lease, Deadline deadline);

  // Hands every change of the keys [begin, end), from `revision` on, to `take`, until that returns
  // false, etcd ends it, the stream breaks, or end_watch(). One at a time.
  Result<> watch(const std::string& begin, const std::string& end, std::int64_t revision,
                 const std::function<bool(const etcd::WatchResponse&)>& take);
  void end_watch() EXCLUDES(mutex_);

  // Ends what is under way; later calls fail. Idempotent.
  void stop() EXCLUDES(mutex_);
  // All of them, for people.
  const std::string& description() const { return description_; }

 private:
  struct Way {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
  };
  EtcdClient() = default;

  template <typename Function>
  Result<> run(Deadline deadline, const Function& call) EXCLUDES(mutex_);
  Result<> enter(grpc::ClientContext& context, std::size_t& way) EXCLUDES(mutex_);
  void leave(grpc::ClientContext& context) EXCLUDES(mutex_);
  Error failed(std::size_t way, const grpc::Status& status) EXCLUDES(mutex_);

  std::vector<Way> ways_;
  std::string description_;
  base::Mutex mutex_;
  std::size_t current_ GUARDED_BY(mutex_) = 0;
  std::vector<grpc::ClientContext*> open_ GUARDED_BY(mutex_);
  grpc::ClientContext* watching_ GUARDED_BY(mutex_) = nullptr;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

// The end of the range of all keys that begin with `prefix`.
std::string end_of_prefix(std::string prefix);

}  // namespace lynxdb::cluster
