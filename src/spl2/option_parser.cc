#include "spl2/option_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "base/suggest.h"
#include "base/units.h"
#include "spl2/ascii_case.h"
#include "spl2/duration.h"
#include "spl2/expression_parser.h"

namespace lynxdb::spl2 {

bool at_option(Context& context) {
  Cursor& cursor = context.cursor;
  const std::string_view word = cursor.peek_word();
  if (word.empty() || is_digit(word.front())) return false;
  const std::size_t next = cursor.after_space(cursor.position() + word.size());
  return cursor.at(next) == '=' && cursor.at(next + 1) != '=' && cursor.at(next + 1) != '~';
}

std::optional<std::string> read_option_name(Context& context, std::string_view command,
                                            std::initializer_list<std::string_view> known) {
  Cursor& cursor = context.cursor;
  std::string name = to_lower(cursor.peek_word());
  const std::size_t start = cursor.position();
  cursor.seek(start + name.size());
  const Span span = cursor.span_from(start);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const std::span<const std::string_view> names(known.begin(), known.size());
    return context.fail(span, fmt::format("{} has no option '{}'", command, name),
                        base::suggest(name, names).value_or(""));
  }
  std::vector<std::string>& seen = context.seen_options;
  if (std::find(seen.begin(), seen.end(), name) != seen.end())
    return context.fail(span, fmt::format("option '{}' is given twice", name));
  seen.push_back(name);
  cursor.accept('=');
  return name;
}

std::optional<OptionValue> read_value(Context& context) {
  Cursor& cursor = context.cursor;
  if (context.at_command_end()) return context.fail_here("expected a value");
  const std::size_t start = cursor.position();
  if (cursor.at(start) == '"' || cursor.at(start) == '\'') {
    std::optional<std::string> text = parse_string(context);
    if (!text) return std::nullopt;
    return OptionValue{.text = *std::move(text), .quoted = true, .span = cursor.span_from(start)};
  }
  constexpr std::string_view kEnds = "|,()[]\"";
  std::size_t end = start;
  while (end < cursor.text().size() && !is_space(cursor.at(end)) &&
         kEnds.find(cursor.at(end)) == std::string_view::npos &&
         !(cursor.at(end) == ';' && context.at_statement_end(end)))
    ++end;
  if (end == start) return context.fail_here("expected a value");
  cursor.seek(end);
  return OptionValue{.text = std::string(cursor.text().substr(start, end - start)),
                     .quoted = false,
                     .span = cursor.span_from(start)};
}

std::optional<std::uint64_t> read_count(Context& context, std::uint64_t min,
                                        std::string_view what) {
  const std::optional<OptionValue> value = read_value(context);
  if (!value) return std::nullopt;
  std::uint64_t count = 0;
  const char* const end = value->text.data() + value->text.size();
  const auto [last, error] = std::from_chars(value->text.data(), end, count);
  const bool fits = count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error != std::errc{} || last != end || !fits)
    return context.fail(value->span, fmt::format("expected a whole number, not '{}'", value->text));
  if (count < min)
    return context.fail(value->span, fmt::format("{} must be at least {}", what, min));
  return count;
}

bool read_bool(Context& context, bool& value) {
  const std::optional<OptionValue> text = read_value(context);
  if (!text) return false;
  const std::string word = to_lower(text->text);
  if (word == "true" || word == "t" || word == "1")
    value = true;
  else if (word == "false" || word == "f" || word == "0")
    value = false;
  else
    return context.fail(text->span, fmt::format("expected true or false, not '{}'", text->text));
  return true;
}

std::optional<std::int64_t> read_duration(Context& context) {
  const std::optional<OptionValue> value = read_value(context);
  if (!value) return std::nullopt;
  const std::optional<std::int64_t> ns = base::parse_duration_ns(value->text);
  if (!ns)
    return context.fail(value->span, fmt::format("'{}' is no duration", value->text),
                        "5m, 1h30m or 7d");
  return ns;
}

std::optional<TimeSpan> read_time_span(Context& context) {
  const std::optional<OptionValue> value = read_value(context);
  if (!value) return std::nullopt;
  std::optional<TimeSpan> span = parse_time_span(value->text);
  if (!span)
    return context.fail(value->span, fmt::format("'{}' is no time span", value->text),
                        "5m, 1h or 1d");
  return span;
}

}  // namespace lynxdb::spl2
