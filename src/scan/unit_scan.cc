#include "scan/unit_scan.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "scan/row_set.h"

namespace lynxdb::scan {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using query::ScanFilter;

// Where a row stands among those that a filter is asked about.
constexpr std::string_view kPlaceColumn = "\x01place";

bool is_hidden(std::string_view name) { return !name.empty() && name.front() == '\x01'; }

// Rows of one unit while filters take some out. Fields are fetched when the first filter, or the
// query, asks for them: late, for few rows.
class Survivors {
 public:
  // `rows`: of the unit, in the order in which they come out.
  Survivors(RowSet rows, PlaceColumns& places)
      : rows_(std::move(rows)), places_(places), batch_(rows_.size()) {}
  // `known`: some of their fields.
  Survivors(RowSet rows, PlaceColumns& places, EventBatch known)
      : rows_(std::move(rows)), places_(places), batch_(std::move(known)) {
    LYNXDB_CHECK(batch_.rows() == rows_.size());
  }
  virtual ~Survivors() = default;

  bool none() const { return batch_.rows() == 0; }

  Result<> apply(const ScanFilter& filter) {
    TRY(fetch(filter.fields));
    const std::size_t before = batch_.rows();
    batch_.set(kPlaceColumn, places_.first(before));
    batch_ = TRY(filter.keep->apply(std::move(batch_)));
    if (batch_.rows() != before) {
      const ColumnPtr* column = batch_.find(kPlaceColumn);
      LYNXDB_CHECK(column != nullptr && (*column)->size() == batch_.rows());
      rows_.keep((*column)->int_values());
    }
    batch_.remove(kPlaceColumn);
    return {};
  }

  // Adds the fields that are not there yet; those that the unit lacks stay out.
  Result<> fetch(std::span<const std::string> fields) {
    std::vector<std::string> missing;
    for (const std::string& field : fields)
      if (batch_.find(field) == nullptr) missing.push_back(field);
    if (missing.empty() || none()) return {};
    EventBatch fetched = TRY(read(missing, rows_));
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
  virtual Result<EventBatch> read(std::span<const std::string> fields, RowSet& rows) = 0;

  RowSet rows_;
  PlaceColumns& places_;
  EventBatch batch_;
};

Result<EventBatch> filter_and_fetch(Survivors& survivors, std::vector<std::string> fields,
                                    const UnitScan& scan) {
  for (const ScanFilter* filter : filters_by_cost(scan.request)) {
    if (survivors.none()) return EventBatch();
    TRY(scan.execution.cancellation.check());
    TRY(survivors.apply(*filter));
  }
  if (scan.stopped.load(std::memory_order_relaxed)) return EventBatch();
  TRY(survivors.fetch(fields));
  return survivors.take(fields);
}

void add_order_fields(OrderColumns order, std::vector<std::string>& fields) {
  if (order == OrderColumns::kNo) return;
  for (const std::string_view name : {event::kTime, kOffsetColumn, kPartitionColumn})
    if (std::find(fields.begin(), fields.end(), name) == fields.end()) fields.emplace_back(name);
}

// --- Row groups

class RowGroupSurvivors final : public Survivors {
 public:
  RowGroupSurvivors(const Unit& unit, RowSet rows, EventBatch known, const UnitScan& scan)
      : Survivors(std::move(rows), scan.places, std::move(known)),
        unit_(unit),
        dictionaries_(scan.dictionaries) {
    if (const auto& excerpt = scan.request.excerpt) excerpt_ = {excerpt->field, excerpt->pattern};
  }

