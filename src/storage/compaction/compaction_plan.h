// Which segments to merge: many small ones make queries slow, and merging everything again and
// again makes writing slow. Segments of one index and time bucket rise from L0 (flushed) over L1 to
// L2 (about l2_target_bytes), so an event is rewritten about twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metadata/state.h"
#include "storage/options.h"

namespace lynxdb::storage {

struct CompactionJob {
  std::vector<metadata::SegmentPtr> inputs;  // Oldest events' offsets first.
  std::uint32_t level = 0;                   // Of the merged segment.
  std::string bucket;
};

// Jobs that share no segment. Only neighbours in the order of arrival are merged, so that events of
// equal times keep their order. `now_ns`: a bucket that is over is merged once more, even when its
// levels are below their thresholds.
std::vector<CompactionJob> plan_compaction(const metadata::State& state,
                                           const CompactionOptions& options, TimeBucket bucket,
                                           std::int64_t now_ns);

}  // namespace lynxdb::storage
