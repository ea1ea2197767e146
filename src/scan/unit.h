// What a scan reads as a whole: a row group of a segment, or a batch that is not flushed yet.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "segment/segment_reader.h"
#include "storage/read_view.h"

namespace lynxdb::scan {

// Both ends included.
struct TimeRange {
  std::int64_t low_ns = 0;
  std::int64_t high_ns = 0;

  bool is_empty() const { return low_ns > high_ns; }
  bool covers(const TimeRange& other) const {
    return low_ns <= other.low_ns && other.high_ns <= high_ns;
  }
};

inline TimeRange overlap(const TimeRange& a, const TimeRange& b) {
  return {a.low_ns > b.low_ns ? a.low_ns : b.low_ns, a.high_ns < b.high_ns ? a.high_ns : b.high_ns};
}

// Immutable once built.
struct Unit {
  // Of the events that are to be read: what it holds, cut by the query's range and by retention.
  TimeRange time{};
  std::uint64_t rows = 0;  // That it holds.

  std::shared_ptr<const segment::SegmentReader> reader{};  // Null: `tail` is set.
  std::size_t row_group = 0;
  std::string_view object_key{};  // Of the segment, for errors; the read view keeps it.
  storage::TailBatchPtr tail{};
};

// A stretch of time and the units that have events in it.
struct TimeSlice {
  TimeRange time{};
  std::vector<std::uint32_t> units{};  // Places in the list given to make_slices().
};

// Cuts time so that each slice holds about `rows_aim` events, newest first; slices cover all units
// and do not overlap. Times are taken as evenly spread within a unit; events of one time cannot be
// cut apart. With a larger `rows_aim_max` each slice aims at twice the rows of the one before, up
// to that: for who may be content with the first, or need all.
std::vector<TimeSlice> make_slices(std::span<const Unit> units, std::uint64_t rows_aim,
                                   std::uint64_t rows_aim_max = 0);

}  // namespace lynxdb::scan
