// Groups and their aggregate states: what a worker fills, a spill file holds and a merge produces.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/aggregation.h"
#include "query/group_table.h"

namespace lynxdb::query {

//   entry := key  state*     one group, as GroupTable and AggregateStates encode them
//
// Not thread-safe.
class GroupSet {
 public:
  explicit GroupSet(std::shared_ptr<const AggregationSpec> spec);

  // Adds the rows of a batch; some are left out once interrupted().
  void add(const event::EventBatch& batch);
  // With `execution` large states are merged side by side, on its threads. Leaves anything once
  // interrupted().
  void merge(const GroupSet& other, Execution* execution = nullptr);
  // The same under other keys: group g of `other` has those of row g, which hold no lists. Leaves
  // anything once interrupted().
  void merge_as(std::span<const event::ColumnPtr> keys, const GroupSet& other);
  void encode(std::uint32_t group, std::string& out) const;
  // Merges entries, back to back. Error: kCorruption.
  Result<> merge_encoded(std::string_view entries);

  const AggregationSpec& spec() const { return *spec_; }
  const GroupTable& table() const { return table_; }
  std::size_t size() const { return table_.size(); }
  const AggregateStates& states(std::size_t call) const { return *states_[call]; }
  // Groups of the rows of a batch whose keys were all added before (second pass of eventstats). A
  // row of several groups has the first one.
  std::vector<std::uint32_t> groups_of(const event::EventBatch& batch);
  // The keys of that group, for each row; no lists.
  std::vector<event::ColumnPtr> first_keys(const event::EventBatch& batch) const;
  // The groups that AggregationSpec::first_rows asks for, or more; in no order.
  std::vector<std::uint32_t> first_groups() const;
  // The rows of these groups: keys, then aggregates.
  event::EventBatch rows(std::span<const std::uint32_t> groups, Hints& hints) const;
  std::size_t memory_bytes() const;

 private:
  std::vector<event::ColumnPtr> key_columns(const event::EventBatch& batch) const;
  // Adds the rows of groups_. Some are left out once interrupted().
  void update(AggregateStates& states, const event::Column* argument, RowOrigin origin) const;

  std::shared_ptr<const AggregationSpec> spec_;
  GroupTable table_;
  std::vector<std::unique_ptr<AggregateStates>> states_;
  std::vector<std::uint32_t> groups_;  // Scratch of add.
  bool needs_time_ = false;
};

}  // namespace lynxdb::query
