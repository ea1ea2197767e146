// Aggregates (section 5.1), each from the rows of its group.
#pragma once

#include "spl2/ast.h"
#include "tests/oracle/expression.h"

namespace lynxdb::oracle {

// `rows` in pipeline order.
Value aggregate(const spl2::Aggregate& aggregate, const Rows& rows, const Context& context);

// count and dc: what timechart fills with 0.
bool is_counting(const spl2::Aggregate& aggregate);

}  // namespace lynxdb::oracle
