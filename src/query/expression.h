// Compiled expressions: a typed tree that is evaluated column by column.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "query/execution.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// Immutable, thread-safe.
class Expression {
 public:
  virtual ~Expression() = default;
  // One value per row of the batch. Never fails: wrong types and domain errors give null.
  virtual event::ColumnPtr evaluate(const event::EventBatch& batch) const = 0;
  // Names of the fields it reads (as written: not resolved to stored fields).
  virtual void collect_fields(std::set<std::string>& fields) const = 0;
};

using ExpressionPtr = std::shared_ptr<const Expression>;

// Compiles a checked syntax tree. Constant subtrees are folded; literal regexes, LIKE patterns and
// formats are compiled once. `now_ns` is what now() gives. Calls whose call_text is in
// `upstream_columns` read that column. Errors: kInvalidArgument with a message fit for the user
// (bad pattern, aggregate outside stats).
Result<ExpressionPtr> compile(const spl2::Expr& expr, std::int64_t now_ns,
                              const std::set<std::string>& upstream_columns = {});

// The value of an expression without fields, or nullopt if it has any.
std::optional<event::Value> constant_value(const Expression& expression);

// Rows of the batch for which `condition` is true (docs: null and false are not), ascending.
std::vector<std::uint32_t> matching_rows(const Expression& condition,
                                         const event::EventBatch& batch);

// True, false or null (nullopt) of one value used as a condition: numbers not 0, strings not empty,
// timestamps and lists true.
std::optional<bool> truth(event::ValueView value);

}  // namespace lynxdb::query
