// Commands that put rows into groups.
#include <map>
#include <set>

#include "tests/oracle/aggregates.h"
#include "tests/oracle/commands.h"

namespace lynxdb::oracle {
namespace {

// The key combinations of one row: one, or one per distinct element of its lists.
std::vector<std::vector<Value>> combinations(const Row& row, const std::vector<spl2::ByKey>& by,
                                             const Context& context) {
  std::vector<std::vector<Value>> result = {{}};
  for (const spl2::ByKey& key : by) {
    std::vector<Value> values;
    std::set<std::string> seen;
    for (const Value& element : elements(evaluate(*key.expr, row, context)))
      if (seen.insert(text_form(element)).second) values.push_back(element);
    if (values.empty()) values.push_back(Value::null());
    std::vector<std::vector<Value>> longer;
    for (const auto& prefix : result)
      for (const Value& v : values) {
        longer.push_back(prefix);
        longer.back().push_back(v);
      }
    result = longer;
  }
  return result;
}

std::vector<std::string> texts(const std::vector<Value>& keys) {
  std::vector<std::string> result;
  for (const Value& key : keys) result.push_back(key_text(key));
  return result;
}

// Key by key; what is equal in value but not in text (5 and 5.0 as text) is in the order of the
// text.
bool keys_precede(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const int order = sort_order(a[i], b[i]); order != 0) return order < 0;
    if (key_text(a[i]) != key_text(b[i])) return key_text(a[i]) < key_text(b[i]);
  }
  return false;
}

Row shaped() {
  Row row;
  row.ordered = true;
  return row;
}

void set_aggregates(const std::vector<spl2::Aggregate>& aggregates, const Rows& rows,
                    const Context& context, Row& into) {
  for (const spl2::Aggregate& spec : aggregates)
    into.set(spec.output, aggregate(spec, rows, context));
}

}  // namespace

std::string key_text(const Value& v) { return v.is_null() ? "null" : "=" + text_form(v); }

spl2::ByKey field_key(const std::string& name) {
  auto expr = std::make_shared<spl2::Expr>();
  expr->kind = spl2::ExprKind::kField;
  expr->name = name;
  return {expr, name, {}};
}

std::vector<Group> group_by(const Rows& rows, const std::vector<spl2::ByKey>& by,
                            const Context& context) {
  std::map<std::vector<std::string>, Group> groups;
  for (const Row& row : rows)
    for (const std::vector<Value>& keys : combinations(row, by, context)) {
      Group& group = groups[texts(keys)];
      if (group.keys.empty()) group.keys = keys;
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (type_rank(keys[i]) < type_rank(group.keys[i])) group.keys[i] = keys[i];
      group.rows.push_back(row);
    }
  std::vector<Group> result;
  for (const auto& [text, group] : groups) result.push_back(group);
  return sorted(result,
                [](const Group& a, const Group& b) { return keys_precede(a.keys, b.keys); });
}

Rows run(const spl2::StatsCommand& command, Rows rows, const Context& context) {
  std::vector<Group> groups = group_by(rows, command.by, context);
  if (command.by.empty()) groups = {{{}, rows}};
  Rows result;
  for (const Group& group : groups) {
    Row row = shaped();
    for (std::size_t i = 0; i < command.by.size(); ++i)
      row.set(command.by[i].output, group.keys[i]);
    set_aggregates(command.aggregates, group.rows, context, row);
    result.push_back(row);
  }
  return result;
}

Rows run(const spl2::EventstatsCommand& command, Rows rows, const Context& context) {
  std::map<std::vector<std::string>, Rows> groups;
  for (const Row& row : rows)
    for (const auto& keys : combinations(row, command.by, context))
      groups[texts(keys)].push_back(row);
  Rows result = rows;
  // A row of several groups shows the one of its first elements.
  for (std::size_t i = 0; i < rows.size(); ++i)
    set_aggregates(command.aggregates,
                   groups[texts(combinations(rows[i], command.by, context).front())], context,
                   result[i]);
  return result;
}

Rows run(const spl2::StreamstatsCommand& command, Rows rows, const Context& context) {
  std::map<std::vector<std::string>, Rows> groups;
  Rows result = rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Rows& seen = groups[texts(combinations(rows[i], command.by, context).front())];
    Rows window = seen;
    if (command.current) window.push_back(rows[i]);
    if (command.window > 0 && window.size() > command.window)
      window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(command.window));
    set_aggregates(command.aggregates, window, context, result[i]);
    for (const auto& keys : combinations(rows[i], command.by, context))
      groups[texts(keys)].push_back(rows[i]);
  }
  return result;
}

