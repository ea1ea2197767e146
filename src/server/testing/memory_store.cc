#include "server/testing/memory_store.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

namespace lynxdb::server::testing {
namespace {

using event::EventBatch;

std::string index_of(const EventBatch& batch, std::size_t row) {
  const event::ColumnPtr* column = batch.find(event::kIndex);
  return column == nullptr || (*column)->is_null(row)
             ? "main"
             : std::string((*column)->view(row).as_string());
}

std::int64_t time_of(const EventBatch& batch, std::size_t row) {
  return (*batch.find(event::kTime))->view(row).as_int();
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*')
    return glob_matches(pattern.substr(1), text) ||
           (!text.empty() && glob_matches(pattern, text.substr(1)));
  return !text.empty() && pattern.front() == text.front() &&
         glob_matches(pattern.substr(1), text.substr(1));
}

// Batches newest first.
class MemorySource final : public query::Source {
 public:
  MemorySource(std::vector<EventBatch> batches, std::chrono::milliseconds delay,
               const query::Execution& execution, std::shared_ptr<std::atomic<int>> open)
      : batches_(std::move(batches)), delay_(delay), execution_(execution), open_(std::move(open)) {
    ++*open_;
  }
  ~MemorySource() override { --*open_; }

  Result<std::optional<EventBatch>> next() override {
    const auto until = std::chrono::steady_clock::now() + delay_;
    while (std::chrono::steady_clock::now() < until) {
      TRY(execution_.cancellation.check());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    TRY(execution_.cancellation.check());
    const std::size_t place = next_++;
    std::optional<EventBatch> batch;
    if (stopped_ || place >= batches_.size()) return batch;
    batch = batches_[place];
    batch->set_sequence(place);
    events_ += batch->rows();
    return batch;
  }
  void stop() override { stopped_ = true; }
  Progress progress() const override { return {.events = events_, .bytes = 0, .bytes_total = 0}; }

 private:
  const std::vector<EventBatch> batches_;
  const std::chrono::milliseconds delay_;
  const query::Execution& execution_;
  const std::shared_ptr<std::atomic<int>> open_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> events_{0};
};

class MemoryView final : public QueryView {
 public:
  MemoryView(std::vector<EventBatch> batches, std::chrono::milliseconds delay,
             std::shared_ptr<std::atomic<int>> open)
      : batches_(std::move(batches)), delay_(delay), open_(std::move(open)) {}

  Result<query::SourcePtr> open(const std::vector<spl2::SourceName>& names,
                                const query::ScanRequest& /*request*/,
                                query::Execution& execution) override {
    std::vector<EventBatch> wanted;
    for (const EventBatch& batch : batches_) {
      const std::string index = index_of(batch, 0);
      const bool matches =
          names.empty() ? index == "main"
                        : std::ranges::any_of(names, [&](const spl2::SourceName& name) {
                            return name.glob ? glob_matches(name.name, index) : name.name == index;
                          });
      if (matches) wanted.push_back(batch);
    }
    return query::SourcePtr(
        std::make_shared<MemorySource>(sorted(wanted), delay_, execution, open_));
  }
  ScanStats stats() const override { return {}; }
  std::vector<std::string> indexes() const override {
    std::set<std::string> names;
    for (const EventBatch& batch : batches_) names.insert(index_of(batch, 0));
    return {names.begin(), names.end()};
  }

