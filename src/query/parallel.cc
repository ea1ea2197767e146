#include "query/parallel.h"

#include <atomic>
#include <map>
#include <thread>

#include "base/mutex.h"
#include "query/expression_memory.h"
#include "query/shard.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;

// What expressions make of a batch is taken from the query's memory.
Result<EventBatch> apply_within(const std::vector<TransformPtr>& transforms, EventBatch batch,
                                Execution& execution) {
  ExpressionMemory memory(execution);
  for (const TransformPtr& transform : transforms) {
    if (batch.rows() == 0) break;
    batch = TRY(transform->apply(std::move(batch)));
    TRY(memory.check(transform->command()));
  }
  return batch;
}

// One worker's step: the next batch behind the transforms (maybe empty), nullopt at the end.
Result<std::optional<EventBatch>> next_transformed(Source& source,
                                                   const std::vector<TransformPtr>& transforms,
                                                   Execution& execution) {
  TRY(execution.cancellation.check());
  std::optional<EventBatch> batch = TRY(source.next());
  if (!batch) return std::optional<EventBatch>();
  const std::uint64_t sequence = batch->sequence();
  const std::uint64_t next_sequence = batch->next_sequence();
  EventBatch rows = transforms.empty()
                        ? *std::move(batch)
                        : TRY(apply_within(transforms, *std::move(batch), execution));
  rows.set_sequence(sequence, next_sequence);
  return std::optional<EventBatch>(std::move(rows));
}

// Hands out what workers made in batches of the size that operators look at cancellation for.
class Pieces {
 public:
  void put(EventBatch batch) {
    batch_ = std::move(batch);
    begin_ = 0;
  }
  std::optional<EventBatch> next() {
    const std::size_t left = batch_.rows() - begin_;
    if (left == 0) return std::nullopt;
    // What is little larger is not worth a cut.
    const std::size_t size = left < 2 * kBatchRows ? left : kBatchRows;
    EventBatch piece = batch_.slice(begin_, size);
    begin_ += size;
    if (begin_ == batch_.rows()) put({});
    return piece;
  }

 private:
  EventBatch batch_;
  std::size_t begin_ = 0;
};

// Everything in the caller's thread.
class SerialScan final : public Operator {
 public:
  SerialScan(SourcePtr source, std::vector<TransformPtr> transforms, Execution& execution)
      : source_(std::move(source)), transforms_(std::move(transforms)), execution_(execution) {}
  ~SerialScan() override { source_->stop(); }
  SerialScan(const SerialScan&) = delete;
  SerialScan& operator=(const SerialScan&) = delete;

  Result<std::optional<EventBatch>> next() override {
    for (;;) {
      if (std::optional<EventBatch> piece = pieces_.next()) return piece;
      std::optional<EventBatch> batch = TRY(next_transformed(*source_, transforms_, execution_));
      if (!batch) return batch;
      pieces_.put(*std::move(batch));
    }
  }

 private:
  Pieces pieces_;
  SourcePtr source_;
  std::vector<TransformPtr> transforms_;
  Execution& execution_;
};

// Workers put batches into a map by sequence number; the reader takes them in order. A worker waits
// while the map is full, or holds as much as batches in flight may take of the query's memory: the
// one that has the reader's next batch never does, so nobody waits for ever.
class ParallelScan final : public Operator {
 public:
  ParallelScan(SourcePtr source, std::vector<TransformPtr> transforms, Execution& execution)
      : source_(std::move(source)),
        transforms_(std::move(transforms)),
        execution_(execution),
        ready_max_(4 * execution.threads),
        memory_(execution.memory) {}