 private:
  Result<EventBatch> read(std::span<const std::string> fields, RowSet& rows) override {
    const segment::Footer& footer = unit_.reader->footer();
    const bool whole = rows.is_all_of(footer.row_groups[unit_.row_group].rows);
    EventBatch batch = TRY(whole ? unit_.reader->read(unit_.row_group, fields, dictionaries_,
                                                      excerpt_ ? &*excerpt_ : nullptr)
                                 : unit_.reader->read_rows(unit_.row_group, fields, rows.list()));
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
  segment::NumberDictionaries* dictionaries_;
  std::optional<segment::FieldExcerpt> excerpt_;
};

// The times of the unit's rows, newest first.
Result<ColumnPtr> read_times(const Unit& unit) {
  static const std::vector<std::string> kTimeField{std::string(event::kTime)};
  const EventBatch batch = TRY(unit.reader->read(unit.row_group, kTimeField));
  const ColumnPtr* column = batch.find(event::kTime);
  if (column == nullptr || (*column)->kind() != event::Kind::kTimestamp) {
    return Error{ErrorCode::kCorruption,
                 "segment " + unit.reader->footer().segment_id + " has rows without a time"};
  }
  return *column;
}

RowSet rows_within(std::span<const std::int64_t> times, const TimeRange& time) {
  const auto begin =
      std::partition_point(times.begin(), times.end(), [&](auto t) { return t > time.high_ns; });
  const auto end =
      std::partition_point(begin, times.end(), [&](auto t) { return t >= time.low_ns; });
  return RowSet::stretch(static_cast<std::uint32_t>(begin - times.begin()),
                         static_cast<std::size_t>(end - begin));
}

// Rows of a row group, and of their fields what is known already.
struct StartRows {
  explicit StartRows(RowSet set) : rows(std::move(set)), known(rows.size()) {}

  RowSet rows;
  EventBatch known;
};

// Those that hold the query's literals.
Result<UnitFindings::Found> rows_with_literals(const Unit& unit, const UnitScan& scan,
                                               UnitFindings& findings) {
  UnitFindings::Found found = TRY(findings.matches(scan.findings_room, [&] {
    return unit.reader->find_rows(unit.row_group, scan.request.raw_contains);
  }));
  if (found->rows.empty())
    ++scan.counters.row_groups_skipped[static_cast<std::size_t>(Skip::kText)];
  return found;
}

// The rows of a row group that are left without looking at fields.
Result<StartRows> first_rows(const Unit& unit, const TimeRange& time, bool whole,
                             const UnitScan& scan, UnitFindings& findings) {
  UnitFindings::Found found;
  if (!scan.request.raw_contains.empty()) {
    found = TRY(rows_with_literals(unit, scan, findings));
    if (found->rows.empty()) return StartRows(RowSet::list({}));
  }
  RowSet rows = found != nullptr ? RowSet::list(found->rows) : RowSet::stretch(0, unit.rows);
  if (!whole) {
    const ColumnPtr times =
        TRY(findings.times(scan.findings_room, [&] { return read_times(unit); }));
    rows = rows_within(times->int_values(), time);
    if (found != nullptr) rows.intersect(found->rows);
  }
  StartRows first(std::move(rows));
  if (found != nullptr && found->fields.rows() == first.rows.size() &&
      found->rows.size() == first.rows.size())
    first.known = found->fields;
  return first;
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
  TailSurvivors(const storage::TailBatch& tail, RowSet rows, PlaceColumns& places)
      : Survivors(std::move(rows), places), tail_(tail) {}

 private:
  Result<EventBatch> read(std::span<const std::string> fields, RowSet& set) override {
    const std::vector<std::uint32_t>& rows = set.list();
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

ColumnPtr PlaceColumns::first(std::size_t count) {
  const base::MutexLock lock(mutex_);
  if (last_ == nullptr || last_->size() != count) {
    std::vector<std::int64_t> places(count);
    std::iota(places.begin(), places.end(), std::int64_t{0});
    last_ = Column::ints(std::move(places));
  }
  return last_;
}

Result<EventBatch> scan_row_group(const Unit& unit, const TimeRange& time, const UnitScan& scan,
                                  OrderColumns order, UnitFindings& findings) {
  const segment::RowGroup& group = unit.reader->footer().row_groups[unit.row_group];
  const bool whole = time.covers({group.time_min_ns, group.time_max_ns});
  if (whole && scan.request.count_only() && scan.request.filters.empty() &&
      order == OrderColumns::kNo)
    return EventBatch(group.rows);

  StartRows first = TRY(first_rows(unit, time, whole, scan, findings));
  if (first.rows.size() == 0) return EventBatch();
  scan.counters.rows_read += first.rows.size();
  std::vector<std::string> fields = fields_of(unit, scan);
  add_order_fields(order, fields);
  RowGroupSurvivors survivors(unit, std::move(first.rows), std::move(first.known), scan);
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
  TailSurvivors survivors(tail, RowSet::list(std::move(rows)), scan.places);
  return filter_and_fetch(survivors, std::move(fields), scan);
}

}  // namespace lynxdb::scan
