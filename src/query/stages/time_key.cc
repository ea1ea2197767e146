#include "query/stages/time_key.h"

#include "query/field.h"
#include "query/operators/time_value.h"
#include "query/time_bucket.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::ColumnPtr;
using event::Kind;

class TimeKey final : public Expression {
 public:
  explicit TimeKey(spl2::TimeSpan span) : span_(std::move(span)) {}

  ColumnPtr evaluate(const event::EventBatch& batch) const override {
    const ColumnPtr times = resolve_field(batch, event::kTime);
    std::vector<std::int64_t> starts;
    event::NullBitmap nulls;
    if (times->kind() == Kind::kTimestamp) {
      starts.assign(times->int_values().begin(), times->int_values().end());
      nulls = times->null_bitmap();
    } else {
      starts.resize(times->size());
      for (std::size_t row = 0; row < times->size(); ++row) {
        const auto ns = time_from_value(times->view(row));
        starts[row] = ns.value_or(0);
        if (!ns) nulls.set(row);
      }
    }
    floor_times(starts, span_);
    return Column::timestamps(std::move(starts), std::move(nulls));
  }

  void collect_fields(std::set<std::string>& fields) const override {
    fields.emplace(event::kTime);
  }

 private:
  const spl2::TimeSpan span_;
};

}  // namespace

ExpressionPtr time_key(const spl2::TimeSpan& span) { return std::make_shared<TimeKey>(span); }

}  // namespace lynxdb::query
