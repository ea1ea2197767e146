// What rows look like behind each command: fixed columns or not, result type. Walked forwards.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "query/engine.h"
#include "spl2/ast.h"

namespace lynxdb::query {

struct Shape {
  ResultType type = ResultType::kEvents;
  // The columns that every row prints, in order; nullopt when they depend on the data.
  std::optional<std::vector<std::string>> columns;
  // Columns made by the pipeline so far: calls whose text equals one mean that column.
  std::set<std::string> made;
};

// Shapes of the pipelines that a command or a source names.
using ShapeOfCte = std::function<Shape(const std::string& name)>;

Shape shape_of(const spl2::Pipeline& pipeline, const ShapeOfCte& cte);
// The shape behind `command`, given the one before it.
Shape shape_after(const spl2::Command& command, Shape before, const ShapeOfCte& cte);

}  // namespace lynxdb::query
