#include <algorithm>

#include "scan/unit_scan.h"

namespace lynxdb::scan {
namespace {

using event::EventBatch;
using query::ScanFilter;

// Whether the filter drops a row with these fields.
bool drops(const ScanFilter& filter, EventBatch row) {
  const Result<EventBatch> kept = filter.keep->apply(std::move(row));
  return kept && kept->rows() == 0;
}

// Whether no row of the row group can pass `filter`.
bool excludes(const ScanFilter& filter, const segment::Footer& footer,
              const segment::RowGroup& group) {
  EventBatch row(1);
  for (const std::string& field : filter.fields) {
    const auto column = footer.column_named(field);
    const segment::ColumnChunk* chunk = column ? group.find(*column) : nullptr;
    if (chunk == nullptr || chunk->null_count == group.rows) continue;  // Null in every row.
    if (chunk->mixed || chunk->min.is_null() || chunk->max.is_null()) return false;
    // What is null never meets a condition that asks for an int.
    if (filter.ints && filter.fields.size() == 1 && chunk->type == event::Type::kInt)
      return chunk->max.as_int() < filter.ints->low || chunk->min.as_int() > filter.ints->high;
    // Equal bounds: one value in every row. (Cut strings have different bounds.)
    if (chunk->null_count > 0 || chunk->min != chunk->max) return false;
    row.set(field, event::Column::constant(chunk->min, 1));
  }
  if (footer.column_named(event::kIndex) == std::nullopt &&
      std::find(filter.fields.begin(), filter.fields.end(), event::kIndex) != filter.fields.end()) {
    row.set(event::kIndex, event::Column::constant(event::Value::string(footer.index), 1));
  }
  return drops(filter, std::move(row));
}

}  // namespace

std::vector<const ScanFilter*> filters_by_cost(const query::ScanRequest& request) {
  const auto reads_text = [](const ScanFilter& filter) {
    return std::find(filter.fields.begin(), filter.fields.end(), event::kRaw) !=
           filter.fields.end();
  };
  std::vector<const ScanFilter*> filters;
  for (const bool text : {false, true})
    for (const ScanFilter& filter : request.filters)
      if (reads_text(filter) == text) filters.push_back(&filter);
  return filters;
}

std::optional<Skip> skip_row_group(const segment::Footer& footer, const segment::RowGroup& group,
                                   const query::ScanRequest& request) {
  for (const ScanFilter& filter : request.filters)
    if (excludes(filter, footer, group)) return Skip::kStats;
  return std::nullopt;
}

}  // namespace lynxdb::scan