  ~ParallelScan() override {
    {
      const base::MutexLock lock(mutex_);
      stopped_ = true;
    }
    source_->stop();
    room_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  ParallelScan(const ParallelScan&) = delete;
  ParallelScan& operator=(const ParallelScan&) = delete;

  Result<std::optional<EventBatch>> next() override EXCLUDES(mutex_) {
    if (workers_.empty()) start();
    for (;;) {
      if (std::optional<EventBatch> piece = pieces_.next()) return piece;
      std::optional<EventBatch> batch;
      {
        const base::MutexLock lock(mutex_);
        while (ready_.empty() || ready_.begin()->first != next_sequence_) {
          if (running_ == 0)
            return failure_ ? Result<std::optional<EventBatch>>(*failure_)
                            : std::optional<EventBatch>();
          arrived_.wait(mutex_);
        }
        batch = std::move(ready_.begin()->second.batch);
        ready_bytes_ -= ready_.begin()->second.bytes;
        memory_.resize(ready_bytes_);
        ready_.erase(ready_.begin());
        next_sequence_ = batch->next_sequence();
      }
      room_.notify_all();
      pieces_.put(*std::move(batch));
    }
  }

 private:
  void start() EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      running_ = execution_.threads;
    }
    for (std::size_t i = 0; i < execution_.threads; ++i) workers_.emplace_back([this] { work(); });
  }

  void work() EXCLUDES(mutex_) {
    for (;;) {
      Result<std::optional<EventBatch>> batch = next_transformed(*source_, transforms_, execution_);
      const std::size_t bytes = batch && *batch ? counted_bytes(**batch) : 0;
      const base::MutexLock lock(mutex_);
      const bool done = !batch || !*batch || stopped_ || !deliver(std::move(**batch), bytes);
      if (!batch && !failure_) failure_ = batch.error();
      if (done || failure_) {
        --running_;
        if (failure_) {
          stopped_ = true;
          room_.notify_all();
        }
        arrived_.notify_all();
        return;
      }
      if (!ready_.empty() && ready_.begin()->first == next_sequence_) arrived_.notify_one();
    }
  }

  // Small batches are not worth the look at each of their values.
  std::size_t counted_bytes(const EventBatch& batch) const {
    constexpr std::size_t kFewCells = 64U << 10U;
    constexpr std::size_t kSmallBytes = 4U << 20U;
    if (transforms_.empty() && batch.rows() * batch.field_count() < kFewCells) return 0;
    const std::size_t bytes = batch.memory_bytes();
    return bytes > kSmallBytes ? bytes : 0;
  }

  // False when nobody wants it any more.
  bool deliver(EventBatch batch, std::size_t bytes) REQUIRES(mutex_) {
    const std::uint64_t sequence = batch.sequence();
    while (!stopped_ && sequence != next_sequence_ && !make_room(bytes)) room_.wait(mutex_);
    if (stopped_) return false;
    if (batch.rows() == 0 && sequence == next_sequence_) {
      go_to(batch.next_sequence());
      return true;
    }
    ready_bytes_ += bytes;
    ready_.emplace(sequence, Ready{std::move(batch), bytes});
    return true;
  }

  // The reader is not woken for batches without rows.
  void go_to(std::uint64_t sequence) REQUIRES(mutex_) {
    next_sequence_ = sequence;
    while (!ready_.empty() && ready_.begin()->first == next_sequence_ &&
           ready_.begin()->second.batch.rows() == 0) {
      next_sequence_ = ready_.begin()->second.batch.next_sequence();
      ready_bytes_ -= ready_.begin()->second.bytes;
      ready_.erase(ready_.begin());
    }
    room_.notify_all();
  }

  bool make_room(std::size_t bytes) REQUIRES(mutex_) {
    // The rest of the memory is for the operators.
    const std::size_t bytes_max = execution_.memory.limit_bytes() / 4;
    return ready_.size() < ready_max_ && (bytes == 0 || (ready_bytes_ + bytes <= bytes_max &&
                                                         memory_.resize(ready_bytes_ + bytes)));
  }

  SourcePtr source_;
  std::vector<TransformPtr> transforms_;
  Execution& execution_;
  const std::size_t ready_max_;
  Pieces pieces_;

  base::Mutex mutex_;
  base::CondVar arrived_;
  base::CondVar room_;
  struct Ready {
    EventBatch batch;
    std::size_t bytes = 0;
  };
  std::map<std::uint64_t, Ready> ready_ GUARDED_BY(mutex_);
  std::size_t ready_bytes_ GUARDED_BY(mutex_) = 0;
  base::MemoryReservation memory_ GUARDED_BY(mutex_);
  std::uint64_t next_sequence_ GUARDED_BY(mutex_) = 0;
  std::size_t running_ GUARDED_BY(mutex_) = 0;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  std::vector<std::thread> workers_;
};

// Runs the aggregation at the first pull, then hands out its rows.
class AggregationOperator : public Operator {
 public:
  AggregationOperator(StagePtr stage, Execution& execution)
      : stage_(std::move(stage)), execution_(execution) {}

  Result<std::optional<EventBatch>> next() final {
    if (rows_ == nullptr) rows_ = stage_->finish(TRY(consume()), execution_);
    TRY(execution_.cancellation.check());
    return rows_->next();
  }

 protected:
  using Parts = AggregationParts;
  virtual Result<Parts> consume() = 0;
  std::shared_ptr<const AggregationSpec> spec() const { return stage_->spec(); }
  std::unique_ptr<PartialAggregation> make_part() {
    return std::make_unique<PartialAggregation>(stage_->spec(), execution_);
  }
  Execution& execution() { return execution_; }

