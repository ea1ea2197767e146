// Merges the rows of several segments, newest first.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "segment/segment_reader.h"

namespace lynxdb::storage {

// Where merged rows go.
class MergeSink {
 public:
  virtual ~MergeSink() = default;
  virtual Result<> add(const event::EventBatch& batch) = 0;
  // What comes next does not share a row group with what came before.
  virtual Result<> cut() = 0;
  // The next rows are a row group of an input, as it stands there.
  virtual Result<> copy(std::size_t input, std::size_t row_group) = 0;
  // An error that was met in an input, with the input's name.
  virtual Error in_input(std::size_t /*input*/, Error error) const { return error; }
};

// Gives all rows of `inputs` to `sink`, in batches of a few thousand: by time, newest first; equal
// times by input, the last one first, and within an input as they stand. Row groups that overlap
// with no other input in time are copied, but for those below half of `row_group_rows`, which are
// joined with their neighbours: segments do not fall into small row groups. Holds one row group of
// each input that overlaps in time with what is given out. Errors: those of the readers and of the
// sink.
Result<> merge_segments(std::span<const std::shared_ptr<const segment::SegmentReader>> inputs,
                        std::size_t row_group_rows, MergeSink& sink);

}  // namespace lynxdb::storage
