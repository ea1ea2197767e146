#include <cmath>
#include <utility>

#include "query/field.h"
#include "query/operators/operators.h"
#include "query/operators/time_value.h"
#include "query/time_bucket.h"

namespace lynxdb::query {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;

// Multiples of the span, rounded down: the lower bound of the bucket. Null on overflow.
event::Value floor_int(std::int64_t value, std::int64_t span) {
  std::int64_t rest = value % span;
  if (rest < 0) rest += span;
  std::int64_t bound = 0;
  if (__builtin_sub_overflow(value, rest, &bound)) return {};
  return event::Value::integer(bound);
}

event::Value floor_float(double value, double span) {
  return event::Value::floating(std::floor(value / span) * span);
}

class BinTransform final : public Transform {
 public:
  explicit BinTransform(const spl2::BinCommand& command)
      : command_(command), output_(command.output.empty() ? command.field : command.output) {
    if (command.time_span)
      time_span_ = *command.time_span;
    else
      time_span_.ns = kHourNs;
  }

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    const event::ColumnPtr column = resolve_field(batch, command_.field);
    batch.set(output_, command_.number_span ? number_buckets(*column) : time_buckets(column), true);
    return batch;
  }

 private:
  event::ColumnPtr time_buckets(const event::ColumnPtr& column) const {
    if (column->kind() == event::Kind::kTimestamp) {
      const std::span<const std::int64_t> times = column->int_values();
      std::vector<std::int64_t> floored(times.begin(), times.end());
      floor_times(floored, time_span_);
      return event::Column::timestamps(std::move(floored), column->null_bitmap());
    }
    return map(*column, [&](event::ValueView value) {
      const std::optional<std::int64_t> ns = time_from_value(value);
      return ns ? event::Value::timestamp(floor_time(*ns, time_span_)) : event::Value();
    });
  }

  event::ColumnPtr number_buckets(const event::Column& column) const {
    return map(column, [&](event::ValueView value) { return number_bucket(value); });
  }

  event::Value number_bucket(event::ValueView value) const {
    if (value.type() == event::Type::kString)
      value = event::parse_number(value.as_string()).value_or(event::ValueView());
    const double span = *command_.number_span;
    if (!(span > 0)) return {};
    if (value.type() == event::Type::kFloat) return floor_float(value.as_float(), span);
    if (value.type() != event::Type::kInt) return {};
    if (command_.number_span_is_int) return floor_int(value.as_int(), std::llround(span));
    return floor_float(static_cast<double>(value.as_int()), span);
  }

  // Lists element by element.
  template <typename Function>
  static event::ColumnPtr map(const event::Column& column, Function&& function) {
    event::ColumnBuilder out;
    for (std::size_t row = 0; row < column.size(); ++row) {
      const event::ValueView value = column.view(row);
      if (value.type() != event::Type::kList) {
        out.append(function(value));
        continue;
      }
      std::vector<event::Value> elements;
      for (std::size_t i = 0; i < value.list_size(); ++i)
        elements.push_back(function(value.list_at(i)));
      out.append(event::Value::list(std::move(elements)));
    }
    return out.finish();
  }

  spl2::BinCommand command_;
  std::string output_;
  spl2::TimeSpan time_span_;
};

}  // namespace

TransformPtr make_bin(const spl2::BinCommand& command) {
  return std::make_shared<BinTransform>(command);
}

}  // namespace lynxdb::query
