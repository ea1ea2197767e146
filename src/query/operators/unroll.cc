#include <simdjson.h>

#include <map>
#include <utility>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

// One event's array can have as many elements as it has bytes: without a limit, a few batches of
// hostile events would fill the memory.
constexpr std::size_t kRowsMax = 1U << 22U;
constexpr int kNestingMax = 16;  // As in documents: deeper objects stay JSON text.

event::Value scalar_value(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::BOOL:
      return event::Value::boolean(element.get_bool().value_unsafe());
    case element_type::INT64:
      return event::Value::integer(element.get_int64().value_unsafe());
    case element_type::UINT64:
      return event::Value::floating(static_cast<double>(element.get_uint64().value_unsafe()));
    case element_type::DOUBLE:
      return event::Value::floating(element.get_double().value_unsafe());
    case element_type::STRING:
      return event::Value::string(std::string(element.get_string().value_unsafe()));
    default:
      return {};
  }
}

// Scalars typed, arrays of scalars as lists, everything else as JSON text.
event::Value value_of(simdjson::dom::element element) {
  if (element.is_object()) return event::Value::string(simdjson::minify(element));
  if (!element.is_array()) return scalar_value(element);
  std::vector<event::Value> elements;
  for (const simdjson::dom::element item : element.get_array().value_unsafe()) {
    if (item.is_object() || item.is_array()) return event::Value::string(simdjson::minify(element));
    elements.push_back(scalar_value(item));
  }
  return event::Value::list(std::move(elements));
}

// The rows that come out of one batch.
class UnrolledRows {
 public:
  explicit UnrolledRows(std::string field) : field_(std::move(field)) {}

  std::size_t size() const { return sources_.size(); }
  std::size_t member_count() const { return members_.size(); }

  void add(std::uint32_t source, event::ValueView value) {
    sources_.push_back(source);
    values_.append(value);
  }

  void add(std::uint32_t source, simdjson::dom::element element) {
    if (element.is_object()) add_members(field_, element.get_object().value_unsafe(), 1);
    add(source, value_of(element));
  }

  event::EventBatch apply_to(const event::EventBatch& batch) && {
    event::EventBatch rows = batch.take(sources_);
    rows.set(field_, values_.finish());
    for (auto& [name, member] : members_) rows.set(name, member_column(rows, name, member));
    return rows;
  }

 private:
  using Member = std::vector<std::pair<std::size_t, event::Value>>;  // Row and value, ascending.

  // Of the object that is about to become a row. Recursion is bounded by kNestingMax.
  void add_members(const std::string& prefix, simdjson::dom::object object, int depth) {
    for (const simdjson::dom::key_value_pair member : object) {
      if (member.key.empty()) continue;
      const std::string name = prefix + "." + std::string(member.key);
      if (member.value.is_object() && depth < kNestingMax)
        add_members(name, member.value.get_object().value_unsafe(), depth + 1);
      else
        members_[name].emplace_back(size(), value_of(member.value));
    }
  }

  // Rows without that member keep what they had in a field of its name.
  static event::ColumnPtr member_column(const event::EventBatch& rows, const std::string& name,
                                        Member& member) {
    const event::ColumnPtr* before = rows.find(name);
    std::vector<event::Value> values(rows.rows());
    if (before != nullptr)
      for (std::size_t row = 0; row < values.size(); ++row) values[row] = (*before)->value(row);
    for (auto& [row, value] : member) values[row] = std::move(value);
    return event::Column::mixed(std::move(values));
  }

  std::string field_;
  std::vector<std::uint32_t> sources_;
  event::ColumnBuilder values_;
  std::map<std::string, Member> members_;
};

bool may_be_array(event::ValueView value) {
  if (value.type() != event::Type::kString) return false;
  const std::size_t first = value.as_string().find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && value.as_string()[first] == '[';
}

class UnrollTransform final : public Transform {
 public:
  explicit UnrollTransform(std::string field) : field_(std::move(field)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    const event::ColumnPtr column = resolve_field(batch, field_);
    if (!any_to_unroll(*column)) return batch;
    UnrolledRows rows(field_);
    // What one row takes, apart from its own value.
    const std::size_t row_bytes = batch.field_count() * sizeof(std::string_view);
    simdjson::dom::parser parser;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      const std::size_t before = rows.size();
      add_row(row, column->view(row), parser, rows);
      if (!take_expression_memory((rows.size() - before) * row_bytes)) return event::EventBatch();
      if (rows.size() > kRowsMax) {
        return Error{ErrorCode::kOutOfBudget,
                     "unroll: " + std::to_string(batch.rows()) + " events give more than " +
                         std::to_string(kRowsMax) + " rows",
                     "filter the events before unroll"};
      }
    }
    // Each member is a column of all rows.
    if (!take_expression_memory(rows.size() * rows.member_count() * sizeof(event::Value)))
      return event::EventBatch();
    return std::move(rows).apply_to(batch);
  }
  std::string_view command() const override { return "unroll"; }

 private:
  static bool any_to_unroll(const event::Column& column) {
    for (std::size_t row = 0; row < column.size(); ++row) {
      const event::ValueView value = column.view(row);
      if (value.type() == event::Type::kList || may_be_array(value)) return true;
    }
    return false;
  }

  static void add_row(std::uint32_t row, event::ValueView value, simdjson::dom::parser& parser,
                      UnrolledRows& rows) {
    if (value.type() == event::Type::kList) {
      for (std::size_t i = 0; i < value.list_size(); ++i) rows.add(row, value.list_at(i));
      return;
    }
    simdjson::dom::array array;
    if (may_be_array(value) &&
        parser.parse(value.as_string().data(), value.as_string().size()).get(array) ==
            simdjson::SUCCESS &&
        array.size() > 0) {
      for (const simdjson::dom::element element : array) rows.add(row, element);
      return;
    }
    rows.add(row, value);
  }

  std::string field_;
};

}  // namespace

TransformPtr make_unroll(const spl2::UnrollCommand& command) {
  return std::make_shared<UnrollTransform>(command.field);
}

}  // namespace lynxdb::query
