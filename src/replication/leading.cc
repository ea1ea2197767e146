// A leader's side of a copy: comparing logs with those who ask, and answering them.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/partition_replica.h"

namespace lynxdb::replication {

FetchAnswer PartitionReplica::answer_to(const Fetch& fetch, FetchOutcome outcome) const {
  FetchAnswer answer;
  answer.partition = id_;
  answer.id = fetch.id;
  answer.leader_epoch = leader_epoch_;
  answer.outcome = outcome;
  answer.high_watermark = hw_;
  return answer;
}

// Nullopt: the follower's log is a part of this one.
std::optional<FetchAnswer> PartitionReplica::compare(const Fetch& fetch) const {
  const EpochEnd own = history_.end_of(fetch.last_epoch, log_end_);
  const bool is_behind = fetch.log_end < log_start_;
  // It has nothing, and there is nothing before that here, either: both were given the same start.
  const bool has_nothing = fetch.last_epoch == 0 && fetch.log_end <= log_end_ &&
                           history_.epoch_before(fetch.log_end) == 0;
  const bool is_foreign = !has_nothing && own.epoch == 0 && log_start_ > 0;
  if (fetch.wants_reset || is_behind || is_foreign) {
    LYNXDB_CHECK(log_start_ <= flushed_);
    FetchAnswer answer = answer_to(fetch, FetchOutcome::kReset);
    answer.start = flushed_;
    answer.epochs = history_.below(flushed_);
    return answer;
  }
  const bool matches = own.epoch == fetch.last_epoch && fetch.log_end <= own.end;
  if (has_nothing || matches) return std::nullopt;
  FetchAnswer answer = answer_to(fetch, FetchOutcome::kDiverging);
  answer.diverging = own;
  return answer;
}

void PartitionReplica::receive(const Self& self, NodeId from, const Fetch& fetch, Ready& out) {
  if (fetch.durable > fetch.log_end) return;  // Makes no sense.
  const auto answer = [&](FetchAnswer with) {
    out.answers.push_back({from, std::move(with), {}, cuts_});
  };
  if (fetch.leader_epoch < leader_epoch_) return answer(answer_to(fetch, FetchOutcome::kFenced));
  if (!leading_ || fetch.leader_epoch > leader_epoch_)
    return answer(answer_to(fetch, FetchOutcome::kNotLeader));
  if (leading_->is_stale(from, fetch)) return answer(answer_to(fetch, FetchOutcome::kFenced));
  if (auto difference = compare(fetch)) {
    leading_->parted(from, fetch);
    return answer(std::move(*difference));
  }
  leading_->matched(from, fetch, log_end_, self.now);
}

void PartitionReplica::answer_waiting(const Self& self, Ready& out) {
  for (const WaitingFetch& waiting :
       leading_->take_answerable(log_end_, options_.fetch_wait_ms, self.now)) {
    Fetch fetch;
    fetch.id = waiting.id;
    out.answers.push_back({waiting.from,
                           answer_to(fetch, FetchOutcome::kRecords),
                           {waiting.log_end, log_end_},
                           cuts_});
  }
}

}  // namespace lynxdb::replication
