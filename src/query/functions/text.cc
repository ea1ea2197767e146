// lower, upper, trim, len, substr, split, like, startswith and their kin.
#include <array>
#include <limits>
#include <utility>

#include "base/text_search.h"
#include "query/expression_memory.h"
#include "query/expression_nodes.h"
#include "query/expression_value.h"
#include "query/functions/call.h"
#include "query/functions/function.h"
#include "query/functions/unicode_case.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnBuilder;
using event::ColumnPtr;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

namespace {

using Arguments = std::span<const ValueView>;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

// One past the character that begins at `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && is_continuation(text[at])) ++at;
  return at;
}

std::size_t character_count(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += is_continuation(byte) ? 0 : 1;
  return count;
}

// --- lower, upper
// ---------------------------------------------------------------------------------

using AppendCase = void (*)(std::string_view, std::string&);

// All texts of the column one after the other in one block.
template <AppendCase Append>
ColumnPtr change_column(const Column& column) {
  if (column.kind() != Kind::kString) return nullptr;
  // Many rows may share one text: the copies are counted before they are made.
  std::size_t bytes = 0;
  for (const std::string_view text : column.string_values()) bytes += text.size();
  if (!take_expression_memory(bytes)) return Column::nulls(column.size());
  const auto block = std::make_shared<std::string>();
  std::vector<std::size_t> ends(column.size());
  for (std::size_t row = 0; row < ends.size(); ++row) {
    if (!column.is_null(row)) Append(column.string_values()[row], *block);
    ends[row] = block->size();
  }
  std::vector<std::string_view> texts(column.size());
  std::size_t begin = 0;
  for (std::size_t row = 0; row < ends.size(); begin = ends[row++])
    texts[row] = std::string_view(*block).substr(begin, ends[row] - begin);
  return Column::strings(std::move(texts), {block}, column.null_bitmap());
}

template <AppendCase Append>
Result<ExpressionPtr> build_case_change(FunctionArguments arguments, const FunctionContext&) {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    std::string scratch;
    std::string changed;
    Append(text_of(values[0], scratch), changed);
    append_made(changed, out);
  };
  return make_call(std::move(arguments), {.row = row, .whole = change_column<Append>});
}

// --- Parts of a text
// ------------------------------------------------------------------------------

// A function whose result is a part of its first argument: string columns share the bytes.
using Part = std::function<std::string_view(std::string_view)>;

ColumnPtr parts_of_column(const Column& column, const Part& part) {
  if (column.kind() != Kind::kString) return nullptr;
  std::vector<std::string_view> parts(column.size());
  for (std::size_t row = 0; row < parts.size(); ++row)
    if (!column.is_null(row)) parts[row] = part(column.string_values()[row]);
  return Column::strings(std::move(parts), column.owners(), column.null_bitmap());
}

