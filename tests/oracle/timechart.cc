// timechart (4.2).
#include <algorithm>
#include <map>

#include "tests/oracle/aggregates.h"
#include "tests/oracle/commands.h"

namespace lynxdb::oracle {
namespace {

constexpr const char* kOther = "OTHER";
constexpr const char* kNull = "NULL";

using Buckets = std::map<std::int64_t, Rows>;

Buckets into_buckets(const spl2::TimechartCommand& command, const Rows& rows, std::int64_t span) {
  Buckets buckets;
  for (const Row& row : rows)
    if (const Value time = row.read("_time"); time.kind == Kind::kTime)
      buckets[floor_time(time.integer, span)].push_back(row);
  if (command.fill && !command.long_format && !buckets.empty())
    for (std::int64_t start = buckets.begin()->first; start < buckets.rbegin()->first;
         start += span)
      buckets[start];
  return buckets;
}

Row row_at(std::int64_t bucket) {
  Row row;
  row.ordered = true;
  row.set("_time", Value::of_time(bucket));
  return row;
}

// Nothing to count is 0, other aggregates are null.
Value cell(const spl2::Aggregate& spec, const Rows& rows, const Context& context) {
  if (rows.empty()) return is_counting(spec) ? Value::of_int(0) : Value();
  return aggregate(spec, rows, context);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The rows of some series within rows; every element of a list is a series.
Rows of_series(const Rows& rows, const std::vector<std::string>& names, bool and_without,
               const spl2::TimechartCommand& command, const Context& context) {
  Rows result;
  for (const Row& row : rows)
    for (const Group& group : group_by({row}, {*command.by}, context)) {
      const Value& v = group.keys[0];
      if (v.is_null() ? and_without : has(names, text_form(v))) result.push_back(row);
    }
  return result;
}

Rows without_series(const Rows& rows, const spl2::TimechartCommand& command,
                    const Context& context) {
  Rows result;
  for (const Row& row : rows)
    if (evaluate(*command.by->expr, row, context).is_null()) result.push_back(row);
  return result;
}

// Names in the order of values: 9 before 10.
bool name_precedes(const std::string& a, const std::string& b) {
  const int order = sort_order(Value::of_string(a), Value::of_string(b));
  return order != 0 ? order < 0 : a < b;
}

// Largest total of the first aggregate first; ties by name.
std::vector<std::string> by_weight(const spl2::TimechartCommand& command, const Buckets& buckets,
                                   const Context& context) {
  std::map<std::string, double> totals;
  for (const auto& [start, rows] : buckets)
    for (const Group& group : group_by(rows, {*command.by}, context)) {
      if (group.keys[0].is_null()) continue;
      const Value x = operand(cell(command.aggregates[0], group.rows, context));
      totals[text_form(group.keys[0])] += x.is_null() ? 0 : to_double(x);
    }
  std::vector<std::string> names;
  for (const auto& [name, total] : totals) names.push_back(name);
  return sorted(names, [&](const std::string& a, const std::string& b) {
    return totals[a] != totals[b] ? totals[a] > totals[b] : name_precedes(a, b);
  });
}

Rows wide(const spl2::TimechartCommand& command, const Buckets& buckets, const Context& context) {
  std::vector<std::string> shown = by_weight(command, buckets, context);
  std::vector<std::string> rest;
  if (command.limit > 0 && shown.size() > command.limit) {
    rest.assign(shown.begin() + static_cast<std::ptrdiff_t>(command.limit), shown.end());
    shown.resize(command.limit);
  }
  shown = sorted(shown, name_precedes);
  bool any_null = false;
  for (const auto& [start, rows] : buckets)
    any_null = any_null || !without_series(rows, command, context).empty();
  const bool shows_null = any_null && command.use_null;
  const bool shows_rest = !rest.empty() && command.use_other;
  // Values of these names share the columns of that name.
  std::vector<std::string> null_names;
  std::vector<std::string> named;
  for (const std::string& series : shown)
    if (shows_null && series == kNull)
      null_names.push_back(series);
    else if (shows_rest && series == kOther)
      rest.push_back(series);
    else
      named.push_back(series);

  Rows result;
  for (const auto& [start, rows] : buckets) {
    Row row = row_at(start);
    for (const spl2::Aggregate& spec : command.aggregates) {
      const auto set = [&](const std::string& series, const Rows& of) {
        row.set(command.aggregates.size() > 1 ? spec.output + ": " + series : series,
                cell(spec, of, context));
      };
      for (const std::string& series : named)
        set(series, of_series(rows, {series}, false, command, context));
      if (shows_null) set(kNull, of_series(rows, null_names, true, command, context));
      if (shows_rest) set(kOther, of_series(rows, rest, false, command, context));
    }
    result.push_back(row);
  }
  return result;
}

}  // namespace

Rows run(const spl2::TimechartCommand& command, const Rows& rows, const Context& context) {
  const std::int64_t span = command.span ? command.span->ns : 3'600'000'000'000;
  const Buckets buckets = into_buckets(command, rows, span);
  if (command.by && !command.long_format) return wide(command, buckets, context);
  Rows result;
  for (const auto& [start, in_bucket] : buckets) {
    std::vector<Group> groups = {{{}, in_bucket}};
    if (command.by) groups = group_by(in_bucket, {*command.by}, context);
    for (const Group& group : groups) {
      Row row = row_at(start);
      if (command.by) row.set(command.by->output, group.keys[0]);
      for (const spl2::Aggregate& spec : command.aggregates)
        row.set(spec.output, cell(spec, group.rows, context));
      result.push_back(row);
    }
  }
  return result;
}

}  // namespace lynxdb::oracle
