#include "event/event_batch.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>

#include "base/check.h"
#include "base/stop_scope.h"
#include "event/raw_ranges.h"

namespace lynxdb::event {

std::optional<std::string_view> alias_target(std::string_view name) {
  if (name == "_timestamp") return kTime;
  if (name == "source") return kSource;
  if (name == "sourcetype") return kSourcetype;
  if (name == "index") return kIndex;
  return std::nullopt;
}

namespace {

// More names than this are looked up by hash.
constexpr std::size_t kFewFields = 32;

// `_raw`, where it holds strings; else null.
const Column* raw_strings(const EventBatch& batch) {
  const ColumnPtr* raw = batch.find(kRaw);
  return raw != nullptr && (*raw)->kind() == Kind::kString ? raw->get() : nullptr;
}

std::size_t text_bytes(const Column& column) {
  std::size_t bytes = 0;
  for (const std::string_view text : column.string_values()) bytes += text.size();
  if (column.kind() == Kind::kDictionary) bytes += text_bytes(*column.dictionary());
  if (column.kind() == Kind::kList) bytes += text_bytes(*column.elements());
  return bytes;
}

}  // namespace

const ColumnPtr* EventBatch::find(std::string_view name) const {
  const std::optional<std::size_t> i = index_of(name);
  return i ? &fields_[*i].column : nullptr;
}

std::optional<std::size_t> EventBatch::index_of(std::string_view name) const {
  std::size_t begin = 0;
  if (names_ != nullptr) {
    const auto found = names_->find(std::hash<std::string_view>()(name));
    if (found != names_->end() && fields_[found->second].name == name) return found->second;
    // Behind those that are indexed; all of them when another name with this hash came first.
    if (found == names_->end()) begin = names_->size();
  }
  for (std::size_t i = begin; i < fields_.size(); ++i)
    if (fields_[i].name == name) return i;
  return std::nullopt;
}

void EventBatch::set(std::string_view name, ColumnPtr column, bool named) {
  LYNXDB_CHECK(column != nullptr && column->size() == rows_);
  if (const std::optional<std::size_t> i = index_of(name)) {
    fields_[*i].column = std::move(column);
    fields_[*i].named = named || fields_[*i].named;
    if (named) fields_[*i].unnamed_rows = nullptr;
    return;
  }
  fields_.push_back({std::string(name), std::move(column), named});
  // The index may be shared: it is made anew, seldom, instead of being changed.
  const std::size_t indexed = names_ == nullptr ? 0 : names_->size();
  if (fields_.size() - indexed > kFewFields + indexed / 8) index_names();
}

void EventBatch::index_names() {
  names_ = nullptr;
  if (fields_.size() <= kFewFields) return;
  auto names = std::make_shared<NameIndex>();
  names->reserve(fields_.size());
  for (std::size_t i = 0; i < fields_.size(); ++i)
    names->try_emplace(std::hash<std::string_view>()(fields_[i].name), i);
  names_ = std::move(names);
}

void EventBatch::remove(std::string_view name) {
  if (std::erase_if(fields_, [&](const Field& field) { return field.name == name; }) > 0)
    index_names();
}

void EventBatch::replace_fields(std::vector<Field> fields) {
  for (const Field& field : fields)
    LYNXDB_CHECK(field.column != nullptr && field.column->size() == rows_);
  fields_ = std::move(fields);
  index_names();
}

EventBatch EventBatch::take(std::span<const std::uint32_t> rows) const {
  EventBatch result = *this;
  result.rows_ = rows.size();
  // Fields often share one column (aliases): take each column once.
  std::vector<std::pair<const Column*, ColumnPtr>> taken;
  for (Field& field : result.fields_) {
    const auto known = std::find_if(taken.begin(), taken.end(), [&](const auto& entry) {
      return entry.first == field.column.get();
    });
    if (known != taken.end()) {
      field.column = known->second;
      continue;
    }
    ColumnPtr column = event::take(field.column, rows);
    if (taken.size() < 16) taken.emplace_back(field.column.get(), column);
    field.column = std::move(column);
  }
  for (Field& field : result.fields_)
    if (field.unnamed_rows != nullptr) field.unnamed_rows = event::take(field.unnamed_rows, rows);
  return result;
}

EventBatch EventBatch::slice(std::size_t begin, std::size_t size) const {
  if (begin == 0 && size == rows_) return *this;
  EventBatch result = *this;
  result.rows_ = size;
  for (Field& field : result.fields_) {
    field.column = event::slice(field.column, begin, size);
    if (field.unnamed_rows != nullptr)
      field.unnamed_rows = event::slice(field.unnamed_rows, begin, size);
  }
  return result;
}

std::size_t EventBatch::memory_bytes() const {
  std::size_t bytes = sizeof(*this);
  for (const Field& field : fields_) {
    bytes += sizeof(Field) + field.name.capacity() + field.column->memory_bytes();
    if (field.unnamed_rows != nullptr) bytes += field.unnamed_rows->memory_bytes();
  }
  return bytes - bytes_inside_raw();
}

std::size_t EventBatch::text_bytes() const {
  std::size_t bytes = 0;
  for (const Field& field : fields_) bytes += lynxdb::event::text_bytes(*field.column);
  return bytes - bytes_inside_raw();
}

// The text that other columns have in common with `_raw`.
std::size_t EventBatch::bytes_inside_raw() const {
  const Column* raw = raw_strings(*this);
  if (raw == nullptr) return 0;
  std::size_t bytes = 0;
  for (const Field& field : fields_) {
    const bool is_other = field.column->kind() == Kind::kString && field.column.get() != raw;
    if (is_other) bytes += event::bytes_inside_raw(*field.column, *raw);
  }
  return bytes;
}

namespace {

// One field of several batches: the batches that have it, in order.
using FieldParts = std::vector<std::pair<std::size_t, const Field*>>;

// Of a field that is named somewhere: the rows of the batches where it is not; null if there are
// none.
ColumnPtr unnamed_rows(std::span<const EventBatch> batches, const FieldParts& parts) {
  const bool everywhere =
      parts.size() == batches.size() && std::ranges::all_of(parts, [](const auto& part) {
        return part.second->named && part.second->unnamed_rows == nullptr;
      });
  if (everywhere) return nullptr;
  std::vector<std::uint8_t> unnamed;
  auto part = parts.begin();
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const Field* field = part != parts.end() && part->first == b ? (part++)->second : nullptr;
    for (std::size_t row = 0; row < batches[b].rows(); ++row)
      unnamed.push_back(field != nullptr && field->prints_null(row) ? 0 : 1);
  }
  if (std::ranges::find(unnamed, 1) == unnamed.end()) return nullptr;
  return Column::bools(std::move(unnamed));
}

}  // namespace