// Cuts bytes, or whole characters of `set`, from the ends.
std::string_view trim_set(std::string_view text, std::string_view set, bool left, bool right) {
  if (is_ascii(set)) {
    while (left && !text.empty() && set.find(text.front()) != set.npos) text.remove_prefix(1);
    while (right && !text.empty() && set.find(text.back()) != set.npos) text.remove_suffix(1);
    return text;
  }
  while (left && !text.empty()) {
    const std::size_t size = next_character(text, 0);
    if (set.find(text.substr(0, size)) == set.npos) break;
    text.remove_prefix(size);
  }
  while (right && !text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && is_continuation(text[begin])) --begin;
    if (set.find(text.substr(begin)) == set.npos) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

constexpr std::string_view kSpaces = " \t\n\r\f\v";

template <bool Left, bool Right>
Result<ExpressionPtr> build_trim(FunctionArguments arguments, const FunctionContext&) {
  RowFunction function;
  function.row = [](Arguments values, ColumnBuilder& out) {
    std::string scratch;
    std::string set_scratch;
    const std::string_view set = values.size() > 1 ? text_of(values[1], set_scratch) : kSpaces;
    append_made(trim_set(text_of(values[0], scratch), set, Left, Right), out);
  };
  std::optional<Value> set = constant_argument(arguments, 1);
  if (arguments.size() == 1 || set)
    function.whole = [text = set ? event::text(*set) : std::string(kSpaces)](const Column& column) {
      return parts_of_column(
          column, [&](std::string_view value) { return trim_set(value, text, Left, Right); });
    };
  return make_call(std::move(arguments), std::move(function));
}

// Characters [start, start + count) as SQL counts them: from 1, negative from the end.
std::string_view substr(std::string_view text, std::int64_t start, std::int64_t count) {
  if (count <= 0) return {};
  const bool ascii = is_ascii(text);
  const auto size = static_cast<std::int64_t>(ascii ? text.size() : character_count(text));
  std::int64_t begin = start > 0 ? start - 1 : 0;
  if (start < 0) begin = start < -size ? 0 : size + start;
  if (begin >= size) return {};
  const std::int64_t wanted = std::min(count, size - begin);
  if (ascii) return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(wanted));
  std::size_t first = 0;
  while (first < text.size() && is_continuation(text[first])) ++first;
  for (std::int64_t i = 0; i < begin; ++i) first = next_character(text, first);
  std::size_t last = first;
  for (std::int64_t i = 0; i < wanted; ++i) last = next_character(text, last);
  return text.substr(first, last - first);
}

// A whole number out of an argument: 2, 2.0, "2". Fractions are cut.
std::optional<std::int64_t> whole_number(ValueView value) {
  const ValueView number = event::to_number(value);
  if (number.type() == Type::kInt) return number.as_int();
  constexpr double kLimit = 9e18;
  if (number.type() != Type::kFloat || number.as_float() > kLimit || number.as_float() < -kLimit)
    return std::nullopt;
  return static_cast<std::int64_t>(number.as_float());
}

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();

void substr_row(Arguments values, ColumnBuilder& out) {
  const std::optional<std::int64_t> start = whole_number(values[1]);
  const std::optional<std::int64_t> count = values.size() > 2 ? whole_number(values[2]) : kToTheEnd;
  if (!start || !count) return out.append_null();
  std::string scratch;
  append_made(substr(text_of(values[0], scratch), *start, *count), out);
}

Result<ExpressionPtr> build_substr(FunctionArguments arguments, const FunctionContext&) {
  RowFunction function{.row = substr_row};
  const std::optional<Value> start_value = constant_argument(arguments, 1);
  const std::optional<Value> count_value =
      arguments.size() > 2 ? constant_argument(arguments, 2) : Value::integer(kToTheEnd);
  if (start_value && count_value) {
    const std::optional<std::int64_t> start = whole_number(*start_value);
    const std::optional<std::int64_t> count = whole_number(*count_value);
    if (start && count)
      function.whole = [start, count](const Column& column) {
        return parts_of_column(column,
                               [&](std::string_view text) { return substr(text, *start, *count); });
      };
  }
  return make_call(std::move(arguments), std::move(function));
}

// --- len
// ------------------------------------------------------------------------------------------

void len_row(Arguments values, ColumnBuilder& out) {
  std::string scratch;
  out.append_int(static_cast<std::int64_t>(character_count(text_of(values[0], scratch))));
}

ColumnPtr len_of_column(const Column& column) {
  if (column.kind() != Kind::kString) return nullptr;
  std::vector<std::int64_t> lengths(column.size());
  for (std::size_t row = 0; row < lengths.size(); ++row)
    lengths[row] = static_cast<std::int64_t>(character_count(column.string_values()[row]));
  return Column::ints(std::move(lengths), column.null_bitmap());
}

Result<ExpressionPtr> build_len(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = len_row, .whole = len_of_column});
}

// --- Conditions
// -----------------------------------------------------------------------------------

