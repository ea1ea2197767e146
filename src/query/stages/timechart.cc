// timechart: what is computed (bucket, value, aggregates), and the choice of its output.
#include <fmt/format.h>

#include "query/stages/compile_spec.h"
#include "query/stages/time_key.h"
#include "query/stages/timechart_rows.h"
#include "query/time_bucket.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

spl2::TimeSpan span_of(std::int64_t ns, std::string text) {
  return {.ns = ns, .months = 0, .text = std::move(text)};
}

// With a start time the smallest of a ladder that gives at most 100 buckets, else an hour.
spl2::TimeSpan default_span(const CompileContext& context) {
  struct Step {
    std::int64_t seconds;
    const char* text;
  };
  static constexpr Step kLadder[] = {{1, "1s"},      {5, "5s"},    {10, "10s"},   {30, "30s"},
                                     {60, "1m"},     {300, "5m"},  {600, "10m"},  {900, "15m"},
                                     {1800, "30m"},  {3600, "1h"}, {10800, "3h"}, {21600, "6h"},
                                     {43200, "12h"}, {86400, "1d"}};
  if (!context.from_ns) return span_of(3600 * kSecondNs, "1h");
  constexpr double kBucketsMax = 100;
  const double range = static_cast<double>(context.to_ns.value_or(context.now_ns)) -
                       static_cast<double>(*context.from_ns);
  for (const Step& step : kLadder)
    if (range <= kBucketsMax * static_cast<double>(step.seconds * kSecondNs))
      return span_of(step.seconds * kSecondNs, step.text);
  return span_of(7 * kDayNs, "7d");
}

// format=long: one row per bucket and value, as merged; rows without a time are left out.
class LongRows final : public Operator {
 public:
  LongRows(OperatorPtr rows, Execution& execution)
      : rows_(std::move(rows)), execution_(execution) {}

  Result<std::optional<EventBatch>> next() override {
    while (std::optional<EventBatch> batch = TRY(rows_->next())) {
      const event::ColumnPtr& time = batch->fields()[0].column;
      std::vector<std::uint32_t> timed;
      for (std::uint32_t row = 0; row < batch->rows(); ++row)
        if (!time->is_null(row)) timed.push_back(row);
      if (timed.size() == batch->rows()) return batch;
      execution_.hints.add(std::string(kUntimedHint));
      if (!timed.empty()) return std::optional(batch->take(timed));
    }
    return std::optional<EventBatch>();
  }

 private:
  OperatorPtr rows_;
  Execution& execution_;
};

class TimechartStage final : public AggregatingStage {
 public:
  TimechartStage(AggregationSpec spec, TimechartOptions options)
      : spec_(std::make_shared<const AggregationSpec>(std::move(spec))),
        options_(std::move(options)) {}

  std::shared_ptr<const AggregationSpec> spec() const override { return spec_; }

  OperatorPtr finish(std::vector<std::unique_ptr<PartialAggregation>> parts,
                     Execution& execution) const override {
    if (options_.long_format)
      return std::make_unique<LongRows>(merge_aggregation(spec_, std::move(parts), execution),
                                        execution);
    return timechart_rows(std::make_unique<MergedGroups>(spec_, std::move(parts), execution),
                          options_);
  }

 private:
  std::shared_ptr<const AggregationSpec> spec_;
  TimechartOptions options_;
};

}  // namespace

Result<StagePtr> make_stage(const spl2::TimechartCommand& command, const CompileContext& context) {
  TimechartOptions options;
  options.span = command.span ? *command.span : default_span(context);
  options.limit = command.limit;
  options.use_other = command.use_other;
  options.use_null = command.use_null;
  options.fill = command.fill;
  options.long_format = command.long_format;

  std::vector<spl2::ByKey> by;
  options.command_span = context.command_span;
  if (command.by) by.push_back(*command.by);
  if (command.by) options.by_span = command.by->span;
  AggregationSpec spec = TRY(compile_spec(command.aggregates, by, "timechart", context));
  spec.keys.insert(spec.keys.begin(), {time_key(options.span), std::string(event::kTime), {}});
  TRY(check_outputs(spec));
  return StagePtr(std::make_shared<TimechartStage>(std::move(spec), std::move(options)));
}

}  // namespace lynxdb::query
