// Merges segments and puts the result in their place, in one metadata command.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "metadata/metadata_store.h"
#include "storage/compaction/compaction_plan.h"
#include "storage/compaction/garbage.h"
#include "storage/compaction/rate_limit.h"
#include "storage/segment_builder.h"

namespace lynxdb::storage {

// One round at a time.
class Compactor {
 public:
  Compactor(const SegmentContext& context, metadata::MetadataStore& metadata, Garbage& garbage,
            RateLimit& rate)
      : context_(context), metadata_(metadata), garbage_(garbage), rate_(rate) {}

  enum class Retry : std::uint8_t { kAll, kWhenTimeHasPassed };

  // Does what is planned now, with `compaction.workers` threads. A job that fails changes nothing
  // and does not keep the others from being done; the first error is returned. One that failed on
  // damage would fail again: kWhenTimeHasPassed leaves it alone for a while, a longer one each
  // time.
  Result<> run(Retry retry) EXCLUDES(mutex_);

  std::uint64_t compactions() const { return compactions_.load(); }
  std::uint64_t failures() const { return failures_.load(); }
  // Why a job is left alone; nothing when none is.
  std::optional<Error> problem() const EXCLUDES(mutex_);

 private:
  // A job by its inputs.
  using JobKey = std::vector<metadata::SegmentId>;
  struct Failed {
    Error error;
    std::chrono::seconds pause{0};
    base::Clock::Monotonic retry_at;
  };

  static JobKey key_of(const CompactionJob& job);
  void forget_others(const std::vector<CompactionJob>& jobs) EXCLUDES(mutex_);
  bool must_wait(const CompactionJob& job) const EXCLUDES(mutex_);
  void note(const CompactionJob& job, const Result<>& done) EXCLUDES(mutex_);
  Result<> compact(const CompactionJob& job);
  Result<UploadedSegment> merge(const CompactionJob& job);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  Garbage& garbage_;
  RateLimit& rate_;
  std::atomic<std::uint64_t> compactions_{0};
  std::atomic<std::uint64_t> failures_{0};
  mutable base::Mutex mutex_;
  std::map<JobKey, Failed> failed_ GUARDED_BY(mutex_);  // Of the jobs that are planned.
};

}  // namespace lynxdb::storage
