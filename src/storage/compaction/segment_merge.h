// Merges the rows of several segments, newest first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "segment/segment_reader.h"

namespace lynxdb::storage {

// Gives all rows of `inputs` to `sink`, in batches of a few thousand: by time, newest first; equal
// times by input, the last one first, and within an input as they stand. Holds one row group of
// each input that overlaps in time with what is given out. Errors: those of the readers and of the
// sink.
Result<> merge_segments(std::span<const std::shared_ptr<const segment::SegmentReader>> inputs,
                        const std::function<Result<>(const event::EventBatch&)>& sink);

}  // namespace lynxdb::storage
