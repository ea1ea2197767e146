// Who leads, in a cluster that keeps its metadata in etcd: one node holds a key there, under a
// lease that it keeps alive. It believes that it leads only until the lease would be over if its
// last sign of life had been the last: counted from before that was sent, by a clock that goes on
// while the machine sleeps.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "cluster/etcd/etcd_log.h"
#include "cluster/rpc/peer_links.h"

namespace lynxdb::cluster {

struct EtcdElectionOptions {
  std::string address;  // Of this node's cluster port.
  std::uint64_t incarnation = 0;
  bool may_lead = true;  // Has the role meta.
  // The shortest that etcd grants by its defaults.
  std::chrono::seconds ttl{2};
  std::chrono::milliseconds call_timeout{1000};
  // Called when this node was elected, before it says that it leads: knows it all that was agreed?
  std::function<Result<>()> prepare = [] { return Result<>(); };
};

// step() and resign() are for one thread; what is const, and see(), are for all.
class EtcdElection {
 public:
  // All must outlive it.
  EtcdElection(EtcdClient& client, EtcdLog& log, PeerLinks& links, EtcdElectionOptions options)
      : client_(client), log_(log), links_(links), options_(std::move(options)) {}

  // Who is in office as of that revision of etcd; news that came late is passed over. True when it
  // was news.
  bool see(std::optional<Controller> controller, std::int64_t revision) EXCLUDES(mutex_);
  std::optional<Controller> controller() const EXCLUDES(mutex_);
  // Of this node, while it leads; else 0.
  std::int64_t term() const;

  // Keeps the lease, or runs for office when nobody is in it, or when whoever is in it is dead.
  Result<> step();
  // Leaves office and does not run again.
  Result<> resign();

 private:
  Result<> renew();
  Result<> campaign();
  Result<> watch_over(const Controller& controller);
  void lose();

  EtcdClient& client_;
  EtcdLog& log_;
  PeerLinks& links_;
  const EtcdElectionOptions options_;

  // The thread's.
  std::int64_t lease_ = 0;
  std::int64_t renewed_ms_ = 0;
  bool resigned_ = false;
  std::int64_t suspect_ = 0;  // The term of one whose port was refused, and how often.
  int refusals_ = 0;

  std::atomic<std::int64_t> term_ = 0;
  std::atomic<std::int64_t> lease_until_ms_ = 0;

  mutable base::Mutex mutex_;
  std::optional<Controller> controller_ GUARDED_BY(mutex_);
  std::int64_t seen_at_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lynxdb::cluster
