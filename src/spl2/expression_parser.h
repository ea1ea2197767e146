// Expressions of where, eval and arguments, by recursive descent. Loosest to tightest: OR, AND,
// NOT, comparisons (which do not chain), ??, + - ., * / %, unary minus, primary.
#pragma once

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// Null, with an error recorded, if there is no expression at the cursor. What follows it is not
// looked at. The tree is at most kTreeHeightMax high, so that walking it by recursion is safe.
ExprPtr parse_expression(Context& context);

// `a IS NULL b = 1`: conditions side by side are ANDed, as after FROM ... WHERE.
ExprPtr parse_adjacent_conditions(Context& context);

// One argument of an aggregate: an expression, or `eval(EXPR)`, which sets `*was_eval`.
ExprPtr parse_aggregate_argument(Context& context, bool* was_eval);

// The call whose name, ending at `name_end`, is at the cursor.
ExprPtr parse_call(Context& context, std::size_t name_end);

// End of the name of a call at `position`, with the fraction of `p99.9(`; `position` if none.
std::size_t call_name_end(const Cursor& cursor, std::size_t position);

// A literal string at the cursor. nullopt, with an error recorded, if it is never closed.
std::optional<std::string> parse_string(Context& context);

// Reports look-around and back-references in a literal regex.
bool check_regex(Context& context, std::string_view regex, Span span);

inline constexpr std::size_t kTreeHeightMax = 1000;

}  // namespace lynxdb::spl2
