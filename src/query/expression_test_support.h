// Verbs of the expression tests: text to compiled expression, and its value for one row of fields.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/expression.h"
#include "spl2/parser.h"

namespace lynxdb::query {

// 2026-01-15T10:30:00Z: what now() gives in tests.
inline constexpr std::int64_t kTestNow = 1768473000'000000000;

using Fields = std::map<std::string, event::Value>;

// The syntax tree of one expression; null (and a failure) when it does not parse.
inline spl2::ExprPtr parse_expression(const std::string& text) {
  auto parsed = spl2::parse("| eval result=" + text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed)) {
    ADD_FAILURE() << text << ": " << errors->front().message;
    return nullptr;
  }
  const auto& commands = std::get<spl2::Query>(parsed).main->commands;
  return std::get<spl2::EvalCommand>(commands.back().node).assignments.back().expr;
}

inline ExpressionPtr compiled(const std::string& text) {
  const spl2::ExprPtr expr = parse_expression(text);
  if (expr == nullptr) return nullptr;
  Result<ExpressionPtr> result = compile(*expr, kTestNow);
  if (!result) {
    ADD_FAILURE() << text << ": " << result.error().message;
    return nullptr;
  }
  return *result;
}

// The message with which `text` is refused, by the parser or by compile().
inline std::string refusal(const std::string& text) {
  auto parsed = spl2::parse("| eval result=" + text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
    return errors->front().message;
  const auto& commands = std::get<spl2::Query>(parsed).main->commands;
  const spl2::ExprPtr expr =
      std::get<spl2::EvalCommand>(commands.back().node).assignments.back().expr;
  const Result<ExpressionPtr> result = compile(*expr, kTestNow);
  return result ? "" : result.error().message;
}

inline std::string json(event::ValueView value) {
  std::string text;
  event::append_json(value, text);
  return text;
}

// The row alone: every column has one type.
inline std::string evaluate_alone(const std::string& text, const Fields& fields) {
  const ExpressionPtr expression = compiled(text);
  if (expression == nullptr) return "(error)";
  event::EventBatch batch(1);
  for (const auto& [name, value] : fields) batch.set(name, event::Column::mixed({value}));
  return json(expression->evaluate(batch)->view(0));
}

// The row between rows of other types: every column is mixed.
inline std::string evaluate_among_others(const std::string& text, const Fields& fields) {
  const ExpressionPtr expression = compiled(text);
  if (expression == nullptr) return "(error)";
  event::EventBatch batch(4);
  for (const auto& [name, value] : fields)
    batch.set(name, event::Column::mixed({event::Value::boolean(true), event::Value(), value,
                                          event::Value::string("other")}));
  return json(expression->evaluate(batch)->view(2));
}

// The row twice among nulls: typed columns with nulls; texts as a dictionary.
inline std::string evaluate_among_nulls(const std::string& text, const Fields& fields) {
  const ExpressionPtr expression = compiled(text);
  if (expression == nullptr) return "(error)";
  event::EventBatch batch(3);
  for (const auto& [name, value] : fields) {
    const std::vector<std::uint32_t> rows{event::kNoRow, 0, 0};
    batch.set(name, event::take(event::Column::constant(value, 1), rows));
  }
  const event::ColumnPtr result = expression->evaluate(batch);
  EXPECT_EQ(json(result->view(1)), json(result->view(2))) << text;
  return json(result->view(2));
}

struct Case {
  std::string expression;
  std::string result;  // As JSON.
};

// Every expression has its result whichever kinds of columns the fields are in.
inline void expect_results(const std::vector<Case>& cases, const Fields& fields) {
  for (const Case& one : cases) {
    EXPECT_EQ(evaluate_alone(one.expression, fields), one.result) << one.expression;
    EXPECT_EQ(evaluate_among_others(one.expression, fields), one.result)
        << one.expression << " (mixed columns)";
    EXPECT_EQ(evaluate_among_nulls(one.expression, fields), one.result)
        << one.expression << " (columns with nulls)";
  }
}

}  // namespace lynxdb::query
