#include <utility>

#include "query/field.h"
#include "query/operators/fill_column.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class FillnullTransform final : public Transform {
 public:
  FillnullTransform(event::Value value, std::vector<std::string> fields)
      : value_(std::move(value)), fields_(std::move(fields)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    for (const std::string& field : fields_)
      batch.set(field, fill_nulls(resolve_field(batch, field), value_), true);
    return batch;
  }

 private:
  event::Value value_;
  std::vector<std::string> fields_;
};

}  // namespace

event::Value literal_value(const spl2::Literal& literal) {
  struct Convert {
    event::Value operator()(std::monostate) const { return {}; }
    event::Value operator()(bool v) const { return event::Value::boolean(v); }
    event::Value operator()(std::int64_t v) const { return event::Value::integer(v); }
    event::Value operator()(double v) const { return event::Value::floating(v); }
    event::Value operator()(const std::string& v) const { return event::Value::string(v); }
  };
  return std::visit(Convert{}, literal);
}

event::ColumnPtr fill_nulls(const event::ColumnPtr& column, const event::Value& value) {
  const std::size_t nulls = column->null_count();
  if (nulls == 0) return column;
  if (nulls == column->size()) return event::Column::constant(value, column->size());
  event::ColumnBuilder filled;
  for (std::size_t row = 0; row < column->size(); ++row)
    filled.append(column->is_null(row) ? event::ValueView(value) : column->view(row));
  return filled.finish();
}

TransformPtr make_fillnull(const spl2::FillnullCommand& command) {
  return std::make_shared<FillnullTransform>(literal_value(command.value), command.fields);
}

}  // namespace lynxdb::query
