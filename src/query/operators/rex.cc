#include <utility>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/operators/operators.h"
#include "query/regex.h"

namespace lynxdb::query {
namespace {

// What the first match of one value gave: a view per named group, null data for none.
struct Captures {
  bool matched = false;
  std::vector<std::string_view> groups;
};

// The owners of the bytes behind a column's strings.
const std::vector<event::Column::Owner>& string_owners(const event::Column& column) {
  return column.kind() == event::Kind::kDictionary ? column.dictionary()->owners()
                                                   : column.owners();
}

bool holds_strings(const event::Column& column) {
  return column.kind() == event::Kind::kString || column.kind() == event::Kind::kDictionary;
}

// Calls `use` with the text form of a value, of each element of a list, until it returns false.
template <typename Use>
void each_text(event::ValueView value, std::string& scratch, Use&& use) {
  if (value.is_null()) return;
  const std::size_t size = value.type() == event::Type::kList ? value.list_size() : 1;
  for (std::size_t i = 0; i < size; ++i) {
    const event::ValueView item = value.type() == event::Type::kList ? value.list_at(i) : value;
    if (item.type() == event::Type::kString) {
      if (!use(item.as_string())) return;
      continue;
    }
    scratch.clear();
    event::append_text(item, scratch);
    if (!use(std::string_view(scratch))) return;
  }
}

class RexTransform final : public Transform {
 public:
  RexTransform(std::string field, RegexPtr regex, std::uint64_t max_match)
      : field_(std::move(field)), regex_(std::move(regex)), max_match_(max_match) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    const event::ColumnPtr source = resolve_field(batch, field_);
    if (max_match_ == 1)
      set_first(*source, batch);
    else
      set_lists(*source, batch);
    return batch;
  }
  std::string_view command() const override { return "rex"; }

 private:
  std::size_t group_count() const { return regex_->named_groups().size(); }

  Captures first_match(std::string_view text, std::vector<std::string_view>& scratch) const {
    Captures captures;
    if (!take_expression_memory(group_count() * sizeof(std::string_view))) return captures;
    captures.matched = regex_->find(text, scratch);
    if (!captures.matched) return captures;
    for (const Regex::NamedGroup& group : regex_->named_groups())
      captures.groups.push_back(scratch[group.index]);
    return captures;
  }

  void append_row(const Captures& captures, bool borrow, std::size_t row,
                  std::span<const event::ColumnPtr> before,
                  std::vector<event::ColumnBuilder>& builders) const {
    for (std::size_t g = 0; g < builders.size(); ++g) {
      if (!captures.matched) {
        if (before[g] != nullptr)
          builders[g].append(before[g]->view(row));
        else
          builders[g].append_null();
      } else if (captures.groups[g].data() == nullptr) {
        builders[g].append_null();
      } else if (borrow) {
        builders[g].append_borrowed_string(captures.groups[g]);
      } else {
        append_made(captures.groups[g], builders[g]);
      }
    }
  }

  // The fields of the groups' names as they were: rows without a match keep them.
  std::vector<event::ColumnPtr> fields_before(const event::EventBatch& batch) const {
    std::vector<event::ColumnPtr> before;
    for (const Regex::NamedGroup& group : regex_->named_groups()) {
      const event::ColumnPtr* column = batch.find(group.name);
      before.push_back(column != nullptr ? *column : nullptr);
    }
    return before;
  }

  void set_first(const event::Column& source, event::EventBatch& batch) const {
    const std::vector<event::ColumnPtr> before = fields_before(batch);
    const bool borrow = holds_strings(source);
    std::vector<event::ColumnBuilder> builders(group_count());
    for (event::ColumnBuilder& builder : builders)
      if (borrow)
        for (const event::Column::Owner& owner : string_owners(source)) builder.add_owner(owner);

    std::vector<std::string_view> scratch(regex_->group_count() + 1);
    const std::vector<Captures> of_entry = entry_captures(source, scratch);
    std::string text;
    for (std::size_t row = 0; row < source.size(); ++row) {
      if (!of_entry.empty() && !source.is_null(row)) {
        append_row(of_entry[source.codes()[row]], borrow, row, before, builders);
        continue;
      }
      Captures captures;
      each_text(source.view(row), text, [&](std::string_view value) {
        captures = first_match(value, scratch);
        return !captures.matched;
      });
      append_row(captures, borrow, row, before, builders);
    }
    for (std::size_t g = 0; g < builders.size(); ++g)
      batch.set(regex_->named_groups()[g].name, builders[g].finish(), true);
  }

  // One search per distinct value, where the column has fewer of them than rows.
  std::vector<Captures> entry_captures(const event::Column& source,
                                       std::vector<std::string_view>& scratch) const {
    std::vector<Captures> captures;
    if (source.kind() != event::Kind::kDictionary || source.dictionary()->size() > source.size())
      return captures;
    for (const std::string_view entry : source.dictionary()->string_values())
      captures.push_back(first_match(entry, scratch));
    return captures;
  }

  void set_lists(const event::Column& source, event::EventBatch& batch) const {
    const std::vector<event::ColumnPtr> before = fields_before(batch);
    std::vector<std::vector<event::Value>> columns(group_count());
    std::vector<std::string_view> scratch(regex_->group_count() + 1);
    std::string text;
    for (std::size_t row = 0; row < source.size(); ++row) {
      std::vector<std::vector<event::Value>> found(group_count());
      std::uint64_t matches = 0;
      each_text(source.view(row), text, [&](std::string_view value) {
        matches +=
            append_matches(value, max_match_ == 0 ? 0 : max_match_ - matches, scratch, found);
        return max_match_ == 0 || matches < max_match_;
      });
      for (std::size_t g = 0; g < columns.size(); ++g) {
        if (matches > 0)
          columns[g].push_back(event::Value::list(std::move(found[g])));
        else
          columns[g].push_back(before[g] != nullptr ? before[g]->value(row) : event::Value());
      }
    }
    for (std::size_t g = 0; g < columns.size(); ++g)
      batch.set(regex_->named_groups()[g].name, event::Column::mixed(std::move(columns[g])), true);
  }

  // At most `limit` matches (0 = all), returns how many.
  std::uint64_t append_matches(std::string_view text, std::uint64_t limit,
                               std::vector<std::string_view>& scratch,
                               std::vector<std::vector<event::Value>>& found) const {
    std::uint64_t matches = 0;
    std::size_t start = 0;
    while ((limit == 0 || matches < limit) && start <= text.size() &&
           regex_->find(text, scratch, start)) {
      ++matches;
      for (std::size_t g = 0; g < found.size(); ++g) {
        const std::string_view group = scratch[regex_->named_groups()[g].index];
        if (group.data() == nullptr) continue;
        // What is left out ends the query.
        if (!take_expression_memory(sizeof(event::Value) + group.size())) return matches;
        found[g].push_back(event::Value::string(std::string(group)));
      }
      start = Regex::after(text, scratch[0]);
    }
    return matches;
  }

  std::string field_;
  RegexPtr regex_;
  std::uint64_t max_match_;
};

}  // namespace

Result<TransformPtr> make_rex(const spl2::RexCommand& command) {
  RegexPtr regex = TRY(Regex::compile(command.regex));
  if (regex->named_groups().empty()) {
    return Error{ErrorCode::kInvalidArgument, "rex: the pattern has no named group (?<name>...)",
                 "use regex or match() to filter"};
  }
  return TransformPtr(
      std::make_shared<RexTransform>(command.field, std::move(regex), command.max_match));
}

}  // namespace lynxdb::query
