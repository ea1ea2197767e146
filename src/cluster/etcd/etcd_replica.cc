#include "cluster/etcd/etcd_replica.h"

#include <utility>

#include "metadata/command.h"

namespace lynxdb::cluster {

Result<> EtcdReplica::offer(LogIndex index, std::string_view bytes) {
  const base::MutexLock lock(mutex_);
  if (index != applied_ + 1) return {};
  const auto where = [index] { return "entry " + std::to_string(index); };
  auto entry = decode_entry(bytes);
  if (!entry) return std::move(entry).error().in(where());
  const auto command = metadata::decode_command(entry->command);
  // All nodes read the same bytes: going on would make this one's state differ.
  if (!command) return Error(command.error()).in(where());
  auto next = metadata::apply_command(*state_, *command);
  Result<metadata::StatePtr> answer(state_);
  if (next) {
    state_ = std::make_shared<const metadata::State>(*std::move(next));
    answer = state_;
  } else {
    answer = std::move(next).error();
  }
  applied_ = index;
  bytes_applied_ += bytes.size();
  if (const auto expected = expected_.find(entry->proposal); expected != expected_.end())
    expected->second = std::move(answer);
  changed_.notify_all();
  return {};
}

void EtcdReplica::install(LogIndex index, metadata::StatePtr state) {
  const base::MutexLock lock(mutex_);
  if (index <= applied_) return;
  applied_ = skipped_to_ = index;
  state_ = std::move(state);
  changed_.notify_all();
}

LogIndex EtcdReplica::applied() const {
  const base::MutexLock lock(mutex_);
  return applied_;
}

metadata::StatePtr EtcdReplica::state() const {
  const base::MutexLock lock(mutex_);
  return state_;
}

metadata::StatePtr EtcdReplica::wait_beyond(metadata::Version version, Deadline deadline) const {
  const base::MutexLock lock(mutex_);
  while (state_->version <= version && changed_.wait_until(mutex_, deadline)) {
  }
  return state_;
}

std::pair<LogIndex, metadata::StatePtr> EtcdReplica::newest() const {
  const base::MutexLock lock(mutex_);
  return {applied_, state_};
}

std::size_t EtcdReplica::bytes_applied(bool reset) {
  const base::MutexLock lock(mutex_);
  return reset ? std::exchange(bytes_applied_, 0) : bytes_applied_;
}

void EtcdReplica::expect(ProposalId proposal) {
  const base::MutexLock lock(mutex_);
  expected_.emplace(proposal, std::nullopt);
}

std::optional<Result<metadata::StatePtr>> EtcdReplica::answer(ProposalId proposal) const {
  const base::MutexLock lock(mutex_);
  const auto expected = expected_.find(proposal);
  return expected == expected_.end() ? std::nullopt : expected->second;
}

void EtcdReplica::forget(ProposalId proposal) {
  const base::MutexLock lock(mutex_);
  expected_.erase(proposal);
}

bool EtcdReplica::has_skipped(LogIndex index) const {
  const base::MutexLock lock(mutex_);
  return index <= skipped_to_;
}

}  // namespace lynxdb::cluster
