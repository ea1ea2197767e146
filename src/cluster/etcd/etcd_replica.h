// This node's copy of the state that the log in etcd makes: entries are offered by whoever has read
// them, applied once and in order, and proposals of this node find their answers here.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "cluster/etcd/etcd_log.h"
#include "metadata/state.h"

namespace lynxdb::cluster {

// Thread-safe.
class EtcdReplica {
 public:
  // Applies the entry if it is the next one; others are passed over. kCorruption: nobody can apply
  // it, nothing changed.
  Result<> offer(LogIndex index, std::string_view entry) EXCLUDES(mutex_);
  // Goes on from a snapshot, unless what was applied is as new. What became of proposals below it
  // is not known then.
  void install(LogIndex index, metadata::StatePtr state) EXCLUDES(mutex_);

  LogIndex applied() const EXCLUDES(mutex_);
  metadata::StatePtr state() const EXCLUDES(mutex_);
  metadata::StatePtr wait_beyond(metadata::Version version, Deadline deadline) const
      EXCLUDES(mutex_);
  // Both at one moment.
  std::pair<LogIndex, metadata::StatePtr> newest() const EXCLUDES(mutex_);
  // Of entries applied since the last call with `reset`.
  std::size_t bytes_applied(bool reset) EXCLUDES(mutex_);

  // From now on the answer to this proposal is kept, until it is forgotten.
  void expect(ProposalId proposal) EXCLUDES(mutex_);
  // The state that it made, or the refusal; nothing while it has not been applied.
  std::optional<Result<metadata::StatePtr>> answer(ProposalId proposal) const EXCLUDES(mutex_);
  void forget(ProposalId proposal) EXCLUDES(mutex_);
  // Was any entry from `index` on passed over by a snapshot?
  bool has_skipped(LogIndex index) const EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  LogIndex applied_ GUARDED_BY(mutex_) = 0;
  LogIndex skipped_to_ GUARDED_BY(mutex_) = 0;
  std::size_t bytes_applied_ GUARDED_BY(mutex_) = 0;
  metadata::StatePtr state_ GUARDED_BY(mutex_) = std::make_shared<const metadata::State>();
  std::map<ProposalId, std::optional<Result<metadata::StatePtr>>> expected_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::cluster
