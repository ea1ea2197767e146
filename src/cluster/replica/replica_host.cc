#include "cluster/replica/replica_host.h"

#include <fmt/format.h>

#include <utility>

#include "cluster/boot_time.h"

namespace lynxdb::cluster {
namespace {

using replication::Admission;
using std::chrono::milliseconds;

constexpr milliseconds kClockInterval{20};
// A thread that comes after so long tells the core the time before anything else: perhaps the
// process was stopped.
constexpr std::int64_t kLateMs = 100;
// What waits here looks again at least so often.
constexpr milliseconds kReadPause{20};
constexpr int kProposingThreads = 4;

Error no_leader(metadata::PartitionId partition, Admission admission) {
  std::string why;
  switch (admission) {
    case Admission::kNoLease:
      why = "this node has not heard from the cluster lately";
      break;
    case Admission::kTooFewCopies:
      why = "fewer nodes than cluster.min_isr have its events";
      break;
    case Admission::kCatchingUp:
      why = "its new leader is catching up";
      break;
    default:
      why = "another node leads it, or none";
  }
  return Error{ErrorCode::kUnavailable,
               fmt::format("partition {} cannot be used here now: {}", partition.value(), why),
               "retry with the same batch id"};
}

}  // namespace

ReplicaHost::ReplicaHost(ClusterMetadata& metadata, DataCalls& calls, ReplicaHostOptions options)
    : metadata_(metadata),
      calls_(calls),
      options_(std::move(options)),
      core_(options_.replication) {}

ReplicaHost::~ReplicaHost() { stop(); }

void ReplicaHost::open(storage::ReplicatedLog& log) {
  log_ = &log;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [partition, restored] : log.restored()) core_.restore(partition, restored);
  }
  threads_.emplace_back([this] { run_clock(); });
  threads_.emplace_back([this] { run_answers(); });
  for (int i = 0; i < kProposingThreads; ++i) threads_.emplace_back([this] { run_proposals(); });
}

void ReplicaHost::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    answers_changed_.notify_all();
    proposals_changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// --- Input ---------------------------------------------------------------------------------------

template <typename Input>
void ReplicaHost::step(const Input& input) {
  storage::Work work;
  {
    const base::MutexLock lock(mutex_);
    if (stopping_) return;
    tick_when_late();
    input(core_);
    carry_out(work);
  }
  for (const auto& done : work) done();
}

void ReplicaHost::tick_when_late() {
  const std::int64_t now = boot_time_ms();
  if (now - ticked_ms_ < kLateMs) return;
  ticked_ms_ = now;
  core_.tick(now);
}

void ReplicaHost::registered(metadata::NodeId node, metadata::NodeEpoch epoch) {
  // The metadata that tells of this life may have come before it: the core ignored it then, and the
  // clock thread does not bring a version twice.
  const metadata::StatePtr state = metadata_.state();
  step([&](replication::Replication& core) REQUIRES(mutex_) {
    self_ = node;
    core.register_as(node, epoch);
    core.apply(*state);
    log_->apply(state);
  });
}

void ReplicaHost::heartbeat_answered(std::int64_t sent_ms, metadata::Version version) {
  step([&](replication::Replication& core) { core.heartbeat_answered(sent_ms, version); });
}

void ReplicaHost::receive(ReplicaMessage message) {
  auto* answer = std::get_if<replication::FetchAnswer>(&message.what);
  if (answer != nullptr && !answer->batches.empty() && options_.log_is_busy()) return;
  step([&](replication::Replication& core) REQUIRES(mutex_) {
    // Of an earlier life of this node, or for another: its address has a new owner.
    if (message.to != self_) return;
    if (answer != nullptr) {
      core.receive(message.from, std::move(*answer));
    } else {
      core.receive(message.from, std::get<replication::Fetch>(message.what));
    }
  });
}

// --- The store -----------------------------------------------------------------------------------

Result<> ReplicaHost::place(PartitionId partition, metadata::LeaderEpoch epoch, std::uint32_t count,
                            const std::function<void(const storage::Place&)>& enqueue) {
  replication::Placed placed;
  step([&](replication::Replication& core) {
    const auto status = core.status(partition);
    if (!status || !status->leads || status->leader_epoch != epoch) return;
    placed = core.append(partition, count, boot_time_ms());
    if (placed.admission == Admission::kYes)
      enqueue({placed.leader_epoch, placed.base, placed.cuts});
  });
  if (placed.admission != Admission::kYes) return no_leader(partition, placed.admission);
  return {};
}

