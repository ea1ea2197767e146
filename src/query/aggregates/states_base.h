// What most aggregates share: one result per group, turned into a column.
#pragma once

#include "query/aggregate.h"

namespace lynxdb::query {

// Derived classes give current(); finish() asks it for every group.
class ScalarStates : public AggregateStates {
 public:
  event::ColumnPtr finish(Hints& hints) const override;
};

}  // namespace lynxdb::query
