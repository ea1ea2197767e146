// now, strftime, strptime, time_bucket, relative_time.
#include <array>
#include <utility>

#include "event/time/time_expression.h"
#include "event/time/time_format.h"
#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"
#include "query/time_bucket.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::Kind;
using event::Value;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

// NOLINTNEXTLINE(performance-unnecessary-value-param): as the table of functions has it.
Result<ExpressionPtr> build_now(FunctionArguments, const FunctionContext& context) {
  return make_literal(Value::timestamp(context.now_ns));
}

Result<ExpressionPtr> build_strftime(FunctionArguments arguments, const FunctionContext& context) {
  const auto row = [now_ns = context.now_ns](Arguments values, ColumnBuilder& out) {
    const std::optional<std::int64_t> time = time_of(values[0], now_ns);
    if (!time) return out.append_null();
    std::string scratch;
    std::string text;
    event::append_time(*time, text_of(values[1], scratch), text);
    append_made(text, out);
  };
  return make_call(std::move(arguments), {.row = row});
}

Result<ExpressionPtr> build_strptime(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    std::string text_scratch;
    std::string format_scratch;
    const std::optional<std::int64_t> time =
        event::parse_time(text_of(values[0], text_scratch), text_of(values[1], format_scratch));
    out.append(time ? ValueView::timestamp(*time) : ValueView());
  };
  return make_call(std::move(arguments), {.row = row});
}

ColumnPtr buckets_of_column(const Column& column, const spl2::TimeSpan& span) {
  if (column.kind() != Kind::kTimestamp) return nullptr;
  std::vector<std::int64_t> times(column.int_values().begin(), column.int_values().end());
  floor_times(times, span);
  return Column::timestamps(std::move(times), column.null_bitmap());
}

Result<ExpressionPtr> build_time_bucket(FunctionArguments arguments,
                                        const FunctionContext& context) {
  const std::optional<Value> text = constant_argument(arguments, 1);
  if (!text)
    return context.at_argument(1,
                               {ErrorCode::kInvalidArgument, "time_bucket() needs a constant span",
                                "time_bucket(_time, \"5m\")"});
  if (text->is_null()) return make_literal({});
  const spl2::TimeSpan span = TRY(context.at_argument(1, parse_time_span(event::text(*text))));
  RowFunction function;
  function.row = [span, now_ns = context.now_ns](Arguments values, ColumnBuilder& out) {
    const std::optional<std::int64_t> time = time_of(values[0], now_ns);
    out.append(time ? ValueView::timestamp(floor_time(*time, span)) : ValueView());
  };
  function.whole = [span](const Column& column) { return buckets_of_column(column, span); };
  return make_call(std::move(arguments), std::move(function));
}

Result<ExpressionPtr> build_relative_time(FunctionArguments arguments,
                                          const FunctionContext& context) {
  if (const std::optional<Value> text = constant_argument(arguments, 1); text && !text->is_null()) {
    auto time = event::parse_time_expression(event::text(*text), context.now_ns);
    if (!time) time.error().suggestion = R"("-1d@d", "-15m" or "@h")";
    TRY(context.at_argument(1, std::move(time)));
  }
  const auto row = [now_ns = context.now_ns](Arguments values, ColumnBuilder& out) {
    const std::optional<std::int64_t> time = time_of(values[0], now_ns);
    if (!time) return out.append_null();
    std::string scratch;
    const auto moved = event::try_time_expression(text_of(values[1], scratch), *time);
    out.append(moved ? ValueView::timestamp(*moved) : ValueView());
  };
  return make_call(std::move(arguments), {.row = row});
}

constexpr std::array kFunctions = {
    Function{"now", 0, 0, build_now},
    Function{"time", 0, 0, build_now},
    Function{"strftime", 2, 2, build_strftime},
    Function{"strptime", 2, 2, build_strptime},
    Function{"time_bucket", 2, 2, build_time_bucket},
    Function{"relative_time", 2, 2, build_relative_time},
};

}  // namespace

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace lynxdb::query
