// Building expression nodes, for the parsers of expressions.
#pragma once

#include <vector>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// Gives the node its span (from `start` to the cursor) and its height. Null, with an error
// recorded, if the tree became too high.
ExprPtr finish(Context& context, Expr node, std::size_t start);

// Adds `operand`, or its operands if it is a list of the same kind: (a AND b) AND c is one list.
void append_flat(std::vector<ExprPtr>& operands, ExprKind kind, ExprPtr operand);

// The one operand itself, or a list of them.
ExprPtr make_list(Context& context, ExprKind kind, std::vector<ExprPtr> operands);

}  // namespace lynxdb::spl2
