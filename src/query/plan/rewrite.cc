#include "query/plan/rewrite.h"

#include <algorithm>
#include <cmath>

#include "event/event_batch.h"
#include "event/time/timestamp.h"
#include "query/expression.h"
#include "query/field.h"
#include "query/operators/search.h"
#include "query/plan/scan_filters.h"
#include "query/regex.h"

namespace lynxdb::query {
namespace {

template <typename T>
const T* as(const spl2::Command& command) {
  return std::get_if<T>(&command.node);
}

bool is_filter(const spl2::Command& command) {
  return as<spl2::SearchCommand>(command) != nullptr ||
         as<spl2::WhereCommand>(command) != nullptr || as<spl2::RegexCommand>(command) != nullptr;
}

FieldSet fields_read_by_filter(const spl2::Command& command) {
  return fields_before(command, FieldSet());
}

// The row-by-row commands that give as many rows as they get.
bool keeps_row_count(const spl2::Command& command) {
  return is_transform(command) && !is_filter(command) &&
         as<spl2::UnrollCommand>(command) == nullptr;
}

bool reads_none_of(const FieldSet& read, const std::vector<std::string>& made) {
  return std::none_of(made.begin(), made.end(),
                      [&](const std::string& name) { return read.may_read(name); });
}

// Whether a filter that reads `read` gives the same rows before `command` as behind it.
bool commutes(const FieldSet& read, const spl2::Command& command) {
  if (as<spl2::SortCommand>(command) != nullptr || as<spl2::ReverseCommand>(command) != nullptr)
    return true;
  if (const auto* eval = as<spl2::EvalCommand>(command)) {
    std::vector<std::string> made;
    for (const auto& assignment : eval->assignments) made.push_back(assignment.field);
    return reads_none_of(read, made);
  }
  if (const auto* rex = as<spl2::RexCommand>(command)) return reads_none_of(read, rex->groups);
  if (const auto* bin = as<spl2::BinCommand>(command))
    return reads_none_of(read, {bin->output.empty() ? bin->field : bin->output});
  if (const auto* fillnull = as<spl2::FillnullCommand>(command))
    return !fillnull->fields.empty() && reads_none_of(read, fillnull->fields);
  if (const auto* fields = as<spl2::FieldsCommand>(command)) {
    if (fields->remove) return false;
    return std::all_of(read.names().begin(), read.names().end(), [&](const std::string& name) {
      return std::any_of(
          fields->fields.begin(), fields->fields.end(),
          [&](const spl2::FieldName& field) { return !field.glob && field.name == name; });
    });
  }
  return false;
}

}  // namespace

bool is_transform(const spl2::Command& command) {
  if (const auto* fillnull = as<spl2::FillnullCommand>(command)) return !fillnull->fields.empty();
  return is_filter(command) || as<spl2::EvalCommand>(command) != nullptr ||
         as<spl2::FieldsCommand>(command) != nullptr ||
         as<spl2::RenameCommand>(command) != nullptr || as<spl2::RexCommand>(command) != nullptr ||
         as<spl2::BinCommand>(command) != nullptr || as<spl2::UnrollCommand>(command) != nullptr;
}

void fold_conditions(PlannedCommands& commands, std::int64_t now_ns) {
  for (std::size_t i = 0; i < commands.size();) {
    const auto* where = as<spl2::WhereCommand>(commands[i].command);
    const bool reads_fields = where == nullptr || !fields_of(*where->expr).names().empty();
    if (reads_fields) {
      ++i;
      continue;
    }
    const Result<ExpressionPtr> condition = compile(*where->expr, now_ns);
    const std::optional<event::Value> value =
        condition ? constant_value(**condition) : std::nullopt;
    if (!value) {
      ++i;  // A mistake: reported when the command is compiled.
    } else if (truth(*value).value_or(false)) {
      commands.erase(commands.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      commands[i].command.node = spl2::HeadCommand{0};
      ++i;
    }
  }
}

void push_down_filters(PlannedCommands& commands) {
  for (std::size_t i = 1; i < commands.size(); ++i) {
    if (!is_filter(commands[i].command)) continue;
    const FieldSet read = fields_read_by_filter(commands[i].command);
    for (std::size_t at = i; at > 0 && commutes(read, commands[at - 1].command); --at)
      std::swap(commands[at], commands[at - 1]);
  }
}

void limit_sorts(PlannedCommands& commands) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (as<spl2::SortCommand>(commands[i].command) == nullptr) continue;
    std::size_t next = i + 1;
    while (next < commands.size() && keeps_row_count(commands[next].command)) ++next;
    if (next == commands.size()) continue;
    const auto* head = as<spl2::HeadCommand>(commands[next].command);
    if (head == nullptr) continue;
    commands[i].row_limit = head->count;
    const auto& keys = as<spl2::SortCommand>(commands[i].command)->keys;
    if (i > 0 && as<spl2::StatsCommand>(commands[i - 1].command) != nullptr && !keys.empty())
      commands[i - 1].first_rows = {keys[0].field, keys[0].descending, head->count};
  }
}

void drop_dead_evals(PlannedCommands& commands, const FieldSet& needed) {
  FieldSet after = needed;
  for (std::size_t i = commands.size(); i-- > 0;) {
    if (auto* eval = std::get_if<spl2::EvalCommand>(&commands[i].command.node);
        eval != nullptr && !after.all()) {
      FieldSet read = after;
      for (std::size_t a = eval->assignments.size(); a-- > 0;) {
        const auto& assignment = eval->assignments[a];
        if (!read.may_read(assignment.field)) {
          eval->assignments.erase(eval->assignments.begin() + static_cast<std::ptrdiff_t>(a));
          continue;
        }
        read.add(fields_of(*assignment.expr));
      }
    }
    after = fields_before(commands[i].command, std::move(after));
  }
  std::erase_if(commands, [](const PlannedCommand& planned) {
    const auto* eval = as<spl2::EvalCommand>(planned.command);
    return eval != nullptr && eval->assignments.empty();
  });
}

