#include "scan/unit_scan.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace lynxdb::scan {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using query::ScanFilter;

// Where a row stands in its unit, carried through filters.
constexpr std::string_view kRowColumn = "\x01row";

bool is_hidden(std::string_view name) { return !name.empty() && name.front() == '\x01'; }

ColumnPtr row_numbers(std::span<const std::uint32_t> rows) {
  return Column::ints(std::vector<std::int64_t>(rows.begin(), rows.end()));
}

std::vector<std::uint32_t> rows_of(const EventBatch& batch) {
  const ColumnPtr* column = batch.find(kRowColumn);
  LYNXDB_CHECK(column != nullptr && (*column)->size() == batch.rows());
  std::vector<std::uint32_t> rows(batch.rows());
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::uint32_t>((*column)->view(i).as_int());
  return rows;
}

// Rows of one unit while filters take some out. Fields are fetched when the first filter, or the
// query, asks for them: late, for few rows.
class Survivors {
 public:
  // `rows`: of the unit, in the order in which they come out.
  explicit Survivors(std::vector<std::uint32_t> rows) : batch_(rows.size()) {
    batch_.set(kRowColumn, row_numbers(rows));
  }
  virtual ~Survivors() = default;

  bool none() const { return batch_.rows() == 0; }

  Result<> apply(const ScanFilter& filter) {
    TRY(fetch(filter.fields));
    batch_ = TRY(filter.keep->apply(std::move(batch_)));
    return {};
  }

  // Adds the fields that are not there yet; those that the unit lacks stay out.
  Result<> fetch(std::span<const std::string> fields) {
    std::vector<std::string> missing;
    for (const std::string& field : fields)
      if (batch_.find(field) == nullptr) missing.push_back(field);
    if (missing.empty() || none()) return {};
    EventBatch fetched = TRY(read(missing, rows_of(batch_)));
    LYNXDB_CHECK(fetched.rows() == batch_.rows());
    for (const event::Field& field : fetched.fields()) batch_.set(field.name, field.column);
    return {};
  }

  // With no other fields than `fields`.
  EventBatch take(std::span<const std::string> fields) {
    EventBatch result(batch_.rows());
    for (const std::string& field : fields)
      if (const ColumnPtr* column = batch_.find(field)) result.set(field, *column);
    return result;
  }

 private:
  virtual Result<EventBatch> read(std::span<const std::string> fields,
                                  const std::vector<std::uint32_t>& rows) = 0;

  EventBatch batch_;
};

Result<EventBatch> filter_and_fetch(Survivors& survivors, std::vector<std::string> fields,
                                    const UnitScan& scan) {
  for (const ScanFilter* filter : filters_by_cost(scan.request)) {
    if (survivors.none()) return EventBatch();
    TRY(scan.execution.cancellation.check());
    TRY(survivors.apply(*filter));
  }
  TRY(survivors.fetch(fields));
  return survivors.take(fields);
}

void add_order_fields(OrderColumns order, std::vector<std::string>& fields) {
  if (order == OrderColumns::kNo) return;
  for (const std::string_view name : {event::kTime, kOffsetColumn, kPartitionColumn})
    if (std::find(fields.begin(), fields.end(), name) == fields.end()) fields.emplace_back(name);
}

std::vector<std::uint32_t> all_rows(std::uint64_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

// --- Row groups

class RowGroupSurvivors final : public Survivors {
 public:
  RowGroupSurvivors(const Unit& unit, std::vector<std::uint32_t> rows)
      : Survivors(std::move(rows)), unit_(unit) {}

 private:
  Result<EventBatch> read(std::span<const std::string> fields,
                          const std::vector<std::uint32_t>& rows) override {
    const segment::Footer& footer = unit_.reader->footer();
    const bool whole = rows.size() == footer.row_groups[unit_.row_group].rows;
    EventBatch batch = TRY(whole ? unit_.reader->read(unit_.row_group, fields)
                                 : unit_.reader->read_rows(unit_.row_group, fields, rows));
    // Every event of a segment has the segment's index.
    if (std::find(fields.begin(), fields.end(), event::kIndex) != fields.end() &&
        batch.find(event::kIndex) == nullptr) {
      batch.set(event::kIndex, Column::constant(event::Value::string(footer.index), batch.rows()));
    }
    add_order(fields, footer, batch);
    return batch;
  }

  // Rows of a segment stand in their order already. Against other segments and the tail the place
  // of the whole segment in the log decides: flushes take consecutive stretches of it.
  static void add_order(std::span<const std::string> fields, const segment::Footer& footer,
                        EventBatch& batch) {
    std::int64_t offset = 0;
    std::int64_t partition = 0;
    if (!footer.sources.empty()) {
      offset = static_cast<std::int64_t>(footer.sources.front().begin);
      partition = footer.sources.front().partition;
    }
    for (const std::string& field : fields) {
      if (field != kOffsetColumn && field != kPartitionColumn) continue;
      const std::int64_t value = field == kOffsetColumn ? offset : partition;
      batch.set(field, Column::constant(event::Value::integer(value), batch.rows()));
    }
  }

  const Unit& unit_;
};

// Of `rows` (newest first) those within `time`.
Result<std::vector<std::uint32_t>> rows_within(const Unit& unit, const TimeRange& time) {
  static const std::vector<std::string> kTimeField{std::string(event::kTime)};
  const EventBatch batch = TRY(unit.reader->read(unit.row_group, kTimeField));
  const ColumnPtr* column = batch.find(event::kTime);
  if (column == nullptr || (*column)->kind() != event::Kind::kTimestamp) {
    return Error{ErrorCode::kCorruption,
                 "segment " + unit.reader->footer().segment_id + " has rows without a time"};
  }
  const std::span<const std::int64_t> times = (*column)->int_values();
  const auto begin =
      std::partition_point(times.begin(), times.end(), [&](auto t) { return t > time.high_ns; });
  const auto end =
      std::partition_point(begin, times.end(), [&](auto t) { return t >= time.low_ns; });
  std::vector<std::uint32_t> rows(static_cast<std::size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin - times.begin()));
  return rows;
}

