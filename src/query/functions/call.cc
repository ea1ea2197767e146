#include "query/functions/call.h"

#include <algorithm>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_memory.h"
#include "query/expression_value.h"
#include "query/interrupted.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

namespace {

class Call final : public Expression {
 public:
  Call(FunctionArguments arguments, RowFunction function) : function_(std::move(function)) {
    for (ExpressionPtr& argument : arguments) operands_.emplace_back(std::move(argument));
    for (std::size_t i = 0; i < operands_.size(); ++i)
      if (!operands_[i].is_constant()) varying_.push_back(i);
  }

  ColumnPtr evaluate(const EventBatch& batch) const override {
    std::vector<ColumnPtr> columns(operands_.size());
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (!operands_[i].is_constant())
        columns[i] = operands_[i].evaluate(batch);
      else if (operands_[i].constant().is_null() && !function_.sees_nulls)
        return Column::nulls(batch.rows());
    }
    return apply(columns, batch.rows());
  }

  void collect_fields(std::set<std::string>& fields) const override {
    for (const Operand& operand : operands_) operand.collect_fields(fields);
  }

 private:
  // `columns` has nulls where operands are constant.
  ColumnPtr apply(std::vector<ColumnPtr>& columns, std::size_t rows) const {
    if (varying_.size() == 1 && !function_.sees_nulls) {
      const std::size_t only = varying_.front();
      ColumnPtr column = columns[only];
      if (column->kind() == Kind::kNull) return column;
      if (column->kind() == Kind::kDictionary)
        return map_dictionary(column, [&](const ColumnPtr& entries) {
          columns[only] = entries;
          return apply(columns, entries->size());
        });
      if (only == 0 && function_.whole != nullptr)
        if (ColumnPtr result = function_.whole(*column)) return result;
    }
    return by_row(columns, rows);
  }

  ColumnPtr by_row(const std::vector<ColumnPtr>& columns, std::size_t rows) const {
    ColumnBuilder builder;
    std::vector<ValueView> values(operands_.size());
    for (std::size_t i = 0; i < operands_.size(); ++i)
      if (operands_[i].is_constant()) values[i] = argument(operands_[i].constant());
    for (std::size_t row = 0; row < rows && !interrupted(); ++row) {
      bool null = false;
      for (const std::size_t i : varying_) {
        values[i] = argument(columns[i]->view(row));
        null = null || values[i].is_null();
      }
      if (null && !function_.sees_nulls)
        builder.append_null();
      else
        call(values, builder);
    }
    builder.append_nulls(rows - builder.size());
    return builder.finish();
  }

  ValueView argument(ValueView value) const {
    return function_.lists == ListMode::kWhole ? value : single(value);
  }

  void call(std::vector<ValueView>& values, ColumnBuilder& out) const {
    if (function_.lists == ListMode::kWhole || values.empty() ||
        values[function_.list_argument].type() != Type::kList)
      return function_.row(values, out);
    const ValueView list = values[function_.list_argument];
    if (function_.lists == ListMode::kEach)
      call_each(list, values, out);
    else
      call_any(list, values, out);
    values[function_.list_argument] = list;
  }

  void call_each(ValueView list, std::vector<ValueView>& values, ColumnBuilder& out) const {
    ColumnBuilder results;
    for (std::size_t i = 0; i < list.list_size(); ++i) {
      values[function_.list_argument] = list.list_at(i);
      function_.row(values, results);
    }
    const ColumnPtr column = results.finish();
    std::vector<Value> elements;
    for (std::size_t i = 0; i < column->size(); ++i) elements.push_back(column->value(i));
    append_made(std::move(elements), out);
  }

  void call_any(ValueView list, std::vector<ValueView>& values, ColumnBuilder& out) const {
    bool any = false;
    bool known = false;
    for (std::size_t i = 0; i < list.list_size() && !any; ++i) {
      values[function_.list_argument] = list.list_at(i);
      ColumnBuilder one;
      function_.row(values, one);
      const ColumnPtr column = one.finish();
      known = known || !column->is_null(0);
      any = truth(column->view(0)) == true;
    }
    if (known)
      out.append_bool(any);
    else
      out.append_null();
  }

  RowFunction function_;
  std::vector<Operand> operands_;
  std::vector<std::size_t> varying_;  // Operands that are no constants.
};

}  // namespace

ExpressionPtr make_call(FunctionArguments arguments, RowFunction function) {
  return std::make_shared<Call>(std::move(arguments), std::move(function));
}

std::optional<Value> constant_argument(const FunctionArguments& arguments, std::size_t i) {
  return i < arguments.size() ? constant_value(*arguments[i]) : std::nullopt;
}

}  // namespace lynxdb::query
