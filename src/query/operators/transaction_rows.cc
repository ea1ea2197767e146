#include "query/operators/transaction_rows.h"

#include <algorithm>
#include <set>
#include <utility>

#include "query/field.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {
namespace {

constexpr std::string_view kDuration = "duration";
constexpr std::string_view kEventCount = "eventcount";
constexpr std::string_view kEarliest = "earliest_time";
constexpr std::string_view kLatest = "latest_time";
constexpr std::string_view kClosed = "closed";

event::Value timestamp_or_null(std::optional<std::int64_t> ns) {
  return ns ? event::Value::timestamp(*ns) : event::Value();
}

event::Value duration_of(const TransactionSummary& summary) {
  if (!summary.first_ns || !summary.last_ns) return {};
  return event::Value::floating(static_cast<double>(*summary.last_ns - *summary.first_ns) / 1e9);
}

std::set<std::string> fields_of(const std::vector<EventRange>& events) {
  std::set<std::string> names;
  for (const EventRange& range : events)
    for (const event::Field& field : range.batch->fields()) names.insert(field.name);
  return names;
}

}  // namespace

// A key that has the name of a computed column groups events, but that column is the computed one.
TransactionRows::TransactionRows(const std::vector<std::string>& key_fields) {
  for (const std::string_view name :
       {event::kTime, kDuration, kEventCount, kEarliest, kLatest, kClosed})
    leading_.emplace_back(name);
  for (const std::string& key : key_fields) {
    if (key == event::kRaw || is_computed(key)) continue;
    key_fields_.push_back(key);
    leading_.push_back(key);
  }
  leading_.emplace_back(event::kRaw);
}

bool TransactionRows::is_computed(const std::string& name) const {
  return name == kOrdinalField || name == kSecondOrdinalField ||
         std::find(leading_.begin(), leading_.end(), name) != leading_.end();
}

// Rows before the first value of a column are null.
event::ColumnBuilder& TransactionRows::column(const std::string& name) {
  event::ColumnBuilder& builder = columns_[name];
  builder.append_nulls(rows_ - builder.size());
  return builder;
}

void TransactionRows::add(const std::vector<EventRange>& events,
                          const TransactionSummary& summary) {
  const EventRange& first = events.front();
  column(std::string(event::kTime)).append(timestamp_or_null(summary.first_ns));
  column(std::string(kDuration)).append(duration_of(summary));
  column(std::string(kEventCount)).append_int(static_cast<std::int64_t>(summary.events));
  column(std::string(kEarliest)).append(timestamp_or_null(summary.first_ns));
  column(std::string(kLatest)).append(timestamp_or_null(summary.last_ns));
  column(std::string(kClosed)).append_bool(summary.closed);
  column(kOrdinalField).append((*first.batch->find(kOrdinalField))->view(first.begin));
  for (const std::string& key : key_fields_)
    column(key).append(resolve_field(*first.batch, key)->view(first.begin));
  add_raw(events);
  for (const std::string& name : fields_of(events))
    if (!is_computed(name)) add_field(name, events);
  ++rows_;
}

void TransactionRows::add_raw(const std::vector<EventRange>& events) {
  std::string joined;
  bool any = false;
  for (const EventRange& range : events) {
    const event::ColumnPtr* raw = range.batch->find(event::kRaw);
    for (std::uint32_t row = range.begin; raw != nullptr && row < range.end; ++row) {
      if ((*raw)->is_null(row)) continue;
      if (any) joined.push_back('\n');
      any = true;
      event::append_text((*raw)->view(row), joined);
    }
  }
  if (any) column(std::string(event::kRaw)).append_string(joined);
}

void TransactionRows::add_field(const std::string& name, const std::vector<EventRange>& events) {
  for (const EventRange& range : events) {
    const event::ColumnPtr* values = range.batch->find(name);
    for (std::uint32_t row = range.begin; values != nullptr && row < range.end; ++row)
      distinct_.add((*values)->view(row));
  }
  const event::Value value = distinct_.take();
  if (!value.is_null()) column(name).append(value);
}

std::size_t TransactionRows::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, builder] : columns_) bytes += builder.memory_bytes();
  return bytes;
}

event::EventBatch TransactionRows::take() {
  event::EventBatch batch(rows_);
  for (auto& [name, builder] : columns_) {
    builder.append_nulls(rows_ - builder.size());
    const bool named = name != kOrdinalField && is_computed(name) && name != event::kRaw;
    batch.set(name, builder.finish(), named);
  }
  batch.set_ordered(true);
  columns_.clear();
  rows_ = 0;
  return batch;
}

event::EventBatch TransactionRows::in_print_order(const event::EventBatch& batch) const {
  std::vector<event::Field> others;
  event::EventBatch ordered(batch.rows());
  for (const std::string& name : leading_) {
    if (const std::optional<std::size_t> i = batch.index_of(name))
      ordered.set(name, batch.fields()[*i].column, batch.fields()[*i].named);
  }
  for (const event::Field& field : batch.fields())
    if (!is_computed(field.name)) others.push_back(field);
  std::sort(others.begin(), others.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const event::Field& field : others) ordered.set(field.name, field.column, field.named);
  ordered.set_ordered(true);
  ordered.set_sequence(batch.sequence());
  return ordered;
}

}  // namespace lynxdb::query
