// For tests of the engine: batches from JSON lines, rows back as JSON lines, pipelines from
// batches.
//
//   rows_as_json(batch_of_json({R"({"a":1})", R"({"a":"x","b":[1,2]})"}))
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event_batch.h"
#include "query/operator.h"

namespace lynxdb::query::testing {

inline event::Value value_of(simdjson::dom::element element, bool is_time) {
  switch (element.type()) {
    case simdjson::dom::element_type::BOOL:
      return event::Value::boolean(bool(element));
    case simdjson::dom::element_type::INT64:
      if (is_time) return event::Value::timestamp(std::int64_t(element) * 1'000'000'000);
      return event::Value::integer(std::int64_t(element));
    case simdjson::dom::element_type::DOUBLE:
      return event::Value::floating(double(element));
    case simdjson::dom::element_type::STRING:
      return event::Value::string(std::string(std::string_view(element)));
    case simdjson::dom::element_type::ARRAY: {
      std::vector<event::Value> values;
      for (const simdjson::dom::element item : simdjson::dom::array(element))
        values.push_back(value_of(item, false));
      return event::Value::list(std::move(values));
    }
    case simdjson::dom::element_type::OBJECT:
      return event::Value::string(simdjson::minify(element));
    default:
      return {};
  }
}

// One row per JSON object. Arrays are lists, inner objects JSON text; an int in `_time` is a
// timestamp in epoch seconds. Fields stand in order of appearance.
inline event::EventBatch batch_of_json(const std::vector<std::string>& lines,
                                       std::uint64_t sequence = 0) {
  simdjson::dom::parser parser;
  std::vector<std::string> names;
  std::map<std::string, std::vector<event::Value>> columns;
  for (std::size_t row = 0; row < lines.size(); ++row) {
    simdjson::dom::object object;
    const auto error = parser.parse(simdjson::padded_string(lines[row])).get(object);
    EXPECT_EQ(error, simdjson::SUCCESS) << lines[row];
    if (error != simdjson::SUCCESS) continue;
    for (const auto& member : object) {
      const std::string name(member.key);
      auto [column, added] = columns.try_emplace(name, lines.size());
      if (added) names.push_back(name);
      column->second[row] = value_of(member.value, name == event::kTime);
    }
  }
  event::EventBatch batch(lines.size());
  for (const std::string& name : names) batch.set(name, event::Column::mixed(columns[name]));
  batch.set_sequence(sequence);
  return batch;
}

// Rows as they are printed: null fields only where the pipeline named them.
inline std::vector<std::string> rows_as_json(const event::EventBatch& batch) {
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    std::string text = "{";
    for (const std::size_t i : event::print_order(batch)) {
      const event::Field& field = batch.fields()[i];
      if (field.column->is_null(row) && !field.prints_null(row)) continue;
      if (text.size() > 1) text += ',';
      event::append_json_string(field.name, text);
      text += ':';
      event::append_json(field.column->view(row), text);
    }
    rows.push_back(text + "}");
  }
  return rows;
}

// An operator that gives these batches, or fails after them.
class BatchesOperator final : public Operator {
 public:
  explicit BatchesOperator(std::vector<event::EventBatch> batches) : batches_(std::move(batches)) {}

  Result<std::optional<event::EventBatch>> next() override {
    ++pulls;
    while (next_ < batches_.size() && batches_[next_].rows() == 0) ++next_;
    if (next_ == batches_.size()) return std::optional<event::EventBatch>();
    return std::optional<event::EventBatch>(batches_[next_++]);
  }

  int pulls = 0;

 private:
  std::vector<event::EventBatch> batches_;
  std::size_t next_ = 0;
};

inline OperatorPtr operator_of(std::vector<event::EventBatch> batches) {
  for (std::size_t i = 0; i < batches.size(); ++i) batches[i].set_sequence(i);
  return std::make_unique<BatchesOperator>(std::move(batches));
}

inline OperatorPtr operator_of_json(const std::vector<std::string>& lines,
                                    std::size_t rows_per_batch = 4096) {
  std::vector<event::EventBatch> batches;
  for (std::size_t i = 0; i < lines.size(); i += rows_per_batch) {
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(i);
    const std::size_t size = std::min(rows_per_batch, lines.size() - i);
    batches.push_back(batch_of_json({begin, begin + static_cast<std::ptrdiff_t>(size)}));
  }
  return operator_of(std::move(batches));
}

// All rows of an operator. Sequences must rise: what is downstream relies on it.
inline Result<std::vector<std::string>> drain(Operator& from) {
  std::vector<std::string> rows;
  std::optional<std::uint64_t> last;
  while (std::optional<event::EventBatch> batch = TRY(from.next())) {
    EXPECT_GT(batch->rows(), 0U);
    if (last) EXPECT_GT(batch->sequence(), *last);
    last = batch->sequence();
    for (std::string& row : rows_as_json(*batch)) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lynxdb::query::testing
