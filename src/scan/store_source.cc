#include "scan/store_source.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <utility>

#include "base/mutex.h"
#include "base/stop_scope.h"
#include "scan/newest_first.h"
#include "scan/unit.h"
#include "scan/unit_scan.h"
#include "storage/object_source.h"

namespace lynxdb::scan {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;

// Rows of a slice: what is decoded, merged and handed on at once.
constexpr std::uint64_t kSliceRows = 65'536;
constexpr std::uint64_t kSliceRowsMin = 1'024;

// The rows of all parts, newest first. Means nothing once base::must_stop().
EventBatch merged(std::span<const EventBatch> parts) {
  EventBatch batch = parts.size() == 1 ? parts.front() : event::concat(parts);
  if (parts.size() > 1 && !base::must_stop()) {
    std::vector<std::uint32_t> rows(batch.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    std::sort(rows.begin(), rows.end(), NewestFirst(batch));
    batch = batch.take(rows);
  }
  return batch;
}

EventBatch without_order(EventBatch batch, bool wants_time) {
  batch.remove(kOffsetColumn);
  batch.remove(kPartitionColumn);
  if (!wants_time) batch.remove(event::kTime);
  return batch;
}

class StoreSource final : public query::Source {
 public:
  StoreSource(storage::ReadView view, query::ScanRequest request, query::Execution& execution,
              ScanCounters& counters, KeepOrder keep_order)
      : view_(std::move(view)),
        request_(std::move(request)),
        keeps_order_(keep_order == KeepOrder::kYes),
        scan_{.request = request_,
              .indexes = {},
              .view = view_,
              .execution = execution,
              .counters = counters,
              .findings_room = findings_room_,
              .places = places_,
              .dictionaries = nullptr,
              .stopped = stopped_} {}

  Result<> plan(SegmentOpener& opener, std::vector<std::string> indexes);

  Result<std::optional<EventBatch>> next() override;
  void stop() override { stopped_.store(true, std::memory_order_relaxed); }
  Progress progress() const override {
    return {.events = events_.load(std::memory_order_relaxed), .bytes = 0, .bytes_total = 0};
  }

 private:
  TimeRange visible(std::string_view index) const;
  // Null: opened by `opener`.
  Result<> add_segment(SegmentOpener& opener, const storage::SegmentEntry& entry,
                       std::shared_ptr<const segment::SegmentReader> reader = nullptr);
  void add_tail(const storage::TailBatchPtr& tail);
  void skip(ScanCounters::Count (&counts)[kSkips], Skip why) {
    ++counts[static_cast<std::size_t>(why)];
  }

  Result<EventBatch> scan_slice(const TimeSlice& slice);
  bool must_stop() const {
    return stopped_.load(std::memory_order_relaxed) || !scan_.execution.cancellation.check();
  }

  const storage::ReadView view_;
  const query::ScanRequest request_;
  const bool keeps_order_;
  FindingsRoom findings_room_;
  PlaceColumns places_;
  std::atomic<bool> stopped_{false};
  UnitScan scan_;
  std::vector<Unit> units_;
  std::vector<UnitFindings> findings_;  // Of each unit.
  std::vector<TimeSlice> slices_;
  std::atomic<std::size_t> next_slice_{0};
  std::atomic<std::uint64_t> events_{0};
};

// Of an index: the query's range, without what has expired.
TimeRange StoreSource::visible(std::string_view index) const {
  const std::int64_t to = request_.to_ns;
  return {.low_ns = std::max(request_.from_ns, view_.visible_from_ns(index)),
          .high_ns = to == std::numeric_limits<std::int64_t>::max() ? to : to - 1};
}

Result<> StoreSource::add_segment(SegmentOpener& opener, const storage::SegmentEntry& entry,
                                  std::shared_ptr<const segment::SegmentReader> reader) {
  ScanCounters& counters = scan_.counters;
  ++counters.segments_total;
  if (!scan_.wants_index(entry.index)) {
    skip(counters.segments_skipped, Skip::kIndex);
    return {};
  }
  const TimeRange range = visible(entry.index);
  if (overlap(range, {entry.time_min_ns, entry.time_max_ns}).is_empty()) {
    skip(counters.segments_skipped, Skip::kTime);
    return {};
  }
  if (reader == nullptr) {
    auto opened = opener.open(entry);
    if (!opened) return storage::segment_error(std::move(opened).error(), entry.object_key);
    reader = *std::move(opened);
  }
  const segment::Footer& footer = reader->footer();
  for (std::size_t i = 0; i < footer.row_groups.size(); ++i) {
    const segment::RowGroup& group = footer.row_groups[i];
    ++counters.row_groups_total;
    const TimeRange time = overlap(range, {group.time_min_ns, group.time_max_ns});
    if (time.is_empty()) {
      skip(counters.row_groups_skipped, Skip::kTime);
    } else if (const auto why = skip_row_group(footer, group, request_)) {
      skip(counters.row_groups_skipped, *why);
    } else {
      units_.push_back({.time = time,
                        .rows = group.rows,
                        .reader = reader,
                        .row_group = i,
                        .object_key = entry.object_key});
    }
  }
  return {};
}

void StoreSource::add_tail(const storage::TailBatchPtr& tail) {
  ++scan_.counters.tail_batches_total;
  // Rows of several indexes with borders of their own: the widest of these.
  TimeRange range = visible({});
  for (const std::string& index : scan_.indexes)
    range.low_ns = std::min(range.low_ns, visible(index).low_ns);
  const TimeRange time = overlap(range, {tail->time_min_ns, tail->time_max_ns});
  if (time.is_empty()) return skip(scan_.counters.tail_batches_skipped, Skip::kTime);
  units_.push_back({.time = time, .rows = tail->batch->rows(), .tail = tail});
}

Result<> StoreSource::plan(SegmentOpener& opener, std::vector<std::string> indexes) {
  if (indexes.empty()) return {};
  scan_.indexes = std::move(indexes);
  for (const auto& [id, entry] : view_.state().segments) {
    TRY(scan_.execution.cancellation.check());
    TRY(add_segment(opener, *entry));
  }
  for (const storage::StagedSegmentPtr& staged : view_.staged()) {
    TRY(add_segment(opener, staged->entry(), staged->reader()));
  }
  for (const storage::TailBatchPtr& tail : view_.tail()) add_tail(tail);

  if (request_.any_order) {
    // Groups are to be made of the rows; others would have to look at far more texts than rows.
    scan_.dictionaries = &opener.dictionaries();
    for (std::uint32_t i = 0; i < units_.size(); ++i)
      slices_.push_back({.time = units_[i].time, .units = {i}});
  } else {
    const std::uint64_t aim = request_.rows_wanted == 0
                                  ? kSliceRows
                                  : std::clamp(request_.rows_wanted, kSliceRowsMin, kSliceRows);
    slices_ = make_slices(units_, aim, kSliceRows);
  }
  findings_ = std::vector<UnitFindings>(units_.size());
  for (const TimeSlice& slice : slices_)
    for (const std::uint32_t i : slice.units) findings_[i].expect_slice();
  return {};
}

Result<EventBatch> StoreSource::scan_slice(const TimeSlice& slice) {
  const OrderColumns order =
      slice.units.size() > 1 || keeps_order_ ? OrderColumns::kYes : OrderColumns::kNo;
  std::vector<EventBatch> parts;
  for (const std::uint32_t i : slice.units) {
    TRY(scan_.execution.cancellation.check());
    const Unit& unit = units_[i];
    const TimeRange time = overlap(slice.time, unit.time);
    auto scanned = unit.tail == nullptr ? scan_row_group(unit, time, scan_, order, findings_[i])
                                        : scan_tail(unit, time, scan_, order);
    if (!scanned && unit.tail == nullptr)
      return storage::segment_error(std::move(scanned).error(), unit.object_key);
    EventBatch part = TRY(std::move(scanned));
    findings_[i].slice_done(findings_room_);
    if (part.rows() > 0) parts.push_back(std::move(part));
  }
  if (parts.empty()) return EventBatch();
  if (order == OrderColumns::kNo) return std::move(parts.front());
  const auto& fields = request_.fields;
  const bool wants_time =
      request_.all_fields || std::find(fields.begin(), fields.end(), event::kTime) != fields.end();
  return keeps_order_ ? merged(parts) : without_order(merged(parts), wants_time);
}

Result<std::optional<EventBatch>> StoreSource::next() {
  if (stopped_.load(std::memory_order_relaxed)) return std::optional<EventBatch>();
  const std::size_t slice = next_slice_.fetch_add(1, std::memory_order_relaxed);
  if (slice >= slices_.size()) return std::optional<EventBatch>();
  const auto asks = [this] { return must_stop(); };
  const base::StopScope scope(asks);
  Result<EventBatch> scanned = scan_slice(slices_[slice]);
  TRY(scan_.execution.cancellation.check());
  if (stopped_.load(std::memory_order_relaxed)) return std::optional<EventBatch>();
  EventBatch batch = TRY(std::move(scanned));
  events_ += batch.rows();
  batch.set_sequence(slice);
  return std::optional<EventBatch>(std::move(batch));
}

}  // namespace

Result<query::SourcePtr> open_store_source(storage::ReadView view, SegmentOpener& opener,
                                           const std::vector<spl2::SourceName>& names,
                                           const query::ScanRequest& request,
                                           query::Execution& execution, ScanCounters& counters) {
  std::vector<std::string> indexes = select_indexes(view, names, execution.hints);
  return open_store_source(std::move(view), opener, std::move(indexes), request, execution,
                           counters, KeepOrder::kNo);
}

Result<query::SourcePtr> open_store_source(storage::ReadView view, SegmentOpener& opener,
                                           std::vector<std::string> indexes,
                                           const query::ScanRequest& request,
                                           query::Execution& execution, ScanCounters& counters,
                                           KeepOrder keep_order) {
  auto source =
      std::make_shared<StoreSource>(std::move(view), request, execution, counters, keep_order);
  TRY(source->plan(opener, std::move(indexes)));
  return query::SourcePtr(std::move(source));
}

}  // namespace lynxdb::scan
