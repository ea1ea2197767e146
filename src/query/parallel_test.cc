// Parallel work gives rows in source order, stops when nobody wants more, and passes errors on.
#include "query/parallel.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/batch_store.h"
#include "query/spill.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::EventBatch;

// Batches of one int column `n`: 0, 1, 2 ... `rows` in a batch.
class CountingSource final : public Source {
 public:
  CountingSource(std::uint64_t batches, std::size_t rows, std::uint64_t fail_at = ~0ULL)
      : batches_(batches), rows_(rows), fail_at_(fail_at) {}

  Result<std::optional<EventBatch>> next() override {
    const std::uint64_t sequence = next_.fetch_add(1);
    if (stopped_ || sequence >= batches_) return std::optional<EventBatch>();
    if (sequence == fail_at_) return Error{ErrorCode::kIo, "disk on fire"};
    // Uneven work, so that workers finish out of order.
    if (sequence % 3 == 0) std::this_thread::yield();
    std::vector<std::int64_t> values;
    for (std::size_t row = 0; row < rows_; ++row)
      values.push_back(static_cast<std::int64_t>(sequence * rows_ + row));
    EventBatch batch(rows_);
    batch.set("n", Column::ints(std::move(values)));
    batch.set_sequence(sequence);
    return std::optional<EventBatch>(std::move(batch));
  }
  void stop() override { stopped_ = true; }
  Progress progress() const override { return {}; }
  std::uint64_t handed_out() const { return std::min<std::uint64_t>(next_, batches_); }

 private:
  const std::uint64_t batches_;
  const std::size_t rows_;
  const std::uint64_t fail_at_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> stopped_{false};
};

// Keeps even numbers; batches with a sequence divisible by 5 become empty.
class Thinning final : public Transform {
 public:
  Result<EventBatch> apply(EventBatch batch) const override {
    std::vector<std::uint32_t> rows;
    if (batch.sequence() % 5 != 0)
      for (std::uint32_t row = 0; row < batch.rows(); ++row)
        if ((*batch.find("n"))->int_values()[row] % 2 == 0) rows.push_back(row);
    return batch.take(rows);
  }
};

class Parallel : public ::testing::TestWithParam<std::size_t> {
 protected:
  Parallel() { execution_.threads = GetParam(); }

  static std::vector<std::int64_t> numbers(Operator& rows) {
    std::vector<std::int64_t> all;
    while (true) {
      Result<std::optional<EventBatch>> batch = rows.next();
      if (!batch || !*batch) break;
      EXPECT_GT((*batch)->rows(), 0U);
      for (const std::int64_t n : (*(*batch)->find("n"))->int_values()) all.push_back(n);
    }
    return all;
  }

  SpillSpace spill_{"/tmp", 1U << 30U};
  Execution execution_{std::size_t{64} << 20U, spill_};
};

TEST_P(Parallel, RowsComeInSourceOrder) {
  const auto rows =
      make_parallel_scan(std::make_shared<CountingSource>(400, 7),
                         {std::make_shared<Thinning>(), std::make_shared<Thinning>()}, execution_);
  std::vector<std::int64_t> expected;
  for (std::int64_t n = 0; n < 2800; ++n)
    if (n / 7 % 5 != 0 && n % 2 == 0) expected.push_back(n);
  EXPECT_EQ(numbers(*rows), expected);
}

TEST_P(Parallel, AnEarlyEndStopsTheSource) {
  const auto source = std::make_shared<CountingSource>(1'000'000, 3);
  {
    const auto rows = make_parallel_scan(source, {}, execution_);
    ASSERT_TRUE(rows->next());
  }
  EXPECT_LT(source->handed_out(), 1000U);
}

