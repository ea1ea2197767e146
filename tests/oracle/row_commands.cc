// Commands that look at rows one by one, or only at their order.
#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "tests/oracle/commands.h"
#include "tests/oracle/search.h"

namespace lynxdb::oracle {
namespace {

template <typename Keep>
Rows filter(const Rows& rows, const Keep& keep) {
  Rows kept;
  for (const Row& row : rows)
    if (keep(row)) kept.push_back(row);
  return kept;
}

bool glob_fits(const std::string& pattern, const std::string& name) {
  std::string expression;
  for (const char c : pattern)
    if (c == '*')
      expression += ".*";
    else
      expression += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'
                        ? std::string(1, c)
                        : "\\" + std::string(1, c);
  return std::regex_match(name, std::regex(expression));
}

bool listed(const spl2::FieldsCommand& command, const Row& row, const std::string& name) {
  for (const spl2::FieldName& field : command.fields)
    if (field.glob ? glob_fits(field.name, name) : row.stored_name(field.name) == name) return true;
  return false;
}

void remove_fields(const spl2::FieldsCommand& command, Row& row) {
  const Row before = row;
  std::erase_if(row.fields,
                [&](const Field& field) { return listed(command, before, field.name); });
}

Row keep_fields(const spl2::FieldsCommand& command, const Row& row) {
  Row kept;
  kept.ordered = true;
  for (const spl2::FieldName& wanted : command.fields) {
    if (!wanted.glob) {
      kept.set(wanted.name, row.read(wanted.name));
      continue;
    }
    for (const Field& field : row.fields)
      if (glob_fits(wanted.name, field.name) && kept.find(field.name) == nullptr)
        kept.fields.push_back(field);
  }
  return kept;
}

// A key that is there under another name (source is _source) needs no column.
void name_if_absent(Row& row, const std::string& field) {
  if (row.find(field) != nullptr || row.read(field).is_null()) row.name(field);
}

Value literal_value(const spl2::Literal& literal) {
  spl2::Expr expr;
  expr.kind = spl2::ExprKind::kLiteral;
  expr.literal = literal;
  return evaluate(expr, Row(), Context());
}

Value bin_single(const spl2::BinCommand& command, const Value& v) {
  if (!command.number_span) {
    const auto ns = as_time(v);
    const std::int64_t span = command.time_span ? command.time_span->ns : 3'600'000'000'000;
    return ns ? Value::of_time(floor_time(*ns, span)) : Value();
  }
  const Value x = as_number(v);
  if (x.is_null()) return {};
  const double floored = std::floor(to_double(x) / *command.number_span) * *command.number_span;
  if (x.kind == Kind::kInt && command.number_span_is_int)
    return Value::of_int(static_cast<std::int64_t>(floored));
  return Value::of_float(floored);
}

Value bin_value(const spl2::BinCommand& command, const Value& v) {
  return each(v, [&](const Value& element) { return bin_single(command, element); });
}

// std::regex knows no named groups: they become plain ones, in the same order.
std::regex without_group_names(const std::string& pattern) {
  return std::regex(std::regex_replace(pattern, std::regex("\\(\\?P?<[A-Za-z_0-9]+>"), "("));
}

}  // namespace

Rows run(const spl2::SearchCommand& command, const Rows& rows, const Context&) {
  return filter(rows, [&](const Row& row) { return matches(*command.expr, row); });
}

Rows run(const spl2::WhereCommand& command, const Rows& rows, const Context& context) {
  return filter(rows, [&](const Row& row) {
    return truth(evaluate(*command.expr, row, context)).value_or(false);
  });
}

Rows run(const spl2::EvalCommand& command, Rows rows, const Context& context) {
  for (Row& row : rows)
    for (const auto& assignment : command.assignments) {
      Value v = evaluate(*assignment.expr, row, context);
      if (assignment.field == "_time" && v.is_number()) v = Value::of_time(*as_time(v));
      row.set(assignment.field, v);
    }
  return rows;
}

Rows run(const spl2::FieldsCommand& command, Rows rows, const Context&) {
  for (Row& row : rows) {
    if (command.remove)
      remove_fields(command, row);
    else
      row = keep_fields(command, row);
  }
  return rows;
}

Rows run(const spl2::RenameCommand& command, Rows rows, const Context&) {
  for (Row& row : rows) {
    const Row before = row;
    Row after;
    after.ordered = row.ordered;
    const auto renamed_to = [&](const std::string& name) -> const std::string* {
      for (const auto& pair : command.pairs)
        if (before.stored_name(pair.from) == name) return &pair.to;
      return nullptr;
    };
    const auto replaced = [&](const std::string& name) {
      for (const auto& pair : command.pairs)
        if (pair.to == name) return true;
      return false;
    };
    for (const Field& field : before.fields) {
      if (const std::string* to = renamed_to(field.name))
        after.fields.push_back({*to, field.value, true});
      else if (!replaced(field.name))
        after.fields.push_back(field);
    }
    for (const auto& pair : command.pairs)
      if (before.find(before.stored_name(pair.from)) == nullptr) after.set(pair.to, Value());
    row = after;
  }
  return rows;
}

Rows run(const spl2::HeadCommand& command, Rows rows, const Context&) {
  if (rows.size() > command.count) rows.resize(command.count);
  return rows;
}

Rows run(const spl2::TailCommand& command, Rows rows, const Context&) {
  if (rows.size() <= command.count) return rows;
  return {rows.end() - static_cast<std::ptrdiff_t>(command.count), rows.end()};
}

Rows run(const spl2::ReverseCommand&, Rows rows, const Context&) {
  return {rows.rbegin(), rows.rend()};
}

Rows run(const spl2::SortCommand& command, Rows rows, const Context&) {
  for (Row& row : rows)
    for (const spl2::SortKey& key : command.keys) name_if_absent(row, key.field);
  return sorted(rows, [&](const Row& a, const Row& b) {
    for (const spl2::SortKey& key : command.keys) {
      const int order = sort_order(a.read(key.field), b.read(key.field));
      if (order != 0) return key.descending ? order > 0 : order < 0;
    }
    return false;
  });
}

Rows run(const spl2::DedupCommand& command, const Rows& rows, const Context&) {
  std::map<std::vector<std::string>, std::uint64_t> seen;
  return filter(rows, [&](const Row& row) {
    std::vector<std::string> key;
    for (const std::string& field : command.fields) key.push_back(key_text(row.read(field)));
    return seen[key]++ < command.count;
  });
}

Rows run(const spl2::BinCommand& command, Rows rows, const Context&) {
  for (Row& row : rows)
    row.set(command.output.empty() ? command.field : command.output,
            bin_value(command, row.read(command.field)));
  return rows;
}

Rows run(const spl2::RexCommand& command, Rows rows, const Context&) {
  const std::regex expression = without_group_names(command.regex);
  for (Row& row : rows) {
    const Value v = row.read(command.field);
    const std::string text = text_form(v);
    std::smatch match;
    const bool found = !v.is_null() && std::regex_search(text, match, expression);
    for (std::size_t i = 0; i < command.groups.size(); ++i) {
      if (found)
        row.set(command.groups[i], Value::of_string(match[i + 1].str()));
      else
        row.name(command.groups[i]);
    }
  }
  return rows;
}

Rows run(const spl2::RegexCommand& command, const Rows& rows, const Context&) {
  const std::regex expression(command.regex);
  return filter(rows, [&](const Row& row) {
    bool found = false;
    for (const Value& v : elements(row.read(command.field)))
      found = found || std::regex_search(text_form(v), expression);
    return found != command.negated;
  });
}

Rows run(const spl2::FillnullCommand& command, Rows rows, const Context&) {
  std::set<std::string> fields(command.fields.begin(), command.fields.end());
  if (fields.empty())
    for (const Row& row : rows)
      for (const Field& field : row.fields)
        if (field.named || !field.value.is_null()) fields.insert(field.name);
  for (Row& row : rows)
    for (const std::string& field : fields) {
      const Value v = row.read(field);
      row.set(field, v.is_null() ? literal_value(command.value) : v);
    }
  return rows;
}

// Lists only: the oracle's events hold no JSON text.
Rows run(const spl2::UnrollCommand& command, const Rows& rows, const Context&) {
  Rows result;
  for (const Row& row : rows) {
    const Value v = row.read(command.field);
    if (v.kind != Kind::kList)
      result.push_back(row);
    else
      for (const Value& element : v.list) {
        result.push_back(row);
        for (Field& field : result.back().fields)
          if (field.name == command.field) field.value = element;
      }
  }
  return result;
}

}  // namespace lynxdb::oracle
