// The guide's page of functions tells the truth: each example gives the result beside it, and every
// function has one.
#include <fstream>
#include <sstream>

#include "query/expression_test_support.h"
#include "query/functions/function.h"

namespace lynxdb::query {
namespace {

// The text between the first and last backtick of a table cell; empty when there are none.
std::string code_of(const std::string& cell) {
  const std::size_t first = cell.find('`');
  const std::size_t last = cell.rfind('`');
  return first == last ? "" : cell.substr(first + 1, last - first - 1);
}

struct Example {
  std::string function;  // The cell that describes it.
  Case example;
};

std::vector<Example> examples_of(std::istream& page) {
  std::vector<Example> examples;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ") || line.starts_with("| function |")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    EXPECT_EQ(cells.size(), 3U) << line;
    if (cells.size() == 3) examples.push_back({cells[0], {code_of(cells[1]), code_of(cells[2])}});
  }
  return examples;
}

std::vector<Example> examples() {
  std::ifstream page(LYNXDB_FUNCTIONS_GUIDE);
  EXPECT_TRUE(page.good()) << LYNXDB_FUNCTIONS_GUIDE;
  return examples_of(page);
}

TEST(FunctionsGuide, ExamplesGiveTheResultsBesideThem) {
  const std::vector<Example> all = examples();
  ASSERT_GT(all.size(), 60U);
  for (const Example& one : all)
    EXPECT_EQ(evaluate_alone(one.example.expression, {}), one.example.result)
        << one.example.expression;
}

TEST(FunctionsGuide, HasEveryFunction) {
  std::string described;
  for (const Example& one : examples()) described += one.function;
  for (const std::string_view name : scalar_function_names())
    EXPECT_NE(described.find("`" + std::string(name) + "("), std::string::npos) << name;
}

}  // namespace
}  // namespace lynxdb::query
