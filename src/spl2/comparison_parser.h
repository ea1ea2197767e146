// Comparisons, and what may stand as their operand.
#pragma once

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

ExprPtr parse_comparison(Context& context);
ExprPtr parse_coalesce(Context& context);  // An operand of a comparison.
ExprPtr parse_primary(Context& context);

// AND OR IN IS ...: words that are operators where an operator can stand.
bool is_operator_word(std::string_view word);

// No word is reserved. Is the operator word at the cursor a field all the same, because an operator
// or the end of an argument follows it?
bool names_a_field(Cursor& cursor);

// Can an operand start at the cursor?
bool starts_operand(Cursor& cursor);

// The error for a missing operand, in the words of the mistake.
Failure fail_operand(Context& context);

}  // namespace lynxdb::spl2
