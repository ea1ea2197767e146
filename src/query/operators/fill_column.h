// Filling nulls, for `fillnull` with and without fields.
#pragma once

#include "event/column.h"
#include "spl2/ast.h"

namespace lynxdb::query {

event::Value literal_value(const spl2::Literal& literal);

// `column` with `value` in place of every null; the same column when there is none.
event::ColumnPtr fill_nulls(const event::ColumnPtr& column, const event::Value& value);

}  // namespace lynxdb::query