// --- Time bounds from conditions
// -----------------------------------------------------------------------

namespace {

// The time that a constant operand of a comparison with `_time` stands for.
std::optional<std::int64_t> constant_time(const spl2::Expr& expr, std::int64_t now_ns) {
  if (!fields_of(expr).names().empty()) return std::nullopt;
  const Result<ExpressionPtr> compiled = compile(expr, now_ns);
  if (!compiled) return std::nullopt;
  const std::optional<event::Value> value = constant_value(**compiled);
  if (!value) return std::nullopt;
  if (value->type() == event::Type::kTimestamp) return value->as_int();
  if (value->type() == event::Type::kInt && std::abs(value->as_int()) < 9'000'000'000)
    return value->as_int() * 1'000'000'000;
  return std::nullopt;
}

bool is_time(const spl2::Expr& expr) {
  return expr.kind == spl2::ExprKind::kField && (expr.name == "_time" || expr.name == "_timestamp");
}

void narrow(const spl2::Expr& condition, std::int64_t now_ns, ScanRequest& request) {
  using spl2::Op;
  if (condition.kind == spl2::ExprKind::kAnd) {
    for (const spl2::ExprPtr& arg : condition.args) narrow(*arg, now_ns, request);
    return;
  }
  if (condition.kind != spl2::ExprKind::kCompare) return;
  const bool left = is_time(*condition.args[0]);
  if (left == is_time(*condition.args[1])) return;
  const std::optional<std::int64_t> bound = constant_time(*condition.args[left ? 1 : 0], now_ns);
  if (!bound) return;
  const bool lower = left ? condition.op == Op::kGt || condition.op == Op::kGe
                          : condition.op == Op::kLt || condition.op == Op::kLe;
  const bool upper = left ? condition.op == Op::kLt || condition.op == Op::kLe
                          : condition.op == Op::kGt || condition.op == Op::kGe;
  // The bounds are allowed to be loose (the condition is applied again): one ns either way is no
  // matter.
  if (lower || condition.op == Op::kEq) request.from_ns = std::max(request.from_ns, *bound);
  if (upper || condition.op == Op::kEq)
    request.to_ns = std::min(
        request.to_ns, *bound == std::numeric_limits<std::int64_t>::max() ? *bound : *bound + 1);
}

// --- Excerpts

// What all commands but `except` read.
FieldSet read_by_others(const PlannedCommands& commands, const FieldSet& needed,
                        std::size_t except) {
  FieldSet read = needed;
  for (std::size_t i = commands.size(); i-- > 0;)
    if (i != except) read = fields_before(commands[i].command, std::move(read));
  return read;
}

// For the first rex, when it alone reads its field.
std::optional<ScanExcerpt> excerpt_for_rex(const PlannedCommands& commands,
                                           const FieldSet& needed) {
  const auto rex = std::ranges::find_if(commands, [](const PlannedCommand& planned) {
    return as<spl2::RexCommand>(planned.command) != nullptr;
  });
  if (rex == commands.end()) return std::nullopt;
  const auto& command = *as<spl2::RexCommand>(rex->command);
  if (command.max_match != 1 || stored_fields_of(command.field).size() != 1) return std::nullopt;
  // The groups of a rex are not made anew: rows without a match keep what they had.
  FieldSet read =
      read_by_others(commands, needed, static_cast<std::size_t>(rex - commands.begin()));
  for (const std::string& group : command.groups) read.add(group);
  if (read.all() || stored_fields(read).contains(command.field)) return std::nullopt;
  const Result<RegexPtr> regex = Regex::compile(command.regex);
  if (!regex) return std::nullopt;
  std::optional<base::RunPattern> runs = (*regex)->runs();
  if (!runs) return std::nullopt;
  return ScanExcerpt{command.field, *std::move(runs)};
}

}  // namespace

ScanRequest scan_request(const PlannedCommands& commands, const FieldSet& needed,
                         std::int64_t now_ns) {
  ScanRequest request;
  FieldSet read = needed;
  for (std::size_t i = commands.size(); i-- > 0;)
    read = fields_before(commands[i].command, std::move(read));
  request.all_fields = read.all();
  const std::set<std::string> stored = stored_fields(read);
  request.fields.assign(stored.begin(), stored.end());
  request.excerpt = excerpt_for_rex(commands, needed);

  for (const PlannedCommand& planned : commands) {
    const spl2::Command& command = planned.command;
    if (!is_filter(command)) break;
    if (const auto* search = as<spl2::SearchCommand>(command))
      for (std::string& literal : required_literals(*search->expr))
        request.raw_contains.push_back(std::move(literal));
    if (const auto* where = as<spl2::WhereCommand>(command)) narrow(*where->expr, now_ns, request);
  }

  request.filters = scan_filters(commands, now_ns);

  // `head N` behind commands that keep every row: no more is read than is printed.
  for (const PlannedCommand& planned : commands) {
    if (const auto* head = as<spl2::HeadCommand>(planned.command))
      request.rows_wanted = std::max<std::uint64_t>(head->count, 1);
    if (!keeps_row_count(planned.command)) break;
  }
  return request;
}

}  // namespace lynxdb::query
