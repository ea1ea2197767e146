#include "spl2/duration.h"

#include <array>
#include <charconv>
#include <limits>

#include "spl2/lexer.h"
#include "spl2/parser.h"

namespace lynxdb::spl2 {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

// Largest first; the first name of each size is the one that is printed.
constexpr std::array kUnits{
    Unit{"w", 7 * kDay},
    Unit{"week", 7 * kDay},
    Unit{"weeks", 7 * kDay},
    Unit{"d", kDay},
    Unit{"day", kDay},
    Unit{"days", kDay},
    Unit{"h", 3600 * kSecond},
    Unit{"hr", 3600 * kSecond},
    Unit{"hrs", 3600 * kSecond},
    Unit{"hour", 3600 * kSecond},
    Unit{"hours", 3600 * kSecond},
    Unit{"m", 60 * kSecond},
    Unit{"min", 60 * kSecond},
    Unit{"mins", 60 * kSecond},
    Unit{"minute", 60 * kSecond},
    Unit{"minutes", 60 * kSecond},
    Unit{"s", kSecond},
    Unit{"sec", kSecond},
    Unit{"secs", kSecond},
    Unit{"second", kSecond},
    Unit{"seconds", kSecond},
    Unit{"ms", 1'000'000},
    Unit{"us", 1'000},
    Unit{"ns", 1},
};

std::optional<std::int64_t> unit_ns(std::string_view name) {
  for (const Unit& unit : kUnits)
    if (unit.name == name) return unit.ns;
  return std::nullopt;
}

std::string_view trim_front(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

// One "30m" from the front of `text`.
struct Part {
  std::int64_t count;
  std::string_view unit;
};

std::optional<Part> take_part(std::string_view& text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || !is_digit(text.front())) return std::nullopt;
  text = trim_front(text.substr(static_cast<std::size_t>(end - text.data())));
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  const Part part{.count = count, .unit = text.substr(0, length)};
  text = trim_front(text.substr(length));
  return part;
}

}  // namespace

std::optional<std::int64_t> parse_duration_ns(std::string_view text) {
  text = trim_front(text);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::int64_t last_unit = std::numeric_limits<std::int64_t>::max();
  while (!text.empty()) {
    const std::optional<Part> part = take_part(text);
    if (!part) return std::nullopt;
    const std::optional<std::int64_t> unit = unit_ns(part->unit);
    if (!unit || *unit >= last_unit) return std::nullopt;  // Largest first, each once.
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(part->count, *unit, &ns)) return std::nullopt;
    if (__builtin_add_overflow(total, ns, &total)) return std::nullopt;
    last_unit = *unit;
  }
  return total;
}

std::optional<TimeSpan> parse_time_span(std::string_view text) {
  // Ten thousand years: more would only overflow calendars.
  constexpr std::int64_t kMonthsMax = 120'000;
  if (const std::optional<std::int64_t> ns = parse_duration_ns(text)) {
    if (*ns == 0) return std::nullopt;
    return TimeSpan{.ns = *ns, .months = 0, .text = duration_text(*ns)};
  }
  if (text.empty()) return std::nullopt;
  const std::optional<Part> part = take_part(text);
  if (!part || !text.empty()) return std::nullopt;
  const bool months = part->unit == "mon" || part->unit == "month" || part->unit == "months";
  if (!months || part->count <= 0 || part->count > kMonthsMax) return std::nullopt;
  return TimeSpan{.ns = 0,
                  .months = static_cast<std::int32_t>(part->count),
                  .text = std::to_string(part->count) + "mon"};
}

std::string duration_text(std::int64_t ns) {
  if (ns == 0) return "0s";
  std::string result;
  std::int64_t last_unit = 0;
  for (const Unit& unit : kUnits) {
    if (unit.ns == last_unit || ns < unit.ns) continue;
    result += std::to_string(ns / unit.ns);
    result += unit.name;
    ns %= unit.ns;
    last_unit = unit.ns;
  }
  return result;
}

}  // namespace lynxdb::spl2
