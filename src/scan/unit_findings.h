// What several slices of one unit need and the first of them finds out: its times, and the rows
// that hold the query's literals.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "base/mutex.h"
#include "base/result.h"
#include "event/column.h"
#include "segment/segment_reader.h"

namespace lynxdb::scan {

// Bytes that the findings of one scan may hold together. Beyond it slices find out for themselves.
class FindingsRoom {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20U;

  bool take(std::size_t bytes) {
    if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= kBytesMax) return true;
    give(bytes);
    return false;
  }
  void give(std::size_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> bytes_{0};
};

// Of one row group, for the slices that were announced. Thread-safe; slices that ask while another
// one looks wait for it.
class UnitFindings {
 public:
  using Found = std::shared_ptr<const segment::FoundRows>;

  UnitFindings() = default;
  // Before the first slice begins.
  void expect_slice() { ++slices_left_; }

  // `find` gives a Result<event::ColumnPtr> of times, one for each row.
  template <typename Find>
  Result<event::ColumnPtr> times(FindingsRoom& room, Find&& find) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (times_ != nullptr) return times_;
    event::ColumnPtr found = TRY(find());
    if (slices_left_ > 1 && keep(found->size() * sizeof(std::int64_t), room)) times_ = found;
    return found;
  }

  // `find` gives a Result<segment::FoundRows>. Only who found them has the fields.
  template <typename Find>
  Result<Found> matches(FindingsRoom& room, Find&& find) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (matches_ != nullptr) return matches_;
    auto found = std::make_shared<const segment::FoundRows>(TRY(find()));
    if (slices_left_ > 1 && keep(found->rows.size() * sizeof(std::uint32_t), room))
      matches_ = std::make_shared<const segment::FoundRows>(found->rows, event::EventBatch());
    return Found(std::move(found));
  }

  // The last slice takes the findings with it.
  void slice_done(FindingsRoom& room) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    if (--slices_left_ > 0) return;
    times_ = nullptr;
    matches_ = nullptr;
    room.give(std::exchange(bytes_, 0));
  }

 private:
  bool keep(std::size_t bytes, FindingsRoom& room) REQUIRES(mutex_) {
    if (!room.take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }

  base::Mutex mutex_;
  event::ColumnPtr times_ GUARDED_BY(mutex_);
  Found matches_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::atomic<std::size_t> slices_left_{0};
};

}  // namespace lynxdb::scan
