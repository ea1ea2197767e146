#include "cluster/route/leader_service.h"

#include <memory>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "storage/memtable.h"

namespace lynxdb::cluster {
namespace {

// Outcomes of appends that come on other threads, perhaps after nobody waits for them.
class Outcomes {
 public:
  explicit Outcomes(std::size_t count)
      : outcomes_(count, Error{ErrorCode::kUnavailable, "the events were not committed in time",
                               "retry with the same batch id"}),
        left_(count) {}

  void set(std::size_t i, Result<storage::Appended> outcome) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    outcomes_[i] = std::move(outcome);
    if (--left_ == 0) changed_.notify_all();
  }

  AppendOutcomes wait(Deadline deadline) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    while (left_ > 0 && changed_.wait_until(mutex_, deadline)) {
    }
    return outcomes_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  AppendOutcomes outcomes_ GUARDED_BY(mutex_);
  std::size_t left_ GUARDED_BY(mutex_);
};

std::vector<std::string> indexes_of(const std::vector<storage::TailBatchPtr>& batches) {
  std::set<std::string> names;
  for (const storage::TailBatchPtr& batch : batches) storage::add_indexes(*batch, names);
  return {names.begin(), names.end()};
}

TailHold newer(metadata::Version version) {
  TailHold nothing;
  nothing.newer_version = version;
  return nothing;
}

}  // namespace

AppendOutcomes LeaderService::append(std::vector<storage::AppendRequest> requests,
                                     Deadline deadline) {
  const auto outcomes = std::make_shared<Outcomes>(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    store_.append(std::move(requests[i]), [outcomes, i](Result<storage::Appended> outcome) {
      outcomes->set(i, std::move(outcome));
    });
  }
  return outcomes->wait(deadline);
}

// The reader joins these rows with the segments of `version`: they must begin where that version's
// segments end, no more, no less.
Result<TailHold> LeaderService::hold_tail(metadata::Version version,
                                          const std::vector<TailQuestion>& questions,
                                          Deadline deadline) {
  TRY(replicas_.wait_applied(version, deadline));
  TailHold hold;
  std::vector<metadata::LeaderEpoch> epochs;
  for (const TailQuestion& question : questions)
    epochs.push_back(TRY(replicas_.begin_read(question.partition, deadline)));
  for (const TailQuestion& question : questions) {
    const auto read = read_part(question, hold);
    if (!read && read.error().code == ErrorCode::kConflict)
      return newer(metadata_.state()->version);
    TRY(read);
  }
  for (std::size_t i = 0; i < questions.size(); ++i)
    TRY(replicas_.end_read(questions[i].partition, epochs[i]));
  hold.indexes = indexes_of(hold.batches);
  if (!hold.batches.empty()) hold.id = held_.hold(hold.batches);
  return hold;
}

Result<> LeaderService::read_part(const TailQuestion& question, TailHold& hold) {
  storage::TailSlice slice =
      TRY(store_.replicated().read_tail(question.partition, question.flushed));
  const metadata::Offset end = question.end.value_or(slice.offsets.end);
  if (end > slice.offsets.end)
    return Error{ErrorCode::kUnavailable, "this node does not know yet how much is committed"};
  hold.parts.push_back({question.partition, {question.flushed, end}});
  for (storage::TailBatchPtr& batch : slice.batches) {
    if (batch->base_offset >= end) break;
    if (batch->end_offset() > end) batch = storage::slice(batch, batch->base_offset, end);
    hold.rows += batch->batch->rows();
    hold.batches.push_back(std::move(batch));
  }
  return {};
}

Result<ShareTask> LeaderService::open_share(std::uint64_t hold, std::string request,
                                            Deadline deadline) {
  HeldTails::Batches batches =
      hold == 0 ? std::make_shared<std::vector<storage::TailBatchPtr>>() : held_.find(hold);
  if (batches == nullptr)
    return Error{ErrorCode::kConflict, "the newest events are not kept for this query any longer"};
  if (run_share_ == nullptr || stopping_)
    return Error{ErrorCode::kUnavailable, "this node runs no queries of others now"};
  if (shares_.fetch_add(1) >= shares_max_) {
    --shares_;
    return Error{ErrorCode::kUnavailable, "this node runs too many queries of others"};
  }
  const std::shared_ptr<void> place(nullptr, [this](void*) { --shares_; });
  return ShareTask([this, batches, place, request = std::move(request),
                    deadline](const ShareOutput& out) {
    return run_share_(*batches, request, deadline, {.send = out.send, .cancelled = [&] {
                                                      return stopping_.load() || out.cancelled();
                                                    }});
  });
}

}  // namespace lynxdb::cluster