 private:
  StagePtr stage_;
  Execution& execution_;
  OperatorPtr rows_;
};

class SerialAggregation final : public AggregationOperator {
 public:
  SerialAggregation(OperatorPtr input, StagePtr stage, Execution& execution)
      : AggregationOperator(std::move(stage), execution), input_(std::move(input)) {}

 private:
  Result<Parts> consume() override {
    Parts parts;
    parts.push_back(make_part());
    std::uint64_t sequence = 0;
    while (std::optional<EventBatch> batch = TRY(input_->next())) {
      TRY(execution().cancellation.check());
      batch->set_sequence(sequence++);  // Operators may have dropped or split batches.
      TRY(parts.front()->consume(*batch));
    }
    return parts;
  }

  OperatorPtr input_;
};

class ParallelAggregation final : public AggregationOperator {
 public:
  ParallelAggregation(SourcePtr source, std::vector<TransformPtr> transforms, StagePtr stage,
                      Execution& execution, RemoteGroups* remote)
      : AggregationOperator(std::move(stage), execution),
        source_(std::move(source)),
        transforms_(std::move(transforms)),
        remote_(remote) {}
  ~ParallelAggregation() override { source_->stop(); }
  ParallelAggregation(const ParallelAggregation&) = delete;
  ParallelAggregation& operator=(const ParallelAggregation&) = delete;

 private:
  Result<Parts> consume() override {
    Parts parts = TRY(aggregate_rows(*source_, transforms_, spec(), execution()));
    if (remote_ == nullptr) return parts;
    const auto aggregate = [this](Source& rows) {
      return aggregate_rows(rows, transforms_, spec(), execution());
    };
    for (auto& part : TRY(remote_->collect(spec(), aggregate))) parts.push_back(std::move(part));
    return parts;
  }

  SourcePtr source_;
  std::vector<TransformPtr> transforms_;
  RemoteGroups* remote_;
};

Result<> aggregate_share(Source& source, const std::vector<TransformPtr>& transforms,
                         PartialAggregation& part, Execution& execution) {
  while (std::optional<EventBatch> batch = TRY(next_transformed(source, transforms, execution)))
    if (batch->rows() > 0) TRY(part.consume(*batch));
  return {};
}

}  // namespace

Result<EventBatch> apply_all(const std::vector<TransformPtr>& transforms, EventBatch batch) {
  for (const TransformPtr& transform : transforms) {
    if (batch.rows() == 0) break;
    batch = TRY(transform->apply(std::move(batch)));
  }
  return batch;
}

OperatorPtr make_parallel_scan(SourcePtr source, std::vector<TransformPtr> transforms,
                               Execution& execution) {
  if (execution.threads <= 1)
    return std::make_unique<SerialScan>(std::move(source), std::move(transforms), execution);
  return std::make_unique<ParallelScan>(std::move(source), std::move(transforms), execution);
}

Result<AggregationParts> aggregate_rows(Source& source, const std::vector<TransformPtr>& transforms,
                                        const std::shared_ptr<const AggregationSpec>& spec,
                                        Execution& execution) {
  AggregationParts parts;
  for (std::size_t i = 0; i < execution.threads; ++i)
    parts.push_back(std::make_unique<PartialAggregation>(spec, execution));
  if (parts.size() == 1) {
    TRY(aggregate_share(source, transforms, *parts.front(), execution));
    return parts;
  }
  // The others need not finish when one failed; their reads then end as cancelled. So the first
  // failure is the query's.
  std::vector<Result<>> results(parts.size());
  const std::size_t none = parts.size();
  std::atomic<std::size_t> failed_first{none};
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < parts.size(); ++i)
    workers.emplace_back([&, i] {
      results[i] = aggregate_share(source, transforms, *parts[i], execution);
      if (results[i]) return;
      std::size_t expected = none;
      failed_first.compare_exchange_strong(expected, i);
      source.stop();
    });
  for (std::thread& worker : workers) worker.join();
  if (failed_first != none) return results[failed_first].error();
  return parts;
}

OperatorPtr make_parallel_aggregation(SourcePtr source, std::vector<TransformPtr> transforms,
                                      StagePtr stage, Execution& execution, RemoteGroups* remote) {
  return std::make_unique<ParallelAggregation>(std::move(source), std::move(transforms),
                                               std::move(stage), execution, remote);
}

OperatorPtr make_aggregation(OperatorPtr input, StagePtr stage, Execution& execution) {
  return std::make_unique<SerialAggregation>(std::move(input), std::move(stage), execution);
}

}  // namespace lynxdb::query