std::vector<std::uint32_t> intersection(const std::vector<std::uint32_t>& a,
                                        const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

std::vector<std::string> fields_of(const Unit& unit, const UnitScan& scan) {
  if (!scan.request.all_fields) return scan.request.fields;
  std::vector<std::string> fields = unit.reader->field_names(unit.row_group);
  std::erase_if(fields, is_hidden);
  if (std::find(fields.begin(), fields.end(), event::kIndex) == fields.end())
    fields.emplace_back(event::kIndex);
  return fields;
}

// --- The tail

class TailSurvivors final : public Survivors {
 public:
  TailSurvivors(const storage::TailBatch& tail, std::vector<std::uint32_t> rows)
      : Survivors(std::move(rows)), tail_(tail) {}

 private:
  Result<EventBatch> read(std::span<const std::string> fields,
                          const std::vector<std::uint32_t>& rows) override {
    EventBatch batch(rows.size());
    for (const std::string& field : fields) {
      if (field == kOffsetColumn) {
        batch.set(field, offsets(rows));
      } else if (field == kPartitionColumn) {
        batch.set(field,
                  Column::constant(event::Value::integer(tail_.partition.value()), rows.size()));
      } else if (const ColumnPtr* column = tail_.batch->find(field)) {
        batch.set(field, event::take(*column, rows));
      }
    }
    return batch;
  }

  ColumnPtr offsets(const std::vector<std::uint32_t>& rows) const {
    std::vector<std::int64_t> values(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      values[i] = static_cast<std::int64_t>(tail_.base_offset + rows[i]);
    return Column::ints(std::move(values));
  }

  const storage::TailBatch& tail_;
};

// Rows of the indexes and the time wanted; newest first, later ones first among equals.
std::vector<std::uint32_t> tail_rows(const storage::TailBatch& tail, const TimeRange& time,
                                     const UnitScan& scan) {
  const ColumnPtr* times = tail.batch->find(event::kTime);
  LYNXDB_CHECK(times != nullptr);
  const ColumnPtr* indexes = tail.batch->find(event::kIndex);
  const auto time_of = [&](std::uint32_t row) { return (*times)->view(row).as_int(); };
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < tail.batch->rows(); ++row) {
    const std::int64_t at = time_of(row);
    if (at < time.low_ns || at > time.high_ns) continue;
    const event::ValueView index = indexes == nullptr ? event::ValueView() : (*indexes)->view(row);
    const std::string_view name = index.type() == event::Type::kString ? index.as_string() : "main";
    if (scan.wants_index(name) && at >= scan.view.visible_from_ns(name)) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t time_a = time_of(a);
    const std::int64_t time_b = time_of(b);
    return time_a != time_b ? time_a > time_b : a > b;
  });
  return rows;
}

}  // namespace

bool UnitScan::wants_index(std::string_view name) const {
  return indexes.empty() || std::binary_search(indexes.begin(), indexes.end(), name);
}

Result<EventBatch> scan_row_group(const Unit& unit, const TimeRange& time, const UnitScan& scan,
                                  OrderColumns order) {
  const segment::RowGroup& group = unit.reader->footer().row_groups[unit.row_group];
  const bool whole = time.covers({group.time_min_ns, group.time_max_ns});
  if (whole && scan.request.count_only() && scan.request.filters.empty() &&
      order == OrderColumns::kNo)
    return EventBatch(group.rows);

  std::vector<std::uint32_t> rows = whole ? all_rows(group.rows) : TRY(rows_within(unit, time));
  if (!scan.request.raw_contains.empty()) {
    rows = intersection(
        rows, TRY(unit.reader->rows_containing(unit.row_group, scan.request.raw_contains)));
    if (rows.empty()) {
      ++scan.counters.row_groups_skipped[static_cast<std::size_t>(Skip::kText)];
      return EventBatch();
    }
  }
  scan.counters.rows_read += rows.size();
  std::vector<std::string> fields = fields_of(unit, scan);
  add_order_fields(order, fields);
  RowGroupSurvivors survivors(unit, std::move(rows));
  return filter_and_fetch(survivors, std::move(fields), scan);
}

Result<EventBatch> scan_tail(const Unit& unit, const TimeRange& time, const UnitScan& scan,
                             OrderColumns order) {
  const storage::TailBatch& tail = *unit.tail;
  std::vector<std::uint32_t> rows = tail_rows(tail, time, scan);
  scan.counters.rows_read += rows.size();
  std::vector<std::string> fields = scan.request.fields;
  if (scan.request.all_fields) {
    fields.clear();
    for (const event::Field& field : tail.batch->fields()) fields.push_back(field.name);
  }
  add_order_fields(order, fields);
  TailSurvivors survivors(tail, std::move(rows));
  return filter_and_fetch(survivors, std::move(fields), scan);
}

}  // namespace lynxdb::scan