void ReplicaHost::durable(std::span<const storage::LogEnd> ends) {
  step([&](replication::Replication& core) REQUIRES(mutex_) {
    for (const storage::LogEnd& end : ends) {
      if (end.removals == removals_[end.partition]) core.durable(end.partition, end.cuts, end.end);
    }
  });
}

void ReplicaHost::log_failed(const Error& error) { options_.failed(error); }

std::map<metadata::PartitionId, storage::Flushable> ReplicaHost::flushable() {
  std::map<PartitionId, storage::Flushable> found;
  const base::MutexLock lock(mutex_);
  for (const PartitionId partition : core_.partitions()) {
    const metadata::OffsetRange offsets = core_.flushable(partition);
    if (offsets.size() > 0) found[partition] = {core_.status(partition)->leader_epoch, offsets};
  }
  return found;
}

std::map<metadata::PartitionId, metadata::Offset> ReplicaHost::trimmable() {
  std::map<PartitionId, metadata::Offset> found;
  const base::MutexLock lock(mutex_);
  for (const PartitionId partition : core_.partitions())
    found[partition] = core_.trimmable(partition);
  return found;
}

void ReplicaHost::trimmed(PartitionId partition, metadata::Offset start) {
  step([&](replication::Replication& core) {
    // It may be the log of a copy that was removed meanwhile.
    const bool is_of_now = core.status(partition) && start <= core.trimmable(partition);
    if (is_of_now) core.trimmed(partition, start);
  });
}

// --- Readers -------------------------------------------------------------------------------------

Result<metadata::Version> ReplicaHost::wait_applied(metadata::Version version, Deadline deadline) {
  const base::MutexLock lock(mutex_);
  while (core_.version() < version) {
    if (stopping_) return Error{ErrorCode::kUnavailable, "this node is stopping"};
    if (!changed_.wait_until(mutex_, deadline))
      return Error{ErrorCode::kTimeout, "this node does not have the newest metadata"};
  }
  return core_.version();
}

Result<metadata::LeaderEpoch> ReplicaHost::begin_read(PartitionId partition, Deadline deadline) {
  const base::MutexLock lock(mutex_);
  while (true) {
    const auto status = core_.status(partition);
    const bool leads = status && status->leads;
    const Admission admission =
        leads ? core_.may_read_strictly(partition, status->leader_epoch, boot_time_ms())
              : Admission::kNotLeader;
    if (admission == Admission::kYes) return status->leader_epoch;
    const auto now = std::chrono::steady_clock::now();
    if (stopping_ || admission == Admission::kNotLeader || now >= deadline)
      return no_leader(partition, admission);
    changed_.wait_until(mutex_, std::min(deadline, now + kReadPause));
  }
}

Result<> ReplicaHost::end_read(PartitionId partition, metadata::LeaderEpoch epoch) {
  const base::MutexLock lock(mutex_);
  const Admission admission = core_.may_read_strictly(partition, epoch, boot_time_ms());
  if (admission != Admission::kYes) return no_leader(partition, admission);
  return {};
}

std::map<metadata::PartitionId, replication::ReplicaStatus> ReplicaHost::status() const {
  std::map<PartitionId, replication::ReplicaStatus> all;
  const base::MutexLock lock(mutex_);
  for (const PartitionId partition : core_.partitions()) all[partition] = *core_.status(partition);
  return all;
}

std::int64_t ReplicaHost::lease_end_ms() const {
  const base::MutexLock lock(mutex_);
  return core_.lease_end();
}

// --- Output: in the order that replication/ready.h asks for --------------------------------------

void ReplicaHost::carry_out(storage::Work& work) {
  replication::Ready ready = core_.take_ready();
  const auto add = [&](storage::Work more) {
    for (auto& done : more) work.push_back(std::move(done));
  };
  for (const auto& ended : ready.ended)
    add(log_->end_leadership(ended.partition, ended.leader_epoch));
  for (const replication::LogChange& change : ready.log) change_log(change);
  for (const replication::Committed& committed : ready.committed) {
    const bool may_acknowledge = core_.may_acknowledge(committed.partition, committed.leader_epoch,
                                                       boot_time_ms()) == Admission::kYes;
    add(log_->commit(committed.partition, committed.leader_epoch, committed.high_watermark,
                     may_acknowledge));
  }
  for (replication::SendAnswer& sent : ready.answers) answer(std::move(sent));
  for (replication::SendFetch& fetch : ready.fetches)
    calls_.send({.from = self_, .to = fetch.to, .what = fetch.fetch});
  for (replication::Proposal& proposal : ready.proposals) {
    proposals_.push_back(std::move(proposal));
    proposals_changed_.notify_one();
  }
  for (const PartitionId partition : ready.removed) {
    ++removals_[partition];
    log_->remove(partition);
  }
  for (const PartitionId partition : ready.quarantined) {
    options_.failed(Error{
        ErrorCode::kCorruption,
        fmt::format("the log of partition {} contradicts what is committed", partition.value()),
        "keep the data directory for a closer look, and start this node with an empty one"});
  }
  if (ready.registered_anew) options_.registered_anew();
  changed_.notify_all();
}