TEST_P(Parallel, AnErrorOfTheSourceEndsTheQuery) {
  const auto rows =
      make_parallel_scan(std::make_shared<CountingSource>(100, 3, 50), {}, execution_);
  for (int i = 0; i <= 100; ++i) {
    const Result<std::optional<EventBatch>> batch = rows->next();
    if (batch) {
      ASSERT_TRUE(batch->has_value()) << "ended without the error";
      continue;
    }
    EXPECT_EQ(batch.error().message, "disk on fire");
    return;
  }
  FAIL() << "the error was lost";
}

// One worker waits for input until it is stopped, all others find the damage.
class DamagedSource final : public Source {
 public:
  Result<std::optional<EventBatch>> next() override {
    if (calls_.fetch_add(1) > 0) return Error{ErrorCode::kCorruption, "damaged"};
    while (!stopped_) std::this_thread::yield();
    return Error{ErrorCode::kCancelled, "query cancelled"};
  }
  void stop() override { stopped_ = true; }
  Progress progress() const override { return {}; }

 private:
  std::atomic<int> calls_{0};
  std::atomic<bool> stopped_{false};
};

class NoAggregates final : public AggregatingStage {
 public:
  std::shared_ptr<const AggregationSpec> spec() const override {
    return std::make_shared<AggregationSpec>();
  }
  OperatorPtr finish(std::vector<std::unique_ptr<PartialAggregation>> /*parts*/,
                     Execution& /*execution*/) const override {
    return nullptr;
  }
};

TEST_P(Parallel, TheFirstFailureIsTheOneReported) {
  if (GetParam() == 1) GTEST_SKIP() << "nobody else could wait";
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto rows = make_parallel_aggregation(std::make_shared<DamagedSource>(), {},
                                                std::make_shared<NoAggregates>(), execution_);
    const Result<std::optional<EventBatch>> batch = rows->next();
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().message, "damaged");
  }
}

TEST_P(Parallel, CancellingEndsTheQuery) {
  const auto rows =
      make_parallel_scan(std::make_shared<CountingSource>(1'000'000, 3), {}, execution_);
  ASSERT_TRUE(rows->next());
  execution_.cancellation.cancel();
  for (int i = 0; i < 1000; ++i) {
    const Result<std::optional<EventBatch>> batch = rows->next();
    if (batch) continue;
    EXPECT_EQ(batch.error().code, ErrorCode::kCancelled);
    return;
  }
  FAIL() << "went on after cancel";
}

TEST_P(Parallel, SourcesInARowKeepTheirOrder) {
  const auto source = concat_sources({std::make_shared<CountingSource>(50, 2),
                                      std::make_shared<CountingSource>(0, 2),
                                      std::make_shared<CountingSource>(30, 2)});
  const auto rows = make_parallel_scan(source, {}, execution_);
  std::vector<std::int64_t> expected;
  for (std::int64_t n = 0; n < 100; ++n) expected.push_back(n);
  for (std::int64_t n = 0; n < 60; ++n) expected.push_back(n);
  EXPECT_EQ(numbers(*rows), expected);
}

TEST_P(Parallel, AStoreGivesItsRowsToEveryReaderAlsoFromDisk) {
  for (const std::size_t limit : {std::size_t{64} << 20U, std::size_t{2000}}) {
    Execution small(limit, spill_);
    small.threads = GetParam();
    const auto rows = make_parallel_scan(std::make_shared<CountingSource>(60, 5), {}, small);
    const auto store = std::make_shared<BatchStore>(small);
    ASSERT_TRUE(store->fill(*rows));
    const auto first = make_parallel_scan(BatchStore::open(store), {}, small);
    const auto second = make_parallel_scan(BatchStore::open(store), {}, small);
    std::vector<std::int64_t> expected;
    for (std::int64_t n = 0; n < 300; ++n) expected.push_back(n);
    ASSERT_TRUE(first->next());  // Both read at once.
    EXPECT_EQ(numbers(*second), expected);
    EXPECT_EQ(numbers(*first).size(), 295U);
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, Parallel, ::testing::Values(1, 2, 5));

}  // namespace
}  // namespace lynxdb::query