Rows run(const spl2::TopCommand& command, const Rows& rows, const Context& context) {
  std::vector<spl2::ByKey> by;
  for (const std::string& field : command.by) by.push_back(field_key(field));
  Rows with_field;
  for (const Row& row : rows)
    if (!row.read(command.field).is_null()) with_field.push_back(row);
  Rows result;
  for (const Group& group : group_by(with_field, by, context)) {
    const std::vector<Group> values = sorted(
        group_by(group.rows, {field_key(command.field)}, context),
        [&](const Group& a, const Group& b) {
          return command.rare ? a.rows.size() < b.rows.size() : a.rows.size() > b.rows.size();
        });
    for (std::size_t i = 0; i < values.size() && (command.limit == 0 || i < command.limit); ++i) {
      Row row = shaped();
      for (std::size_t k = 0; k < by.size(); ++k) row.set(command.by[k], group.keys[k]);
      const auto count = static_cast<std::int64_t>(values[i].rows.size());
      row.set(command.field, values[i].keys[0]);
      row.set("count", Value::of_int(count));
      row.set("percent", Value::of_float(100.0 * static_cast<double>(count) /
                                         static_cast<double>(group.rows.size())));
      result.push_back(row);
    }
  }
  return result;
}

Rows run(const spl2::XyseriesCommand& command, const Rows& rows, const Context&) {
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, Row>> lines;  // By key of x, in order of appearance.
  for (const Row& row : rows) {
    const Value x = row.read(command.x);
    const Value y = row.read(command.y);
    const std::string column = y.is_null() ? "NULL" : text_form(y);
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      columns.push_back(column);
    auto line = std::find_if(lines.begin(), lines.end(),
                             [&](const auto& entry) { return entry.first == key_text(x); });
    if (line == lines.end()) {
      lines.emplace_back(key_text(x), shaped());
      line = lines.end() - 1;
      line->second.set(command.x, x);
    }
    if (const Field* kept = line->second.find(command.x); type_rank(x) < type_rank(kept->value))
      line->second.set(command.x, x);
    if (const Value v = row.read(command.value); !v.is_null()) line->second.set(column, v);
  }
  Rows result;
  for (const auto& [key, line] : lines) {
    Row row = shaped();
    row.set(command.x, line.read(command.x));
    for (const std::string& column : columns) row.set(column, line.read(column));
    result.push_back(row);
  }
  return result;
}

// Left row, then what the right row has and the left has not.
Rows join(const spl2::JoinCommand& command, const Rows& left, const Rows& right) {
  const auto key = [&](const Row& row) {
    std::vector<std::string> result;
    for (const std::string& field : command.fields) {
      const Value v = row.read(field);
      if (v.is_null()) return std::vector<std::string>();  // Matches nothing.
      result.push_back(text_form(v));
    }
    return result;
  };
  const auto name_all = [](Row& row, const Rows& others) {
    for (const Row& other : others)
      for (const Field& field : other.fields)
        if (field.named) row.name(field.name);
  };
  Rows result;
  std::vector<bool> used(right.size());
  for (const Row& row : left) {
    bool found = false;
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (key(row).empty() || key(row) != key(right[i])) continue;
      found = used[i] = true;
      Row joined = row;
      for (const Field& field : right[i].fields) {
        const Field* mine = joined.find(field.name);
        const bool named = field.named || (mine != nullptr && mine->named);
        if (mine == nullptr)
          joined.fields.push_back(field);
        else if (mine->value.is_null())
          for (Field& own : joined.fields)
            if (own.name == field.name) own.value = field.value;
        for (Field& own : joined.fields)
          if (own.name == field.name) own.named = named;
      }
      name_all(joined, right);
      result.push_back(joined);
    }
    if (found || command.type == spl2::JoinCommand::Type::kInner) continue;
    result.push_back(row);
    name_all(result.back(), right);
  }
  if (command.type != spl2::JoinCommand::Type::kFull) return result;
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (used[i]) continue;
    Row row;
    row.ordered = !left.empty() ? left.front().ordered : right[i].ordered;
    name_all(row, left);
    for (const Field& field : right[i].fields) {
      const Field* mine = row.find(field.name);
      const bool named = field.named || mine != nullptr;
      row.set(field.name, field.value);
      for (Field& own : row.fields)
        if (own.name == field.name) own.named = named;
    }
    name_all(row, right);
    result.push_back(row);
  }
  return result;
}

}  // namespace lynxdb::oracle