 private:
  // All rows newest first, later ones before earlier ones of the same time; in batches.
  static std::vector<EventBatch> sorted(const std::vector<EventBatch>& batches) {
    if (batches.empty()) return {};
    const EventBatch all = event::concat(batches);
    std::vector<std::uint32_t> rows(all.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    std::ranges::sort(rows, [&](std::uint32_t a, std::uint32_t b) {
      const std::int64_t time_a = time_of(all, a);
      const std::int64_t time_b = time_of(all, b);
      return time_a != time_b ? time_a > time_b : a > b;
    });
    std::vector<EventBatch> out;
    for (std::size_t at = 0; at < rows.size(); at += query::kBatchRows)
      out.push_back(
          all.take(std::span(rows).subspan(at, std::min(query::kBatchRows, rows.size() - at))));
    return out;
  }

  const std::vector<EventBatch> batches_;
  const std::chrono::milliseconds delay_;
  const std::shared_ptr<std::atomic<int>> open_;
};

}  // namespace

Result<Ingested> MemoryStore::store(IngestBatch& batch) {
  if (failure_) return *failure_;
  if (!batch.batch_id.empty()) {
    const auto known = known_batches_.find(batch.batch_id);
    if (known != known_batches_.end()) {
      if (known->second.content_crc != batch.content_crc)
        return Error{ErrorCode::kConflict, "the batch id was used for other content"};
      Ingested again = known->second.first;
      again.is_retry = true;
      return again;
    }
  }
  Ingested stored;
  std::map<std::string, std::vector<std::uint32_t>> rows_of_index;
  for (std::uint32_t row = 0; row < batch.batch.rows(); ++row) {
    const std::string id = batch.event_ids.empty() ? "" : batch.event_ids[row];
    if (!id.empty() && !known_ids_.insert(id).second)
      stored.duplicate_rows.push_back(row);
    else
      rows_of_index[index_of(batch.batch, row)].push_back(row);
  }
  for (const auto& [index, rows] : rows_of_index) batches_.push_back(batch.batch.take(rows));
  if (!batch.batch_id.empty()) known_batches_[batch.batch_id] = {batch.content_crc, stored};
  return stored;
}

void MemoryStore::append(IngestBatch batch, IngestDone done) {
  std::optional<Result<Ingested>> stored;
  {
    const base::MutexLock lock(mutex_);
    stored.emplace(store(batch));
    if (holds_) {
      held_.emplace_back([done = std::move(done), result = *stored] { done(result); });
      return;
    }
  }
  done(std::move(*stored));
}

Result<std::shared_ptr<QueryView>> MemoryStore::view() {
  const base::MutexLock lock(mutex_);
  return std::shared_ptr<QueryView>(std::make_shared<MemoryView>(batches_, delay_, open_sources_));
}

StoreStatus MemoryStore::status() const {
  const base::MutexLock lock(mutex_);
  StoreStatus status;
  status.retention = "7d";
  std::map<std::string, IndexStatus> indexes;
  for (const EventBatch& batch : batches_) {
    IndexStatus& index = indexes[index_of(batch, 0)];
    index.name = index_of(batch, 0);
    index.events += batch.rows();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const std::int64_t ns = time_of(batch, row);
      index.first_ns = std::min(index.first_ns.value_or(ns), ns);
      index.last_ns = std::max(index.last_ns.value_or(ns), ns);
    }
    status.events += batch.rows();
  }
  status.memtable_events = status.events;
  for (auto& [name, index] : indexes) status.indexes.push_back(std::move(index));
  return status;
}

Health MemoryStore::health() const {
  const base::MutexLock lock(mutex_);
  if (!failure_) return {};
  const bool may_retry = failure_->code == ErrorCode::kOverloaded;
  return {may_retry ? HealthState::kDegraded : HealthState::kUnhealthy, failure_->message};
}

void MemoryStore::write_metrics(MetricsText& out) const {
  out.gauge("memory_store_events", "Events of the store in memory.", events());
}

void MemoryStore::fail_appends(std::optional<Error> error) {
  const base::MutexLock lock(mutex_);
  failure_ = std::move(error);
}

void MemoryStore::slow_down(std::chrono::milliseconds per_batch) {
  const base::MutexLock lock(mutex_);
  delay_ = per_batch;
}

void MemoryStore::hold_appends() {
  const base::MutexLock lock(mutex_);
  holds_ = true;
}

void MemoryStore::release_appends() {
  std::vector<std::function<void()>> held;
  {
    const base::MutexLock lock(mutex_);
    holds_ = false;
    held.swap(held_);
  }
  for (const auto& answer : held) answer();
}

std::size_t MemoryStore::cells_max() const {
  const base::MutexLock lock(mutex_);
  std::size_t most = 0;
  for (const EventBatch& batch : batches_)
    most = std::max(most, batch.rows() * batch.field_count());
  return most;
}

std::uint64_t MemoryStore::events() const {
  const base::MutexLock lock(mutex_);
  std::uint64_t events = 0;
  for (const EventBatch& batch : batches_) events += batch.rows();
  return events;
}

}  // namespace lynxdb::server::testing
