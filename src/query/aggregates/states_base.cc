#include "query/aggregates/states_base.h"

namespace lynxdb::query {

event::ColumnPtr ScalarStates::finish(std::span<const std::uint32_t> groups, Hints&) const {
  event::ColumnBuilder builder;
  builder.reserve(groups.size());
  for (const std::uint32_t group : groups) builder.append(current(group));
  return builder.finish();
}

}  // namespace lynxdb::query
