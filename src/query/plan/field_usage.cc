#include "query/plan/field_usage.h"

#include <algorithm>
#include <ranges>

#include "event/event_batch.h"
#include "query/aggregate.h"
#include "query/field.h"

namespace lynxdb::query {

void FieldSet::add(const FieldSet& other) {
  if (other.all_) return add_all();
  for (const std::string& name : other.names_) add(name);
}

bool FieldSet::may_read(std::string_view stored) const {
  if (all_) return true;
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    const std::vector<std::string> read = stored_fields_of(name);
    return std::find(read.begin(), read.end(), stored) != read.end();
  });
}

namespace {

void collect(const spl2::Expr& expr, FieldSet& fields) {
  if (expr.kind == spl2::ExprKind::kField) fields.add(expr.name);
  // A call may stand for a column made upstream under its own text (`where avg(x) > 5`).
  if (expr.kind == spl2::ExprKind::kCall && !expr.call_text.empty()) fields.add(expr.call_text);
  for (const spl2::ExprPtr& arg : expr.args) collect(*arg, fields);
}

void collect(const spl2::SearchExpr& expr, FieldSet& fields) {
  switch (expr.kind) {
    case spl2::SearchKind::kText:
    case spl2::SearchKind::kTerm:
    case spl2::SearchKind::kCase:
      fields.add(event::kRaw);
      break;
    case spl2::SearchKind::kCompare:
    case spl2::SearchKind::kIn:
    case spl2::SearchKind::kLike:
      fields.add(expr.field);
      break;
    default:
      break;
  }
  for (const spl2::SearchPtr& arg : expr.args) collect(*arg, fields);
}

void add_aggregates(const std::vector<spl2::Aggregate>& aggregates, FieldSet& fields) {
  for (const spl2::Aggregate& aggregate : aggregates) {
    if (aggregate.argument != nullptr) fields.add(fields_of(*aggregate.argument));
    if (needs_time(aggregate)) fields.add(event::kTime);
  }
}

void add_keys(const std::vector<spl2::ByKey>& keys, FieldSet& fields) {
  for (const spl2::ByKey& key : keys) fields.add(fields_of(*key.expr));
}

// One overload per command; `needed` is what must come out, the result what must go in.
struct Before {
  FieldSet needed;

  FieldSet operator()(const spl2::SearchCommand& command) {
    needed.add(fields_of(*command.expr));
    return needed;
  }
  FieldSet operator()(const spl2::WhereCommand& command) {
    needed.add(fields_of(*command.expr));
    return needed;
  }
  FieldSet operator()(const spl2::EvalCommand& command) {
    for (const auto& assignment : std::views::reverse(command.assignments)) {
      needed.erase(assignment.field);
      needed.add(fields_of(*assignment.expr));
    }
    return needed;
  }
  FieldSet operator()(const spl2::FieldsCommand& command) {
    if (command.remove) return needed;
    FieldSet before;
    for (const spl2::FieldName& field : command.fields) {
      if (field.glob) return FieldSet::everything();
      before.add(field.name);
    }
    return before;
  }
  FieldSet operator()(const spl2::RenameCommand& command) {
    for (const auto& pair : command.pairs) needed.erase(pair.to);
    for (const auto& pair : command.pairs) needed.add(pair.from);
    return needed;
  }
  FieldSet operator()(const spl2::HeadCommand&) { return needed; }
  FieldSet operator()(const spl2::TailCommand&) { return needed; }
  FieldSet operator()(const spl2::ReverseCommand&) { return needed; }
  FieldSet operator()(const spl2::SortCommand& command) {
    for (const spl2::SortKey& key : command.keys) needed.add(key.field);
    return needed;
  }
  FieldSet operator()(const spl2::DedupCommand& command) {
    for (const std::string& field : command.fields) needed.add(field);
    return needed;
  }
  FieldSet operator()(const spl2::StatsCommand& command) {
    FieldSet before;
    add_aggregates(command.aggregates, before);
    add_keys(command.by, before);
    return before;
  }
  FieldSet operator()(const spl2::EventstatsCommand& command) {
    for (const spl2::Aggregate& aggregate : command.aggregates) needed.erase(aggregate.output);
    add_aggregates(command.aggregates, needed);
    add_keys(command.by, needed);
    return needed;
  }
  FieldSet operator()(const spl2::StreamstatsCommand& command) {
    for (const spl2::Aggregate& aggregate : command.aggregates) needed.erase(aggregate.output);
    add_aggregates(command.aggregates, needed);
    add_keys(command.by, needed);
    return needed;
  }
  FieldSet operator()(const spl2::TimechartCommand& command) {
    FieldSet before;
    before.add(event::kTime);
    add_aggregates(command.aggregates, before);
    if (command.by) before.add(fields_of(*command.by->expr));
    return before;
  }
  FieldSet operator()(const spl2::BinCommand& command) {
    needed.add(command.field);
    return needed;
  }
  FieldSet operator()(const spl2::TopCommand& command) {
    FieldSet before;
    before.add(command.field);
    for (const std::string& field : command.by) before.add(field);
    return before;
  }
  FieldSet operator()(const spl2::RexCommand& command) {
    needed.add(command.field);
    return needed;
  }
  FieldSet operator()(const spl2::RegexCommand& command) {
    needed.add(command.field);
    return needed;
  }
  FieldSet operator()(const spl2::FillnullCommand& command) {
    if (command.fields.empty()) return FieldSet::everything();
    for (const std::string& field : command.fields) needed.add(field);
    return needed;
  }
  FieldSet operator()(const spl2::JoinCommand& command) {
    for (const std::string& field : command.fields) needed.add(field);
    return needed;
  }
  FieldSet operator()(const spl2::AppendCommand&) { return needed; }
  FieldSet operator()(const spl2::MultisearchCommand&) { return needed; }
  FieldSet operator()(const spl2::TransactionCommand& command) {
    for (const char* made : {"duration", "eventcount", "earliest_time", "latest_time", "closed"})
      needed.erase(made);
    needed.add(event::kTime);
    for (const std::string& field : command.fields) needed.add(field);
    for (const auto* condition : {&command.startswith, &command.endswith}) {
      if (!condition->has_value()) continue;
      if ((*condition)->search != nullptr) needed.add(fields_of(*(*condition)->search));
      if ((*condition)->expr != nullptr) needed.add(fields_of(*(*condition)->expr));
    }
    return needed;
  }
  FieldSet operator()(const spl2::XyseriesCommand& command) {
    FieldSet before;
    for (const std::string& field : {command.x, command.y, command.value}) before.add(field);
    return before;
  }
  FieldSet operator()(const spl2::UnrollCommand& command) {
    // Objects in the list become fields named `f.key`.
    needed.add(command.field);
    return needed;
  }
};

}  // namespace

FieldSet fields_of(const spl2::Expr& expr) {
  FieldSet fields;
  collect(expr, fields);
  return fields;
}

FieldSet fields_of(const spl2::SearchExpr& expr) {
  FieldSet fields;
  collect(expr, fields);
  return fields;
}

FieldSet fields_before(const spl2::Command& command, FieldSet needed) {
  return std::visit(Before{std::move(needed)}, command.node);
}

}  // namespace lynxdb::query
