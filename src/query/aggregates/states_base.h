// What most aggregates share: one result per group, turned into a column.
#pragma once

#include "query/aggregate.h"

namespace lynxdb::query {

// Derived classes give current(); finish() asks it for each group.
class ScalarStates : public AggregateStates {
 public:
  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints& hints) const override;
};

}  // namespace lynxdb::query
