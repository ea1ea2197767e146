#include "query/operators/ordered_results.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {
namespace {

constexpr std::size_t kTakenBytesMax = 4U << 20U;

std::string result_field(std::size_t i) { return "r" + std::to_string(i); }

}  // namespace

OrderedResults::OrderedResults(std::vector<std::string> outputs, Execution& execution,
                               std::string command, std::size_t share)
    : outputs_(std::move(outputs)),
      command_(std::move(command)),
      sort_({{kOrdinalField, false, {}}}, execution, command_, share) {}

Result<> OrderedResults::add(std::vector<std::int64_t> ordinals,
                             std::vector<event::ColumnPtr> results) {
  event::EventBatch batch(ordinals.size());
  batch.set(kOrdinalField, event::Column::ints(std::move(ordinals)));
  for (std::size_t i = 0; i < results.size(); ++i)
    batch.set(result_field(i), std::move(results[i]));
  batch.set_ordered(true);  // Fields keep their places.
  return sort_.add(batch);
}

Result<> OrderedResults::finish() { return sort_.finish(); }

Result<event::EventBatch> OrderedResults::complete(event::EventBatch& rows) {
  while (sorted_.rows() == 0) {
    std::optional<event::EventBatch> batch = TRY(sort_.next());
    LYNXDB_CHECK(batch.has_value());
    sorted_ = *std::move(batch);
  }
  const std::size_t size = std::min(rows.rows(), sorted_.rows());
  event::EventBatch completed = rows.slice(0, size);
  const event::EventBatch results = sorted_.slice(0, size);
  // The field in front is the ordinal.
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    completed.set(outputs_[i], results.fields()[i + 1].column, true);
  rows = rows.slice(size, rows.rows() - size);
  sorted_ = sorted_.slice(size, sorted_.rows() - size);
  return completed;
}

std::size_t rows_to_take(std::span<const event::ColumnPtr> columns,
                         std::span<const std::uint32_t> picks, std::size_t begin) {
  std::size_t bytes = 0;
  std::size_t end = begin;
  while (end < picks.size() && (end == begin || bytes < kTakenBytesMax)) {
    for (const event::ColumnPtr& column : columns) {
      bytes += sizeof(event::Value);
      if (picks[end] == event::kNoRow) continue;
      if (column->kind() != event::Kind::kList && column->kind() != event::Kind::kMixed) continue;
      const event::ValueView value = column->view(picks[end]);
      if (value.type() == event::Type::kList) bytes += value.list_size() * sizeof(event::Value);
    }
    ++end;
  }
  return end - begin;
}

}  // namespace lynxdb::query
