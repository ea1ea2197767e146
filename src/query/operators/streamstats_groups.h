// The groups of streamstats and their aggregates as they stand at a row: of all rows so far, or of
// the last N.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregation.h"
#include "query/group_table.h"
#include "query/operators/streamstats_window.h"

namespace lynxdb::query {

//   entry := key  aggregate*     one group: as GroupTable and the aggregates encode them
//
// Not thread-safe.
class StreamGroups {
 public:
  // `window`: rows that count; 0 = all. Keeps `spec`, which must outlive it. One group's windows
  // take at most `bytes_max`.
  StreamGroups(const AggregationSpec& spec, std::uint64_t window, std::size_t bytes_max);

  // The group of each row, made where it is new; keys hold no lists.
  void assign(std::span<const event::ColumnPtr> keys, std::span<std::uint32_t> groups);
  // Adds row origin.first of the call's argument to a group. False when memory does not suffice.
  bool add(std::size_t call, std::uint32_t group, const event::Column* argument,
           const RowOrigin& origin);
  event::Value current(std::size_t call, std::uint32_t group) const;

  std::size_t size() const { return table_.size(); }
  const GroupTable& table() const { return table_; }
  std::size_t memory_bytes() const;

  void encode(std::uint32_t group, std::string& out) const;
  // Entries, back to back, of groups that are not here yet. Error: kCorruption.
  Result<> decode(std::string_view entries);

 private:
  const AggregationSpec& spec_;
  const std::uint64_t window_;
  const std::size_t bytes_max_;
  GroupTable table_;
  std::vector<std::unique_ptr<AggregateStates>> all_rows_;  // Per aggregate; without a window.
  std::vector<std::vector<SlidingAggregate>> last_rows_;    // Per aggregate and group.
  std::size_t window_bytes_ = 0;
};

}  // namespace lynxdb::query
