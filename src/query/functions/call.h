// The node behind most functions: a kernel that computes one row, and what surrounds it.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "event/column.h"
#include "query/expression.h"
#include "query/functions/function.h"

namespace lynxdb::query {

// What a list in the list argument means.
enum class ListMode : std::uint8_t {
  kEach,   // One result per element, those that are not null as a list.
  kAny,    // A condition: true when any element fits.
  kWhole,  // The kernel takes lists as they are.
};

// A function by its rows. The kernels are called by several threads at once.
struct RowFunction {
  // Appends exactly one value. Arguments are not null unless `sees_nulls`; a list of one comes as
  // its element unless kWhole.
  using Row = std::function<void(std::span<const event::ValueView>, event::ColumnBuilder&)>;
  // The whole column of the first argument at once, for kinds that it knows; null for others. The
  // further arguments are constants with these values.
  using Whole = std::function<event::ColumnPtr(const event::Column&)>;

  Row row;
  Whole whole = nullptr;  // Optional; used when only the first argument is no constant.
  ListMode lists = ListMode::kEach;
  std::size_t list_argument = 0;
  bool sees_nulls = false;
};

ExpressionPtr make_call(FunctionArguments arguments, RowFunction function);

// The value of a constant argument; nullopt when it differs from row to row.
std::optional<event::Value> constant_argument(const FunctionArguments& arguments, std::size_t i);

}  // namespace lynxdb::query