bool starts_with(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool ends_with(std::string_view text, std::string_view part) { return text.ends_with(part); }
bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// `test(text)` for each row of a string column; null for other columns.
template <typename Test>
ColumnPtr test_column(const Column& column, const Test& test) {
  if (column.kind() != Kind::kString) return nullptr;
  std::vector<std::uint8_t> result(column.size());
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = test(column.string_values()[row]) ? 1 : 0;
  return Column::bools(std::move(result), column.null_bitmap());
}

template <bool (*Test)(std::string_view, std::string_view)>
RowFunction test_function() {
  const auto row = [](Arguments values, ColumnBuilder& out) {
    std::string text_scratch;
    std::string part_scratch;
    out.append_bool(Test(text_of(values[0], text_scratch), text_of(values[1], part_scratch)));
  };
  return {.row = row, .lists = ListMode::kAny};
}

template <bool (*Test)(std::string_view, std::string_view)>
Result<ExpressionPtr> build_test(FunctionArguments arguments, const FunctionContext&) {
  RowFunction function = test_function<Test>();
  if (const std::optional<Value> part = constant_argument(arguments, 1))
    function.whole = [part = event::text(*part)](const Column& column) {
      return test_column(column, [&](std::string_view text) { return Test(text, part); });
    };
  return make_call(std::move(arguments), std::move(function));
}

Result<ExpressionPtr> build_contains(FunctionArguments arguments, const FunctionContext&) {
  RowFunction function = test_function<contains>();
  if (const std::optional<Value> part = constant_argument(arguments, 1))
    function.whole = [finder = base::SubstringFinder(event::text(*part))](const Column& column) {
      return test_column(column, [&](std::string_view text) { return finder.contains(text); });
    };
  return make_call(std::move(arguments), std::move(function));
}

template <bool IgnoreCase>
Result<ExpressionPtr> build_like(FunctionArguments arguments, const FunctionContext&) {
  return make_like(std::move(arguments[0]), std::move(arguments[1]), IgnoreCase, false);
}

// --- split
// ----------------------------------------------------------------------------------------

// Parts beyond what a value may hold are left out: the list becomes null then.
std::vector<Value> split_characters(std::string_view text) {
  std::vector<Value> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = next_character(text, at);
    parts.push_back(Value::string(std::string(text.substr(at, end - at))));
    if (!fits_as_value(parts.size() * sizeof(Value))) break;
    at = end;
  }
  return parts;
}

std::vector<Value> split_at(std::string_view text, std::string_view delimiter) {
  if (delimiter.empty()) return split_characters(text);
  std::vector<Value> parts;
  while (true) {
    const std::size_t end = text.find(delimiter);
    parts.push_back(Value::string(std::string(text.substr(0, end))));
    const bool fits = fits_as_value(parts.size() * sizeof(Value));
    if (end == std::string_view::npos || !fits) return parts;
    text.remove_prefix(end + delimiter.size());
  }
}

void split_row(Arguments values, ColumnBuilder& out) {
  std::string text_scratch;
  std::string delimiter_scratch;
  append_made(split_at(text_of(values[0], text_scratch), text_of(values[1], delimiter_scratch)),
              out);
}

Result<ExpressionPtr> build_split(FunctionArguments arguments, const FunctionContext&) {
  return make_call(std::move(arguments), {.row = split_row});
}

constexpr std::array kFunctions = {
    Function{"lower", 1, 1, build_case_change<append_lower>},
    Function{"upper", 1, 1, build_case_change<append_upper>},
    Function{"trim", 1, 2, build_trim<true, true>},
    Function{"ltrim", 1, 2, build_trim<true, false>},
    Function{"rtrim", 1, 2, build_trim<false, true>},
    Function{"len", 1, 1, build_len},
    Function{"substr", 2, 3, build_substr},
    Function{"like", 2, 2, build_like<false>},
    Function{"ilike", 2, 2, build_like<true>},
    Function{"startswith", 2, 2, build_test<starts_with>},
    Function{"endswith", 2, 2, build_test<ends_with>},
    Function{"contains", 2, 2, build_contains},
    Function{"split", 2, 2, build_split},
};

}  // namespace

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace lynxdb::query
