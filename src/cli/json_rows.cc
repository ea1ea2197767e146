#include "cli/json_rows.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lynxdb::cli {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

event::Value text_value(std::string_view text) { return event::Value::string(std::string(text)); }

// Numbers are read as the engine reads them: simdjson refuses integers beyond 64 bits.
event::Value number_value(std::string_view token) {
  const std::optional<event::ValueView> number = event::parse_number(trimmed(token));
  return number ? number->to_value() : event::Value();
}

bool read_scalar(ondemand::value value, ondemand::json_type type, event::Value& out) {
  switch (type) {
    case ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
      out = text_value(text);
      return true;
    }
    case ondemand::json_type::number:
      out = number_value(value.raw_json_token());
      return true;
    case ondemand::json_type::boolean: {
      bool flag = false;
      if (value.get_bool().get(flag) != simdjson::SUCCESS) return false;
      out = event::Value::boolean(flag);
      return true;
    }
    case ondemand::json_type::null:
      return !value.is_null().error();
    case ondemand::json_type::array:
    case ondemand::json_type::object: {
      std::string_view json;
      if (simdjson::to_json_string(value).get(json) != simdjson::SUCCESS) return false;
      out = text_value(trimmed(json));
      return true;
    }
  }
  return false;
}

bool read_list(ondemand::value value, event::Value& out) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  std::vector<event::Value> elements;
  for (auto item : array) {
    ondemand::value element;
    ondemand::json_type type{};
    event::Value scalar;
    if (item.get(element) != simdjson::SUCCESS || element.type().get(type) != simdjson::SUCCESS ||
        !read_scalar(element, type, scalar))
      return false;
    elements.push_back(std::move(scalar));
  }
  out = event::Value::list(std::move(elements));
  return true;
}

bool read_value(ondemand::value value, event::Value& out) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  return type == ondemand::json_type::array ? read_list(value, out) : read_scalar(value, type, out);
}

// Where a built-in field stands among those of an event (event::print_order).
std::size_t builtin_rank(std::string_view name) {
  constexpr std::array<std::string_view, 7> kBuiltin = {
      event::kTime,       event::kRaw,   event::kId,  event::kSource,
      event::kSourcetype, event::kIndex, event::kHost};
  return static_cast<std::size_t>(std::ranges::find(kBuiltin, name) - kBuiltin.begin());
}

bool prints_before(const std::string& a, const std::string& b) {
  const std::size_t rank_a = builtin_rank(a);
  const std::size_t rank_b = builtin_rank(b);
  return rank_a != rank_b ? rank_a < rank_b : a < b;
}

using Row = std::vector<std::pair<std::string, event::Value>>;

// The fields stand as those of events do, so that nobody put them in an order of their own.
bool is_event_order(const Row& row) {
  for (std::size_t i = 1; i < row.size(); ++i)
    if (!prints_before(row[i - 1].first, row[i].first)) return false;
  return true;
}

// The fields of `row` stand in `order` one behind the other.
bool is_in_order(const Row& row, const std::vector<std::string>& order) {
  auto at = order.begin();
  for (const auto& [name, value] : row) {
    at = std::find(at, order.end(), name);
    if (at == order.end()) return false;
  }
  return true;
}

}  // namespace

struct JsonRows::Parser {
  ondemand::parser parser;
  std::string padded;
};

JsonRows::JsonRows(OnBatch on_batch)
    : on_batch_(std::move(on_batch)), parser_(std::make_unique<Parser>()) {}
JsonRows::~JsonRows() = default;

Result<> JsonRows::parse(std::string_view line) {
  const Error unreadable{ErrorCode::kCorruption, "the server sent a row that is no JSON object"};
  parser_->padded.assign(line);
  parser_->padded.append(simdjson::SIMDJSON_PADDING, '\0');
  const simdjson::padded_string_view json(parser_->padded.data(), line.size(),
                                          parser_->padded.size());
  ondemand::document document;
  ondemand::object object;
  if (parser_->parser.iterate(json).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return unreadable;
  row_.clear();
  for (auto item : object) {
    ondemand::field field;
    std::string_view name;
    event::Value value;
    if (std::move(item).get(field) != simdjson::SUCCESS ||
        field.unescaped_key().get(name) != simdjson::SUCCESS)
      return unreadable;
    std::string key(name);
    if (!read_value(field.value(), value)) return unreadable;
    const bool repeated = std::ranges::find(row_, key, &Row::value_type::first) != row_.end();
    if (!repeated) row_.emplace_back(std::move(key), std::move(value));
  }
  return {};
}

Result<> JsonRows::add(std::string_view line) {
  TRY(parse(line));
  if (rows_ >= kRowsMax || !fits()) TRY(flush());
  if (rows_ == 0) ordered_ = !is_event_order(row_);
  append_row();
  return {};
}

// Whether the row can be told apart from the others when it is printed from the same batch.
bool JsonRows::fits() const {
  if (rows_ == 0) return true;
  if (ordered_ ? !is_in_order(row_, order_) : !is_event_order(row_)) return false;
  for (const auto& [name, column] : columns_) {
    const auto cell = std::ranges::find(row_, name, &Row::value_type::first);
    if (cell == row_.end() && column.was_null) return false;
    if (cell != row_.end() && cell->second.is_null() && column.was_absent) return false;
  }
  // A field that is null here and did not exist before.
  return std::ranges::all_of(row_, [this](const auto& cell) {
    return !cell.second.is_null() || columns_.contains(cell.first);
  });
}

void JsonRows::append_row() {
  for (auto& [name, value] : row_) {
    auto known = columns_.find(name);
    if (known == columns_.end()) {
      known = columns_.try_emplace(name).first;
      known->second.values.append_nulls(rows_);
      known->second.was_absent = rows_ > 0;
      order_.push_back(name);
    }
    known->second.was_null = known->second.was_null || value.is_null();
    known->second.values.append(value);
  }
  ++rows_;
  for (auto& [name, column] : columns_) {
    if (column.values.size() == rows_) continue;
    column.values.append_null();
    column.was_absent = true;
  }
}

Result<> JsonRows::flush() {
  if (rows_ == 0) return {};
  event::EventBatch batch(rows_);
  for (const std::string& name : order_) {
    Column& column = columns_.find(name)->second;
    batch.set(name, column.values.finish(), column.was_null);
  }
  batch.set_ordered(ordered_);
  order_.clear();
  columns_.clear();
  rows_ = 0;
  return on_batch_(batch);
}

}  // namespace lynxdb::cli
