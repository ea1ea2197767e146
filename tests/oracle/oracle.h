// A second answer to every query: SPL2 evaluated row by row, written from the specification alone.
//
// It shares the syntax tree with the engine and nothing else; it is slow, and meant to be obviously
// right. Where the two differ, one of them has read the specification wrong.
#pragma once

#include "spl2/ast.h"
#include "tests/oracle/expression.h"

namespace lynxdb::oracle {

// The rows of the query over `events`, the content of index `main` in pipe mode.
Rows answer(const spl2::Query& query, const Rows& events, const Context& context);

}  // namespace lynxdb::oracle
