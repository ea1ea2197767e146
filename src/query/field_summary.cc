#include "query/field_summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace lynxdb::query {
namespace {

using event::Type;

constexpr std::size_t kTopValues = 10;

// Nobody asks for the most frequent times and whole texts.
bool wants_values(std::string_view name) {
  return name != event::kTime && name != event::kRaw && name != event::kId;
}

std::string_view type_name(const std::map<Type, std::uint64_t>& types) {
  const bool numbers = std::ranges::all_of(types, [](const auto& entry) {
    return entry.first == Type::kInt || entry.first == Type::kFloat;
  });
  if (numbers) return types.contains(Type::kFloat) ? "float" : "integer";
  if (types.size() > 1) return "string";
  switch (types.begin()->first) {
    case Type::kBool:
      return "boolean";
    case Type::kTimestamp:
      return "datetime";
    default:
      return "string";
  }
}

std::unique_ptr<AggregateStates> percentile(double p) {
  spl2::Aggregate aggregate;
  aggregate.function = "perc";
  aggregate.percentile = p;
  std::unique_ptr<AggregateStates> states = make_states(aggregate);
  states->resize(1);
  return states;
}

event::Value finished(const std::unique_ptr<AggregateStates>& states) {
  return states == nullptr ? event::Value() : states->current(0);
}

double rounded(double share) { return std::round(share * 10'000) / 10'000; }

}  // namespace

void FieldSummary::add(const event::EventBatch& batch) {
  events_ += batch.rows();
  for (const event::Field& field : batch.fields()) {
    if (field.column->null_count() == batch.rows()) continue;
    auto known = fields_.find(field.name);
    if (known == fields_.end()) {
      if (fields_.size() == kFieldsMax) {
        fields_left_out_ = true;
        continue;
      }
      known = fields_.emplace(field.name, OneField()).first;
      known->second.values_incomplete = !wants_values(field.name);
    }
    add_column(known->second, *field.column, batch.sequence());
  }
}

void FieldSummary::add_column(OneField& field, const event::Column& column,
                              std::uint64_t sequence) {
  const std::uint64_t numbers = field.numbers;
  for (std::size_t row = 0; row < column.size(); ++row)
    if (!column.is_null(row)) add_value(field, column.view(row));
  if (field.numbers > numbers) add_percentiles(field, column, sequence);
}

void FieldSummary::add_value(OneField& field, event::ValueView value) {
  ++field.count;
  ++field.types[value.type()];
  const bool number = value.type() == Type::kInt || value.type() == Type::kFloat;
  if (number || value.type() == Type::kTimestamp) {
    if (field.min.is_null() || event::sort_compare(value, field.min) < 0)
      field.min = value.to_value();
    if (field.max.is_null() || event::sort_compare(value, field.max) > 0)
      field.max = value.to_value();
  }
  if (number) {
    ++field.numbers;
    field.sum +=
        value.type() == Type::kInt ? static_cast<double>(value.as_int()) : value.as_float();
  }
  if (value.type() != Type::kList) return count_text(field, value);
  for (std::size_t i = 0; i < value.list_size(); ++i) count_text(field, value.list_at(i));
}

void FieldSummary::count_text(OneField& field, event::ValueView value) {
  // Known values are counted on even when there is no room for new ones.
  if (field.values_incomplete && field.values.empty()) return;
  text_.clear();
  event::append_text(value, text_);
  const auto known = field.values.find(text_);
  if (known != field.values.end()) {
    ++known->second;
    return;
  }
  const bool room =
      field.values.size() < kValuesMax && values_ < kAllValuesMax && text_.size() <= kValueBytesMax;
  if (!room) {
    field.values_incomplete = true;
    return;
  }
  ++values_;
  field.values.emplace(text_, 1);
}

void FieldSummary::add_percentiles(OneField& field, const event::Column& column,
                                   std::uint64_t sequence) {
  if (field.p50 == nullptr) {
    field.p50 = percentile(50);
    field.p99 = percentile(99);
  }
  const std::vector<std::uint32_t> groups(column.size(), 0);
  RowOrigin origin;
  origin.sequence = sequence;
  field.p50->update(groups, &column, origin);
  field.p99->update(groups, &column, origin);
}

event::EventBatch FieldSummary::rows_of(std::vector<std::string> names) const {
  std::ranges::sort(names, [&](const std::string& a, const std::string& b) {
    const std::uint64_t count_a = fields_.find(a)->second.count;
    const std::uint64_t count_b = fields_.find(b)->second.count;
    return count_a != count_b ? count_a > count_b : a < b;
  });
  constexpr std::size_t kColumns = 10;
  constexpr std::array<std::string_view, kColumns> kNames = {
      "name", "type", "count", "coverage", "min", "max", "avg", "p50", "p99", "top_values"};
  std::array<event::ColumnBuilder, kColumns> columns;
  for (const std::string& name : names) {
    const OneField& field = fields_.find(name)->second;
    const double share = static_cast<double>(field.count) / static_cast<double>(events_);
    const event::Value avg =
        field.numbers == 0 ? event::Value()
                           : event::Value::floating(field.sum / static_cast<double>(field.numbers));
    std::vector<event::Value> values;
    for (const auto& [value, times] : frequent_values(name, kTopValues)) {
      std::string entry = "{\"value\":";
      event::append_json_string(value, entry);
      values.push_back(event::Value::string(entry + ",\"count\":" + std::to_string(times) + "}"));
    }
    const std::array<event::Value, kColumns> row = {
        event::Value::string(name),
        event::Value::string(std::string(type_name(field.types))),
        event::Value::integer(static_cast<std::int64_t>(field.count)),
        event::Value::floating(rounded(share)),
        field.min,
        field.max,
        avg,
        finished(field.p50),
        finished(field.p99),
        event::Value::list(std::move(values))};
    for (std::size_t i = 0; i < kColumns; ++i) columns[i].append(row[i]);
  }
  event::EventBatch batch(names.size());
  batch.set_ordered(true);
  for (std::size_t i = 0; i < kColumns; ++i) batch.set(kNames[i], columns[i].finish(), true);
  return batch;
}

std::vector<std::pair<std::string, std::uint64_t>> FieldSummary::frequent_values(
    const std::string& name, std::size_t count) const {
  const auto known = fields_.find(name);
  if (known == fields_.end()) return {};
  const auto& counts = known->second.values;
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  const auto more_frequent = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  const std::size_t size = std::min(sorted.size(), count);
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(size),
                    sorted.end(), more_frequent);
  sorted.resize(size);
  return sorted;
}

std::vector<std::string> FieldSummary::names() const {
  std::vector<std::string> names;
  for (const auto& [name, field] : fields_) names.push_back(name);
  return names;
}

std::vector<std::string> FieldSummary::hints() const {
  std::vector<std::string> hints;
  std::string incomplete;
  for (const auto& [name, field] : fields_) {
    if (!field.values_incomplete || !wants_values(name)) continue;
    incomplete += incomplete.empty() ? name : ", " + name;
  }
  if (!incomplete.empty())
    hints.push_back("top_values of fields with many values are estimates: " + incomplete);
  if (fields_left_out_)
    hints.push_back("more than " + std::to_string(kFieldsMax) + " fields; the rest is not shown");
  return hints;
}

}  // namespace lynxdb::query
