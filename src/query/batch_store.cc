#include "query/batch_store.h"

#include "base/check.h"

namespace lynxdb::query {

using event::EventBatch;

Result<> BatchStore::fill(Operator& rows) {
  while (std::optional<EventBatch> batch = TRY(rows.next())) {
    TRY(execution_.cancellation.check());
    EventBatch kept = event::compact(*batch);
    const std::size_t bytes = kept.memory_bytes();
    if (spilled_ == 0 && memory_.resize(memory_bytes_ + bytes)) {
      memory_bytes_ += bytes;
      batches_.push_back(std::move(kept));
      continue;
    }
    const base::MutexLock lock(mutex_);
    if (file_ == nullptr) file_ = TRY(SpillFile::create(execution_.spill));
    TRY(file_->append(kept));
    ++spilled_;
  }
  const base::MutexLock lock(mutex_);
  if (file_ != nullptr) TRY(file_->finish());
  return {};
}

Result<EventBatch> BatchStore::read(std::size_t index) {
  if (index < batches_.size()) return batches_[index];
  const std::size_t wanted = index - batches_.size();
  const base::MutexLock lock(mutex_);
  // Sources read forwards; only several at once make each other start again.
  if (wanted < file_position_) {
    TRY(file_->rewind());
    file_position_ = 0;
  }
  for (;;) {
    std::optional<EventBatch> batch = TRY(file_->next());
    LYNXDB_CHECK(batch.has_value());
    if (file_position_++ == wanted) return std::move(*batch);
  }
}

class StoreSource final : public Source {
 public:
  explicit StoreSource(std::shared_ptr<BatchStore> store) : store_(std::move(store)) {}

  Result<std::optional<EventBatch>> next() override {
    const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (stopped_ || index >= store_->batches_.size() + store_->spilled_)
      return std::optional<EventBatch>();
    EventBatch batch = TRY(store_->read(index));
    batch.set_sequence(index);
    return std::optional<EventBatch>(std::move(batch));
  }
  void stop() override { stopped_ = true; }
  // Rows of a CTE were counted when they were read.
  Progress progress() const override { return {}; }

 private:
  std::shared_ptr<BatchStore> store_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
};

SourcePtr BatchStore::open(std::shared_ptr<BatchStore> store) {
  return std::make_shared<StoreSource>(std::move(store));
}

namespace {

class ConcatSource final : public Source {
 public:
  explicit ConcatSource(std::vector<SourcePtr> sources) : sources_(std::move(sources)) {}

  Result<std::optional<EventBatch>> next() override EXCLUDES(mutex_) {
    for (;;) {
      std::size_t current = 0;
      {
        const base::MutexLock lock(mutex_);
        current = current_;
        if (current == sources_.size()) return std::optional<EventBatch>();
        ++readers_;
      }
      Result<std::optional<EventBatch>> batch = sources_[current]->next();
      const base::MutexLock lock(mutex_);
      --readers_;
      left_.notify_all();
      if (!batch) return batch;
      if (*batch) {
        end_ = std::max(end_, base_ + (*batch)->next_sequence());
        (*batch)->set_sequence(base_ + (*batch)->sequence(), base_ + (*batch)->next_sequence());
        return batch;
      }
      // The next source's numbers start behind this one's: known when all readers have left it.
      while (current_ == current && readers_ > 0) left_.wait(mutex_);
      if (current_ == current) {
        base_ = end_;
        ++current_;
        left_.notify_all();
      }
    }
  }

  void stop() override {
    for (const SourcePtr& source : sources_) source->stop();
  }

  Progress progress() const override {
    Progress sum;
    for (const SourcePtr& source : sources_) {
      const Progress one = source->progress();
      sum.events += one.events;
      sum.bytes += one.bytes;
      sum.bytes_total += one.bytes_total;
    }
    return sum;
  }

 private:
  const std::vector<SourcePtr> sources_;
  base::Mutex mutex_;
  base::CondVar left_;
  std::size_t current_ GUARDED_BY(mutex_) = 0;
  std::size_t readers_ GUARDED_BY(mutex_) = 0;
  std::uint64_t base_ GUARDED_BY(mutex_) = 0;
  std::uint64_t end_ GUARDED_BY(mutex_) = 0;  // Behind the highest number handed out.
};

class EmptySource final : public Source {
 public:
  Result<std::optional<EventBatch>> next() override { return std::optional<EventBatch>(); }
  Progress progress() const override { return {}; }
};

}  // namespace

SourcePtr concat_sources(std::vector<SourcePtr> sources) {
  if (sources.size() == 1) return std::move(sources.front());
  return std::make_shared<ConcatSource>(std::move(sources));
}

SourcePtr empty_source() { return std::make_shared<EmptySource>(); }

}  // namespace lynxdb::query
