#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/interrupted.h"
#include "query/operators/operators.h"
#include "query/regex.h"

namespace lynxdb::query {
namespace {

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

// What a capture takes of the query's memory.
constexpr std::size_t kViewBytes = sizeof(std::string_view);

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

  // The fields of the groups' names as they were: rows without a match keep them.
  std::vector<event::ColumnPtr> fields_before(const event::EventBatch& batch) const {
    std::vector<event::ColumnPtr> before;
    for (const Regex::NamedGroup& group : regex_->named_groups()) {
      const event::ColumnPtr* column = batch.find(group.name);
      before.push_back(column != nullptr ? *column : nullptr);
    }
    return before;
  }

  // One column per named group, of the first match of each row.
  void set_first(const event::Column& source, event::EventBatch& batch) const {
    const std::vector<event::ColumnPtr> before = fields_before(batch);
    // What is left out ends the query.
    const bool fits = take_expression_memory(source.size() * group_count() * kViewBytes);
    Found found = !fits                   ? Found(0, group_count())
                  : holds_strings(source) ? find_in_strings(source)
                                          : find_in_values(source);
    found.resize(source.size());
    for (std::size_t g = 0; g < group_count(); ++g)
      batch.set(regex_->named_groups()[g].name, column_of(found, g, source, before[g]), true);
  }

  // What the first match in each text gave: a view per named group, null data for none.
  struct Found {
    Found(std::size_t texts, std::size_t group_count) : matched(texts), groups(group_count) {
      resize(texts);
    }
    void resize(std::size_t texts) {
      matched.resize(texts);
      for (auto& views : groups) views.resize(texts);
    }

    std::vector<std::uint8_t> matched;
    std::vector<std::vector<std::string_view>> groups;
    std::shared_ptr<event::Arena> made;  // Holds texts that no column has; else null.
  };

  bool find_one(std::string_view text, std::size_t row, std::span<std::string_view> scratch,
                Found& found) const {
    if (!regex_->find(text, scratch)) return false;
    found.matched[row] = 1;
    for (std::size_t g = 0; g < found.groups.size(); ++g)
      found.groups[g][row] = scratch[regex_->named_groups()[g].index];
    return true;
  }

  // One search per distinct value, where the column has fewer of them than rows.
  Found find_in_strings(const event::Column& source) const {
    std::vector<std::string_view> scratch(regex_->group_count() + 1);
    const bool coded = source.kind() == event::Kind::kDictionary;
    const std::span<const std::string_view> texts =
        coded ? source.dictionary()->string_values() : source.string_values();
    if (!coded || texts.size() > source.size()) {
      Found found(source.size(), group_count());
      for (std::size_t row = 0; row < source.size() && !interrupted(); ++row)
        if (!source.is_null(row))
          find_one(texts[coded ? source.codes()[row] : row], row, scratch, found);
      return found;
    }
    Found of_entry(texts.size(), group_count());
    for (std::size_t i = 0; i < texts.size() && !interrupted(); ++i)
      find_one(texts[i], i, scratch, of_entry);
    Found found(source.size(), group_count());
    for (std::size_t row = 0; row < source.size(); ++row) {
      if (source.is_null(row)) continue;
      const std::uint32_t code = source.codes()[row];
      found.matched[row] = of_entry.matched[code];
      for (std::size_t g = 0; g < found.groups.size(); ++g)
        found.groups[g][row] = of_entry.groups[g][code];
    }
    return found;
  }

  // Of numbers, lists...: the text forms are made here, so captures are copied.
  Found find_in_values(const event::Column& source) const {
    std::vector<std::string_view> scratch(regex_->group_count() + 1);
    Found found(source.size(), group_count());
    found.made = std::make_shared<event::Arena>();
    std::string text;
    for (std::size_t row = 0; row < source.size() && !interrupted(); ++row) {
      each_text(source.view(row), text, [&](std::string_view value) {
        if (!find_one(value, row, scratch, found)) return true;
        for (auto& views : found.groups) views[row] = kept(views[row], *found.made);
        return false;
      });
    }
    return found;
  }

  // What does not fit in memory is left out and ends the query.
  static std::string_view kept(std::string_view capture, event::Arena& arena) {
    if (capture.data() == nullptr || !take_expression_memory(capture.size())) return {};
    return capture.empty() ? std::string_view("") : arena.copy(capture);
  }

