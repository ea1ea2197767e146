#include "query/field.h"

#include <optional>
#include <utility>

#include "query/expression_column.h"
#include "query/json_path.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using event::Kind;
using event::Type;
using event::ValueView;

namespace {

// "a.b.c" as field `a.b` and path `c`, then field `a` and path `b.c`: longest field first.
struct Split {
  std::string_view field;
  std::string_view path;
};

std::vector<Split> splits_of(std::string_view name) {
  // Deeper paths end at JSON that no event nests so deep.
  constexpr std::size_t kSplitsMax = 64;
  std::vector<Split> splits;
  for (std::size_t at = name.size(); at-- > 1 && splits.size() < kSplitsMax;) {
    if (name[at] != '.' && name[at] != '[') continue;
    const std::string_view path = name.substr(name[at] == '.' ? at + 1 : at);
    if (!path.empty() && name[at - 1] != '.') splits.push_back({name.substr(0, at), path});
  }
  return splits;
}

// Rows whose value is still unknown take it from `source`.
class Candidates {
 public:
  explicit Candidates(std::size_t rows) : choice_(rows, kNoSource), missing_(rows) {}

  bool complete() const { return missing_ == 0 || sources_.size() == kNoSource; }
  bool missing(std::size_t row) const { return choice_[row] == kNoSource; }

  void add(ColumnPtr source) {
    const std::size_t before = missing_;
    for (std::size_t row = 0; row < choice_.size(); ++row) {
      if (choice_[row] != kNoSource || source->is_null(row)) continue;
      choice_[row] = static_cast<std::uint8_t>(sources_.size());
      --missing_;
    }
    if (missing_ != before) sources_.push_back(std::move(source));
  }

  ColumnPtr result() const {
    if (sources_.empty()) return Column::nulls(choice_.size());
    if (sources_.size() == 1) return sources_.front();
    return choose(sources_, choice_);
  }

 private:
  std::vector<ColumnPtr> sources_;
  std::vector<std::uint8_t> choice_;
  std::size_t missing_;
};

ColumnPtr extract_all(const ColumnPtr& texts, const JsonPath& path) {
  event::ColumnBuilder builder;
  for (std::size_t row = 0; row < texts->size(); ++row) {
    const ValueView value = texts->view(row);
    builder.append(value.type() == Type::kString ? ValueView(path.extract(value.as_string()))
                                                 : ValueView());
  }
  return builder.finish();
}

ColumnPtr extract_missing(const ColumnPtr& texts, const JsonPath& path,
                          const Candidates& candidates) {
  if (texts->kind() == Kind::kDictionary)
    return map_dictionary(texts,
                          [&](const ColumnPtr& entries) { return extract_all(entries, path); });
  event::ColumnBuilder builder;
  for (std::size_t row = 0; row < texts->size(); ++row) {
    const ValueView value = candidates.missing(row) ? texts->view(row) : ValueView();
    if (value.type() == Type::kString)
      builder.append(path.extract(value.as_string()));
    else
      builder.append_null();
  }
  return builder.finish();
}

bool may_hold_text(Kind kind) {
  return kind == Kind::kString || kind == Kind::kDictionary || kind == Kind::kMixed;
}

void add_paths(const EventBatch& batch, std::string_view name, Candidates& candidates) {
  for (const Split& split : splits_of(name)) {
    if (candidates.complete()) return;
    const ColumnPtr* column = batch.find(split.field);
    if (column == nullptr)
      if (const auto target = event::alias_target(split.field)) column = batch.find(*target);
    if (column == nullptr || !may_hold_text((*column)->kind())) continue;
    if (const std::optional<JsonPath> path = JsonPath::parse(split.path))
      candidates.add(extract_missing(*column, *path, candidates));
  }
}

}  // namespace

ColumnPtr resolve_field(const EventBatch& batch, std::string_view name) {
  const ColumnPtr* exact = batch.find(name);
  if (exact != nullptr && !(*exact)->has_nulls()) return *exact;
  const std::optional<std::string_view> target = event::alias_target(name);
  const ColumnPtr* aliased = target ? batch.find(*target) : nullptr;
  const bool may_be_path = name.find_first_of(".[") != std::string_view::npos;
  if (aliased == nullptr && !may_be_path)
    return exact != nullptr ? *exact : Column::nulls(batch.rows());

  Candidates candidates(batch.rows());
  if (exact != nullptr) candidates.add(*exact);
  if (aliased != nullptr) candidates.add(*aliased);
  if (may_be_path) add_paths(batch, name, candidates);
  return candidates.result();
}

std::vector<std::string> stored_fields_of(std::string_view name) {
  std::vector<std::string> fields{std::string(name)};
  if (const auto target = event::alias_target(name)) fields.emplace_back(*target);
  for (const Split& split : splits_of(name)) {
    fields.emplace_back(split.field);
    if (const auto target = event::alias_target(split.field)) fields.emplace_back(*target);
  }
  return fields;
}

event::Value json_path(std::string_view json, std::string_view path) {
  const std::optional<JsonPath> parsed = JsonPath::parse(path);
  return parsed ? parsed->extract(json) : event::Value();
}

}  // namespace lynxdb::query
