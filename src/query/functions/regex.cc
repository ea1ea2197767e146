// match, replace, mvfind: what takes a regular expression.
#include <array>
#include <utility>

#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"
#include "query/regex.h"

namespace lynxdb::query {

using event::ColumnBuilder;
using event::Type;
using event::Value;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

// The compiled pattern of a constant argument; null when the argument varies or is null.
Result<RegexPtr> constant_regex(const FunctionArguments& arguments, std::size_t i,
                                const FunctionContext& context) {
  const std::optional<Value> pattern = constant_argument(arguments, i);
  if (!pattern || pattern->is_null()) return RegexPtr();
  return context.at_argument(i, Regex::compile(event::text(*pattern)));
}

// Patterns that vary by row: each thread keeps its last one.
RegexPtr computed_regex(ValueView pattern) {
  thread_local RegexCache cache;
  std::string scratch;
  return cache.shared(text_of(pattern, scratch));
}

Result<ExpressionPtr> build_match(FunctionArguments arguments, const FunctionContext& context) {
  return context.at_argument(
      1, make_regex_match(std::move(arguments[0]), std::move(arguments[1]), false));
}

void replace_in(const RegexReplacement& replacement, ValueView value, ColumnBuilder& out) {
  std::string scratch;
  std::string replaced;
  const std::string_view text = text_of(value, scratch);
  const bool any = replacement.apply(text, replaced, kMadeValueBytesMax);
  append_made(any ? std::string_view(replaced) : text, out);
}

Result<ExpressionPtr> build_replace(FunctionArguments arguments, const FunctionContext& context) {
  const RegexPtr literal = TRY(constant_regex(arguments, 1, context));
  const std::optional<Value> text = constant_argument(arguments, 2);
  RowFunction function;
  if (literal != nullptr && text && !text->is_null()) {
    const auto replacement = std::make_shared<const RegexReplacement>(literal, event::text(*text));
    function.row = [replacement](Arguments values, ColumnBuilder& out) {
      replace_in(*replacement, values[0], out);
    };
  } else {
    function.row = [literal](Arguments values, ColumnBuilder& out) {
      const RegexPtr regex = literal != nullptr ? literal : computed_regex(values[1]);
      if (regex == nullptr) return out.append_null();
      replace_in(RegexReplacement(regex, event::text(values[2])), values[0], out);
    };
  }
  return make_call(std::move(arguments), std::move(function));
}

// Index of the first element that fits; a single value is element 0.
ValueView find_element(const Regex& regex, ValueView list) {
  std::string scratch;
  if (list.type() != Type::kList)
    return regex.matches(text_of(list, scratch)) ? ValueView::integer(0) : ValueView();
  for (std::size_t i = 0; i < list.list_size(); ++i)
    if (regex.matches(text_of(list.list_at(i), scratch)))
      return ValueView::integer(static_cast<std::int64_t>(i));
  return {};
}

Result<ExpressionPtr> build_mvfind(FunctionArguments arguments, const FunctionContext& context) {
  const RegexPtr literal = TRY(constant_regex(arguments, 1, context));
  const auto row = [literal](Arguments values, ColumnBuilder& out) {
    const RegexPtr regex = literal != nullptr ? literal : computed_regex(values[1]);
    out.append(regex != nullptr ? find_element(*regex, values[0]) : ValueView());
  };
  return make_call(std::move(arguments), {.row = row, .lists = ListMode::kWhole});
}

constexpr std::array kFunctions = {
    Function{"match", 2, 2, build_match},
    Function{"replace", 3, 3, build_replace},
    Function{"mvfind", 2, 2, build_mvfind},
};

}  // namespace

std::span<const Function> regex_functions() { return kFunctions; }

}  // namespace lynxdb::query
