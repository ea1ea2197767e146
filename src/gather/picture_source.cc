#include "gather/picture_source.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/mutex.h"
#include "gather/groups.h"
#include "gather/rows.h"
#include "query/parallel.h"
#include "scan/store_source.h"

namespace lynxdb::gather {
namespace {

using event::EventBatch;

// Rows of this node come from next(), of the others come groups.
class GroupsSource final : public query::Source {
 public:
  GroupsSource(std::unique_ptr<ScanTask> task, query::SourcePtr own, std::vector<Share> shares)
      : task_(std::move(task)), own_(std::move(own)), groups_(*task_, std::move(shares)) {}

  Result<std::optional<EventBatch>> next() override { return own_->next(); }
  void stop() override { own_->stop(); }
  Progress progress() const override { return own_->progress(); }
  query::RemoteGroups* remote_groups() override { return &groups_; }

 private:
  const std::unique_ptr<ScanTask> task_;
  const query::SourcePtr own_;
  ShareGroups groups_;
};

// All rows in one order. What workers ask for at the same time is merged one after the other.
class RowsSource final : public query::Source {
 public:
  RowsSource(std::unique_ptr<ScanTask> task, query::SourcePtr own, const std::vector<Share>& shares)
      : task_(std::move(task)), own_(std::move(own)) {
    std::vector<query::OperatorPtr> inputs;
    // Who wants few rows wants none that are read ahead.
    if (task_->request.rows_wanted > 0)
      inputs.push_back(std::make_unique<Serial>(*own_));
    else
      inputs.push_back(query::make_parallel_scan(own_, {}, task_->execution));
    for (const Share& share : shares) inputs.push_back(share_rows(*task_, share));
    rows_ = merge_newest_first(std::move(inputs));
  }

  Result<std::optional<EventBatch>> next() override EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (ended_ || stopped_.load(std::memory_order_relaxed)) return std::optional<EventBatch>();
    auto batch = rows_->next();
    ended_ = !batch || !*batch;
    if (ended_) return batch;
    events_ += (*batch)->rows();
    (*batch)->remove(scan::kOffsetColumn);
    (*batch)->remove(scan::kPartitionColumn);
    const auto& request = task_->request;
    if (!request.all_fields &&
        std::ranges::find(request.fields, event::kTime) == request.fields.end())
      (*batch)->remove(event::kTime);
    (*batch)->set_sequence(sequence_++);
    return batch;
  }
  void stop() override {
    stopped_.store(true, std::memory_order_relaxed);
    own_->stop();
  }
  Progress progress() const override {
    return {.events = events_.load(std::memory_order_relaxed), .bytes = 0, .bytes_total = 0};
  }

 private:
  struct Serial final : query::Operator {
    explicit Serial(query::Source& rows) : source(rows) {}
    Result<std::optional<EventBatch>> next() override {
      while (true) {
        auto batch = TRY(source.next());
        if (!batch || batch->rows() > 0) return batch;
      }
    }
    query::Source& source;
  };

  const std::unique_ptr<ScanTask> task_;
  const query::SourcePtr own_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> events_{0};
  base::Mutex mutex_;
  query::OperatorPtr rows_ GUARDED_BY(mutex_);
  std::uint64_t sequence_ GUARDED_BY(mutex_) = 0;
  bool ended_ GUARDED_BY(mutex_) = false;
};

}  // namespace

Result<query::SourcePtr> open_picture(const std::shared_ptr<Picture>& picture,
                                      const std::vector<spl2::SourceName>& names,
                                      const query::ScanRequest& request,
                                      query::Execution& execution) {
  auto task = std::make_unique<ScanTask>(
      ScanTask{picture, request, scan::select_indexes(picture->indexes(), names, execution.hints),
               execution});
  SharePlan plan = plan_shares(*task);
  const bool groups = !request.shard_text.empty();
  const auto keep_order =
      plan.others.empty() || groups ? scan::KeepOrder::kNo : scan::KeepOrder::kYes;
  const storage::ReadView& local = picture->local();
  query::SourcePtr own;
  if (plan.spread) {
    own = TRY(open_here(*task, plan.own, {local.tail().begin(), local.tail().end()}, keep_order));
  } else {
    own = TRY(scan::open_store_source(local, picture->segments(), task->indexes, request, execution,
                                      picture->counters(), keep_order));
  }
  NodeWork work{.shares = 1, .segments = plan.spread ? plan.own.size() : 0};
  if (!plan.spread) work.segments = picture->state().segments.size();
  for (const storage::TailBatchPtr& batch : local.tail()) work.tail_rows += batch->batch->rows();
  picture->worked(picture->options().own_name, work);
  if (plan.others.empty()) return own;
  if (groups)
    return query::SourcePtr(
        std::make_shared<GroupsSource>(std::move(task), std::move(own), std::move(plan.others)));
  return query::SourcePtr(
      std::make_shared<RowsSource>(std::move(task), std::move(own), plan.others));
}

}  // namespace lynxdb::gather
