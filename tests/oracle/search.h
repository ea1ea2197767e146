// Search expressions (section 3.4), evaluated for one row.
#pragma once

#include "spl2/ast.h"
#include "tests/oracle/expression.h"

namespace lynxdb::oracle {

bool matches(const spl2::SearchExpr& search, const Row& row);

}  // namespace lynxdb::oracle
