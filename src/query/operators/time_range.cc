#include "query/operators/operators.h"
#include "query/operators/row_mask.h"

namespace lynxdb::query {
namespace {

class TimeRangeTransform final : public Transform {
 public:
  TimeRangeTransform(std::int64_t from_ns, std::int64_t to_ns) : from_ns_(from_ns), to_ns_(to_ns) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    const event::ColumnPtr* time = batch.find(event::kTime);
    if (time == nullptr) return batch.take({});
    RowMask mask(batch.rows(), true);
    const event::Column& column = **time;
    mask.filter([&](std::size_t row) {
      const event::ValueView value = column.view(row);
      return value.type() == event::Type::kTimestamp && value.as_int() >= from_ns_ &&
             value.as_int() < to_ns_;
    });
    if (mask.count() == batch.rows()) return batch;
    return batch.take(mask.selected());
  }

 private:
  std::int64_t from_ns_;
  std::int64_t to_ns_;
};

}  // namespace

TransformPtr make_time_range(std::int64_t from_ns, std::int64_t to_ns) {
  return std::make_shared<TimeRangeTransform>(from_ns, to_ns);
}

}  // namespace lynxdb::query
