// The memory that expressions take for the values they make: texts that grow (concat, replace,
// mvjoin) and lists (split, mvappend), which no operator sees before they are there.
//
// Every value has a limit of its own; what a batch's values take together comes from the query's
// memory. Expressions cannot fail, so both give null; whoever evaluates them asks the scope
// afterwards and ends the query, or tells the user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/memory_budget.h"
#include "base/result.h"
#include "event/column.h"
#include "query/execution.h"

namespace lynxdb::query {

// Sixteen events of the largest size.
inline constexpr std::size_t kMadeValueBytesMax = std::size_t{16} << 20U;

// While it lives, values that expressions make in this thread are taken from the query's memory.
// Scopes nest: the inner one counts alone. Belongs to one thread.
class ExpressionMemory {
 public:
  // `bytes_before`: of the batch that is worked on, if it may be large already.
  explicit ExpressionMemory(Execution& execution, std::size_t bytes_before = 0);
  ~ExpressionMemory();
  ExpressionMemory(const ExpressionMemory&) = delete;
  ExpressionMemory& operator=(const ExpressionMemory&) = delete;

  // kOutOfBudget when values were left out because the query has not enough memory; kCancelled or
  // kTimeout when something was, because it must stop (interrupted.h). Gives the hint about values
  // that were too large by themselves.
  Result<> check(std::string_view command);

 private:
  friend bool take_expression_memory(std::size_t bytes);
  friend bool interrupted();
  friend bool interrupted_now();
  friend const Cancellation& current_cancellation();
  friend bool fits_as_value(std::size_t bytes);
  bool take(std::size_t bytes);

  Execution& execution_;
  ExpressionMemory* const outer_;
  base::MemoryReservation memory_;
  std::size_t bytes_ = 0;
  bool refused_ = false;
  bool value_refused_ = false;
  bool interrupted_ = false;
  std::uint32_t looks_ = 0;
};

// For the expressions of this thread. Without a scope there is always room.
bool take_expression_memory(std::size_t bytes);
// Whether a value may be that large. Before it is made, when it can be far larger than what it is
// made of.
bool fits_as_value(std::size_t bytes);

// A value that an expression made goes to the column; null when it is too large or there is no
// room.
void append_made(std::string_view text, event::ColumnBuilder& out);
void append_made(std::vector<event::Value> elements, event::ColumnBuilder& out);

// What a value takes, as an element of a list.
std::size_t made_bytes(event::ValueView value);

}  // namespace lynxdb::query