void ReplicaHost::change_log(const replication::LogChange& change) {
  auto queued = log_->change_log(change);
  // Bytes of another node that are not what they should be: this log cannot go on behind them.
  if (!queued) options_.failed(queued.error());
}

void ReplicaHost::answer(replication::SendAnswer sent) {
  if (sent.answer.outcome == replication::FetchOutcome::kReset)
    sent.answer.dedup = log_->dedup_below(sent.answer.partition, sent.answer.start);
  if (sent.records.size() == 0) {
    calls_.send({.from = self_, .to = sent.to, .what = std::move(sent.answer)});
    return;
  }
  answers_.push_back(std::move(sent));
  answers_changed_.notify_one();
}

// --- Threads -------------------------------------------------------------------------------------

void ReplicaHost::run_clock() {
  metadata::Version version = 0;
  while (true) {
    const metadata::StatePtr state = metadata_.wait_beyond(version, kClockInterval);
    {
      const base::MutexLock lock(mutex_);
      if (stopping_) return;
    }
    const bool is_newer = state->version > version;
    if (is_newer) calls_.update(*state);
    step([&](replication::Replication& core) REQUIRES(mutex_) {
      ticked_ms_ = boot_time_ms();
      core.tick(ticked_ms_);
      if (!is_newer) return;
      core.apply(*state);
      log_->apply(state);
    });
    version = std::max(version, state->version);
  }
}

std::optional<replication::SendAnswer> ReplicaHost::next_answer() {
  const base::MutexLock lock(mutex_);
  while (answers_.empty() && !stopping_) answers_changed_.wait(mutex_);
  if (stopping_) return std::nullopt;
  replication::SendAnswer answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

void ReplicaHost::run_answers() {
  while (auto answer = next_answer()) read_and_send(*std::move(answer));
}

// One that cannot be read is asked for again. Records that came from a log that was cut meanwhile,
// or under another leadership, are nobody's answer.
void ReplicaHost::read_and_send(replication::SendAnswer answer) {
  const PartitionId partition = answer.answer.partition;
  auto batches = log_->read_log(partition, answer.cuts, answer.records, options_.answer_bytes_max);
  if (!batches) {
    if (batches.error().code != ErrorCode::kNotFound)
      options_.log("records for another node: " + batches.error().message);
    return;
  }
  answer.answer.batches = *std::move(batches);
  ReplicaMessage message{.from = {}, .to = answer.to, .what = std::move(answer.answer)};
  {
    const base::MutexLock lock(mutex_);
    const auto status = core_.status(partition);
    const auto epoch = std::get<replication::FetchAnswer>(message.what).leader_epoch;
    const bool is_current =
        status && status->leads && status->leader_epoch == epoch && status->cuts == answer.cuts;
    if (!is_current) return;
    message.from = self_;
  }
  calls_.send(message);
}

std::optional<replication::Proposal> ReplicaHost::next_proposal() {
  const base::MutexLock lock(mutex_);
  while (proposals_.empty() && !stopping_) proposals_changed_.wait(mutex_);
  if (stopping_) return std::nullopt;
  replication::Proposal proposal = std::move(proposals_.front());
  proposals_.pop_front();
  return proposal;
}

void ReplicaHost::run_proposals() {
  while (const auto proposal = next_proposal()) {
    const auto outcome = propose(*proposal);
    step([&](replication::Replication& core) {
      core.proposal_done(proposal->command.partition, proposal->id, outcome);
    });
  }
}

replication::ProposalOutcome ReplicaHost::propose(const replication::Proposal& proposal) {
  const auto done = metadata_.propose(proposal.command);
  if (done) return replication::ProposalOutcome::kAccepted;
  return done.error().code == ErrorCode::kConflict ? replication::ProposalOutcome::kRefused
                                                   : replication::ProposalOutcome::kUnknown;
}

}  // namespace lynxdb::cluster