EventBatch concat(std::span<const EventBatch> batches) {
  if (batches.size() == 1) return batches.front();
  std::size_t rows = 0;
  for (const EventBatch& batch : batches) rows += batch.rows();

  // One pass over all fields: batches may hold thousands of names each.
  struct Joined {
    std::string name;
    bool named = false;
    FieldParts parts;
  };
  std::vector<Joined> joined;
  std::unordered_map<std::string_view, std::size_t> places;
  EventBatch result(rows);
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (const Field& field : batches[b].fields()) {
      const auto [place, added] = places.try_emplace(field.name, joined.size());
      if (added) joined.push_back({.name = field.name, .named = false, .parts = {}});
      Joined& into = joined[place->second];
      into.named = into.named || field.named;
      into.parts.emplace_back(b, &field);
    }
    result.set_ordered(result.ordered() || batches[b].ordered());
  }

  std::vector<Field> fields;
  fields.reserve(joined.size());
  std::vector<ColumnPtr> columns;
  for (Joined& from : joined) {
    columns.clear();
    if (base::must_stop()) {
      fields.push_back(
          {.name = std::move(from.name), .column = Column::nulls(rows), .named = from.named});
      continue;
    }
    for (const auto& [batch, field] : from.parts) {
      while (columns.size() < batch)
        columns.push_back(Column::nulls(batches[columns.size()].rows()));
      columns.push_back(field->column);
    }
    while (columns.size() < batches.size())
      columns.push_back(Column::nulls(batches[columns.size()].rows()));
    fields.push_back({.name = std::move(from.name),
                      .column = concat(columns),
                      .named = from.named,
                      .unnamed_rows = from.named ? unnamed_rows(batches, from.parts) : nullptr});
  }
  result.replace_fields(std::move(fields));
  if (!batches.empty()) result.set_sequence(batches.front().sequence());
  return result;
}

EventBatch compact(const EventBatch& batch) {
  EventBatch result = batch;
  std::vector<Field> fields(batch.fields().begin(), batch.fields().end());
  const Column* raw = raw_strings(batch);
  const ColumnPtr compacted_raw = raw == nullptr ? nullptr : compact(*batch.find(kRaw));
  for (Field& field : fields) {
    if (field.column.get() == raw) {
      field.column = compacted_raw;
    } else if (raw != nullptr && field.column->kind() == Kind::kString) {
      field.column = compact_beside_raw(field.column, *raw, *compacted_raw);
    } else {
      field.column = compact(field.column);
    }
    if (field.unnamed_rows != nullptr) field.unnamed_rows = compact(field.unnamed_rows);
  }
  result.replace_fields(std::move(fields));
  return result;
}

std::vector<std::size_t> print_order(const EventBatch& batch) {
  std::vector<std::size_t> order(batch.field_count());
  std::iota(order.begin(), order.end(), 0);
  if (batch.ordered()) return order;
  constexpr std::array<std::string_view, 7> kFirst = {kTime,       kRaw,   kId,  kSource,
                                                      kSourcetype, kIndex, kHost};
  const auto rank = [&](std::size_t i) {
    return std::find(kFirst.begin(), kFirst.end(), batch.fields()[i].name) - kFirst.begin();
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto rank_a = rank(a);
    const auto rank_b = rank(b);
    if (rank_a != rank_b) return rank_a < rank_b;
    return batch.fields()[a].name < batch.fields()[b].name;
  });
  return order;
}

}  // namespace lynxdb::event
