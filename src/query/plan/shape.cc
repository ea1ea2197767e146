#include "query/plan/shape.h"

#include <algorithm>

namespace lynxdb::query {
namespace {

void add_column(Shape& shape, const std::string& name) {
  shape.made.insert(name);
  if (!shape.columns) return;
  if (std::find(shape.columns->begin(), shape.columns->end(), name) == shape.columns->end())
    shape.columns->push_back(name);
}

// Rows of either shape may come: columns are fixed only if they are in both, type is the one that
// is not events.
Shape either(Shape a, const Shape& b) {
  if (a.type == ResultType::kEvents) a.type = b.type;
  a.made.insert(b.made.begin(), b.made.end());
  if (!b.columns) a.columns = std::nullopt;
  if (a.columns)
    for (const std::string& name : *b.columns) add_column(a, name);
  return a;
}

struct After {
  Shape shape;
  const ShapeOfCte& cte;

  void fixed(ResultType type) {
    shape.type = type;
    shape.columns.emplace();
    shape.made.clear();
  }
  void open(ResultType type) {
    shape.type = type;
    shape.columns.reset();
    shape.made.clear();
  }

  template <typename T>
  void operator()(const T&) {}  // Filters and orders leave the shape alone.

  void operator()(const spl2::EvalCommand& command) {
    for (const auto& assignment : command.assignments) add_column(shape, assignment.field);
  }
  void operator()(const spl2::FieldsCommand& command) {
    const bool globs = std::any_of(command.fields.begin(), command.fields.end(),
                                   [](const auto& f) { return f.glob; });
    if (command.remove) {
      for (const spl2::FieldName& field : command.fields) shape.made.erase(field.name);
      if (globs) {
        shape.columns.reset();
      } else if (shape.columns) {
        std::erase_if(*shape.columns, [&](const std::string& name) {
          return std::any_of(command.fields.begin(), command.fields.end(),
                             [&](const auto& f) { return f.name == name; });
        });
      }
      return;
    }
    if (globs) {
      shape.columns.reset();
      return;
    }
    shape.columns.emplace();
    for (const spl2::FieldName& field : command.fields) add_column(shape, field.name);
  }
  void operator()(const spl2::RenameCommand& command) {
    if (shape.columns) {
      std::vector<std::string> renamed;
      for (const std::string& name : *shape.columns) {
        const auto pair = std::find_if(command.pairs.begin(), command.pairs.end(),
                                       [&](const auto& p) { return p.from == name; });
        const auto replaced = std::find_if(command.pairs.begin(), command.pairs.end(),
                                           [&](const auto& p) { return p.to == name; });
        if (pair != command.pairs.end())
          renamed.push_back(pair->to);
        else if (replaced == command.pairs.end())
          renamed.push_back(name);
      }
      shape.columns = std::move(renamed);
    }
    for (const auto& pair : command.pairs) shape.made.erase(pair.from);
    for (const auto& pair : command.pairs) add_column(shape, pair.to);
  }
  void operator()(const spl2::StatsCommand& command) {
    fixed(ResultType::kAggregate);
    for (const spl2::ByKey& key : command.by) add_column(shape, key.output);
    for (const spl2::Aggregate& aggregate : command.aggregates) add_column(shape, aggregate.output);
  }
  void operator()(const spl2::TimechartCommand& command) {
    if (command.by && !command.long_format) return open(ResultType::kTimechart);
    fixed(ResultType::kTimechart);
    add_column(shape, "_time");
    if (command.by) add_column(shape, command.by->output);
    for (const spl2::Aggregate& aggregate : command.aggregates) add_column(shape, aggregate.output);
  }
  void operator()(const spl2::TopCommand& command) {
    fixed(ResultType::kAggregate);
    for (const std::string& field : command.by) add_column(shape, field);
    for (const std::string& field : {command.field, std::string("count"), std::string("percent")})
      add_column(shape, field);
  }
  void operator()(const spl2::EventstatsCommand& command) {
    for (const spl2::Aggregate& aggregate : command.aggregates) add_column(shape, aggregate.output);
  }
  void operator()(const spl2::StreamstatsCommand& command) {
    for (const spl2::Aggregate& aggregate : command.aggregates) add_column(shape, aggregate.output);
  }
  void operator()(const spl2::BinCommand& command) {
    add_column(shape, command.output.empty() ? command.field : command.output);
  }
  void operator()(const spl2::RexCommand& command) {
    for (const std::string& group : command.groups) add_column(shape, group);
  }
  void operator()(const spl2::FillnullCommand& command) {
    for (const std::string& field : command.fields) add_column(shape, field);
  }
  void operator()(const spl2::SortCommand& command) {
    for (const spl2::SortKey& key : command.keys) add_column(shape, key.field);
  }
  void operator()(const spl2::UnrollCommand&) { shape.columns.reset(); }
  void operator()(const spl2::XyseriesCommand&) { open(ResultType::kAggregate); }
  void operator()(const spl2::TransactionCommand&) { open(ResultType::kAggregate); }
  void operator()(const spl2::JoinCommand& command) {
    const Shape right = shape_of(*command.sub, cte);
    shape.made.insert(right.made.begin(), right.made.end());
    if (!right.columns) shape.columns.reset();
    if (shape.columns)
      for (const std::string& name : *right.columns) add_column(shape, name);
  }
  void operator()(const spl2::AppendCommand& command) {
    shape = either(std::move(shape), shape_of(*command.sub, cte));
  }
  void operator()(const spl2::MultisearchCommand& command) {
    shape = shape_of(*command.subs.front(), cte);
    for (std::size_t i = 1; i < command.subs.size(); ++i)
      shape = either(std::move(shape), shape_of(*command.subs[i], cte));
  }
};

}  // namespace

Shape shape_after(const spl2::Command& command, Shape before, const ShapeOfCte& cte) {
  After after{std::move(before), cte};
  std::visit(after, command.node);
  return std::move(after.shape);
}

Shape shape_of(const spl2::Pipeline& pipeline, const ShapeOfCte& cte) {
  Shape shape;
  bool first = true;
  for (const spl2::SourceName& source : pipeline.sources) {
    const Shape from = source.cte ? cte(source.name) : Shape{};
    shape = first ? from : either(std::move(shape), from);
    first = false;
  }
  for (const spl2::Command& command : pipeline.commands)
    shape = shape_after(command, std::move(shape), cte);
  return shape;
}

}  // namespace lynxdb::query
