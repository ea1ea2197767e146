#include "query/aggregates/states_base.h"
#include "query/interrupted.h"

namespace lynxdb::query {

event::ColumnPtr ScalarStates::finish(std::span<const std::uint32_t> groups, Hints&) const {
  event::ColumnBuilder builder;
  builder.reserve(groups.size());
  for (const std::uint32_t group : groups) {
    if (interrupted()) break;
    builder.append(current(group));
  }
  builder.append_nulls(groups.size() - builder.size());
  return builder.finish();
}

}  // namespace lynxdb::query