  // Rows without a match keep what they had.
  static event::ColumnPtr column_of(Found& found, std::size_t group, const event::Column& source,
                                    const event::ColumnPtr& before) {
    std::vector<event::Column::Owner> owners;
    if (found.made != nullptr)
      owners.push_back(found.made);
    else if (holds_strings(source))
      owners = string_owners(source);
    std::vector<std::string_view>& views = found.groups[group];
    if (before == nullptr) {
      event::NullBitmap nulls;
      for (std::size_t row = 0; row < views.size(); ++row)
        if (views[row].data() == nullptr) nulls.set(row);
      if (nulls.count() == views.size()) return event::Column::nulls(views.size());
      return event::Column::strings(std::move(views), std::move(owners), std::move(nulls));
    }
    event::ColumnBuilder builder;
    for (const event::Column::Owner& owner : owners) builder.add_owner(owner);
    for (std::size_t row = 0; row < views.size(); ++row) {
      if (found.matched[row] == 0)
        builder.append(before->view(row));
      else if (views[row].data() == nullptr)
        builder.append_null();
      else
        builder.append_borrowed_string(views[row]);
    }
    return builder.finish();
  }

  // The matches of all rows, for one group: row i has those from offsets[i] to offsets[i + 1].
  struct Lists {
    std::vector<std::uint32_t> offsets{0};
    std::vector<std::string_view> matches;

    void end_row() { offsets.push_back(static_cast<std::uint32_t>(matches.size())); }
  };

  void set_lists(const event::Column& source, event::EventBatch& batch) const {
    const std::vector<event::ColumnPtr> before = fields_before(batch);
    std::vector<Lists> lists(group_count());
    std::vector<std::string_view> scratch(regex_->group_count() + 1);
    // Texts that no column has are copied.
    const auto made = holds_strings(source) ? nullptr : std::make_shared<event::Arena>();
    std::vector<std::uint8_t> matched(source.size());
    std::string text;
    for (std::size_t row = 0; row < source.size(); ++row) {
      std::uint64_t matches = 0;
      if (!interrupted()) {
        each_text(source.view(row), text, [&](std::string_view value) {
          const std::uint64_t limit = max_match_ == 0 ? 0 : max_match_ - matches;
          matches += append_matches(value, limit, scratch, made.get(), lists);
          return max_match_ == 0 || matches < max_match_;
        });
      }
      matched[row] = matches > 0 ? 1 : 0;
      for (Lists& list : lists) list.end_row();
    }
    const std::vector<event::Column::Owner> owners =
        made != nullptr ? std::vector<event::Column::Owner>{made} : string_owners(source);
    for (std::size_t g = 0; g < lists.size(); ++g) {
      event::ColumnPtr column = list_column(std::move(lists[g]), owners);
      if (before[g] != nullptr) column = keep_unmatched(*column, matched, *before[g]);
      batch.set(regex_->named_groups()[g].name, std::move(column), true);
    }
  }

  static event::ColumnPtr list_column(Lists lists,
                                      const std::vector<event::Column::Owner>& owners) {
    if (lists.matches.empty()) return event::Column::nulls(lists.offsets.size() - 1);
    return event::Column::lists(std::move(lists.offsets),
                                event::Column::strings(std::move(lists.matches), owners));
  }

  // Rows without a match keep what they had.
  static event::ColumnPtr keep_unmatched(const event::Column& lists,
                                         std::span<const std::uint8_t> matched,
                                         const event::Column& before) {
    std::vector<event::Value> values(matched.size());
    for (std::size_t row = 0; row < matched.size() && !interrupted(); ++row)
      values[row] = matched[row] != 0 ? lists.value(row) : before.value(row);
    return event::Column::mixed(std::move(values));
  }

  // At most `limit` matches (0 = all), returns how many. Copies them to `made`, if there is one.
  std::uint64_t append_matches(std::string_view text, std::uint64_t limit,
                               std::vector<std::string_view>& scratch, event::Arena* made,
                               std::vector<Lists>& lists) const {
    std::uint64_t matches = 0;
    std::size_t start = 0;
    while ((limit == 0 || matches < limit) && start <= text.size() &&
           regex_->find(text, scratch, start)) {
      ++matches;
      for (std::size_t g = 0; g < lists.size(); ++g) {
        const std::string_view group = scratch[regex_->named_groups()[g].index];
        if (group.data() == nullptr) continue;
        // What is left out ends the query.
        if (!take_expression_memory(kViewBytes)) return matches;
        const std::string_view match = made != nullptr ? kept(group, *made) : group;
        if (match.data() == nullptr) return matches;
        lists[g].matches.push_back(match);
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
