// Merges segments and puts the result in their place, in one metadata command.
#pragma once

#include <atomic>
#include <cstdint>

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

  // Does what is planned now, with `compaction.workers` threads. A job that fails changes nothing
  // and does not keep the others from being done; the first error is returned.
  Result<> run();

  std::uint64_t compactions() const { return compactions_.load(); }
  std::uint64_t failures() const { return failures_.load(); }

 private:
  Result<> compact(const CompactionJob& job);
  Result<UploadedSegment> merge(const CompactionJob& job);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  Garbage& garbage_;
  RateLimit& rate_;
  std::atomic<std::uint64_t> compactions_{0};
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace lynxdb::storage
