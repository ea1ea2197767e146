#include "query/aggregates/states_base.h"

namespace lynxdb::query {

event::ColumnPtr ScalarStates::finish(Hints&) const {
  event::ColumnBuilder builder;
  builder.reserve(groups());
  for (std::size_t g = 0; g < groups(); ++g) builder.append(current(g));
  return builder.finish();
}

}  // namespace lynxdb::query
