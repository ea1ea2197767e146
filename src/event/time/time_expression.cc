#include "event/time/time_expression.h"

#include <array>
#include <limits>
#include <string>

#include "event/time/civil.h"
#include "event/time/time_scan.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {
namespace {

enum class UnitKind : std::uint8_t { kFixed, kMonth, kYear };

struct Unit {
  std::string_view names;  // Each between spaces.
  std::int64_t ns;
  UnitKind kind = UnitKind::kFixed;
};

// Largest first. Calendar units have no fixed length; `ns` is there to order them.
constexpr std::array<Unit, 10> kUnits = {{
    {" y year years ", 366 * kNsPerDay, UnitKind::kYear},
    {" mon month months ", 31 * kNsPerDay, UnitKind::kMonth},
    {" w week weeks ", 7 * kNsPerDay},
    {" d day days ", kNsPerDay},
    {" h hr hrs hour hours ", 3'600 * kNsPerSecond},
    {" m min mins minute minutes ", 60 * kNsPerSecond},
    {" s sec secs second seconds ", kNsPerSecond},
    {" ms msec millisecond milliseconds ", 1'000'000},
    {" us usec microsecond microseconds ", 1'000},
    {" ns nsec nanosecond nanoseconds ", 1},
}};

const Unit* unit_named(std::string_view name) {
  if (name.empty()) return nullptr;
  std::string needle = " ";
  for (const char c : name)
    needle.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  needle.push_back(' ');
  for (const Unit& unit : kUnits) {
    if (unit.names.find(needle) != std::string_view::npos) return &unit;
  }
  return nullptr;
}

// Reads "15m", "1h30m" step by step.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }

  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }
  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
      if (digits == 18) return std::nullopt;
      value = value * 10 + (rest_[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  std::string_view word() {
    std::size_t n = 0;
    while (n < rest_.size() && is_alpha(rest_[n])) ++n;
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }

 private:
  std::string_view rest_;
};

using Wide = __int128;  // Offsets may leave 64 bits before they are cut.

constexpr std::int64_t kTimeMax = std::numeric_limits<std::int64_t>::max();

std::int64_t cut(Wide ns) {
  if (ns < 0) return 0;
  return ns > kTimeMax ? kTimeMax : static_cast<std::int64_t>(ns);
}

// The same day of the month `months` later, or the last day of a shorter month.
Wide add_months(std::int64_t ns, std::int64_t months) {
  constexpr std::int64_t kMonthsMax = 120'000;  // Far beyond the range either way.
  if (months > kMonthsMax) return kTimeMax;
  if (months < -kMonthsMax) return 0;
  const CivilTime civil = civil_of(ns);
  const std::int64_t month_index = std::int64_t{civil.year} * 12 + civil.month - 1 + months;
  const std::int64_t year = floor_to(month_index, 12) / 12;
  const auto month = static_cast<std::int32_t>(month_index - year * 12 + 1);
  const std::int32_t last = days_in_month(year, month);
  const std::int64_t days = days_from_civil(year, month, civil.day > last ? last : civil.day);
  const std::int64_t ns_of_day = ns - days_of(ns) * kNsPerDay;
  return Wide{days} * kNsPerDay + ns_of_day;
}

std::int64_t moved(std::int64_t ns, std::int64_t count, const Unit& unit) {
  switch (unit.kind) {
    case UnitKind::kFixed:
      return cut(Wide{ns} + Wide{count} * unit.ns);
    case UnitKind::kMonth:
      return cut(add_months(ns, count));
    case UnitKind::kYear:
      return cut(
          add_months(ns, count > kTimeMax / 12 || count < -kTimeMax / 12 ? kTimeMax : count * 12));
  }
  return ns;
}

std::int64_t start_of_month(std::int64_t ns, bool of_year) {
  const CivilTime civil = civil_of(ns);
  return days_from_civil(civil.year, of_year ? 1 : civil.month, 1) * kNsPerDay;
}

std::int64_t start_of_week(std::int64_t ns, std::int32_t first_weekday) {
  const std::int64_t days = days_of(ns);
  const std::int32_t back = (day_of_week(days) - first_weekday + 7) % 7;
  return cut(Wide{days - back} * kNsPerDay);
}

// Reads what follows `@`.
std::optional<std::int64_t> snapped(Scanner& in, std::int64_t ns) {
  const Unit* unit = unit_named(in.word());
  if (unit == nullptr) return std::nullopt;
  if (unit->kind != UnitKind::kFixed) return start_of_month(ns, unit->kind == UnitKind::kYear);
  if (unit->ns != 7 * kNsPerDay) return floor_to(ns, unit->ns);
  std::int32_t weekday = 0;
  if (is_digit(in.peek())) {
    const std::optional<std::int64_t> number = in.number();
    if (!number || *number > 7) return std::nullopt;
    weekday = static_cast<std::int32_t>(*number % 7);
  }
  return start_of_week(ns, weekday);
}

// One or more "count unit", largest unit first. Moves `ns`.
std::optional<std::int64_t> offset(Scanner& in, std::int64_t ns, bool back) {
  std::int64_t last_unit_ns = kTimeMax;
  do {
    in.skip_spaces();
    const std::optional<std::int64_t> count = in.number();
    if (!count) return std::nullopt;
    in.skip_spaces();
    const Unit* unit = unit_named(in.word());
    if (unit == nullptr || unit->ns >= last_unit_ns) return std::nullopt;
    last_unit_ns = unit->ns;
    ns = moved(ns, back ? -*count : *count, *unit);
  } while (is_digit(in.peek()));
  return ns;
}

bool take_now(Scanner& in) {
  Scanner ahead = in;
  const std::string_view word = ahead.word();
  if (word.size() != 3 || (word[0] | 0x20) != 'n' || (word[1] | 0x20) != 'o' ||
      (word[2] | 0x20) != 'w') {
    return false;
  }
  in = ahead;
  return true;
}

// now, offsets and snaps in any sequence: `now-1d@d+8h`.
std::optional<std::int64_t> relative(std::string_view text, std::int64_t now_ns) {
  Scanner in(text);
  std::optional<std::int64_t> ns = now_ns;
  const bool has_now = take_now(in);
  if (!has_now && in.peek() != '-' && in.peek() != '+' && in.peek() != '@') return std::nullopt;
  while (ns && !in.empty()) {
    in.skip_spaces();
    if (in.take('@')) {
      ns = snapped(in, *ns);
    } else if (in.take('-')) {
      ns = offset(in, *ns, true);
    } else if (in.take('+')) {
      ns = offset(in, *ns, false);
    } else {
      return std::nullopt;
    }
  }
  return ns;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Error unparsable(std::string_view text) {
  return Error{ErrorCode::kInvalidArgument, "cannot read '" + std::string(text) + "' as a time",
               "use now, -15m, -1d@d, 2026-01-15T10:00:00Z, 2026-01-15 or epoch seconds"};
}

}  // namespace

std::optional<std::int64_t> try_time_expression(std::string_view text, std::int64_t now_ns) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  if (is_digit(text.front())) {
    return parse_timestamp(text, TimestampDefaults{.receipt_ns = now_ns, .zone_offset_s = 0});
  }
  if (const std::optional<std::int64_t> ns = relative(text, now_ns)) return ns;
  return parse_timestamp(text, TimestampDefaults{.receipt_ns = now_ns, .zone_offset_s = 0});
}

Result<std::int64_t> parse_time_expression(std::string_view text, std::int64_t now_ns) {
  const std::optional<std::int64_t> ns = try_time_expression(text, now_ns);
  if (!ns) return unparsable(text);
  return *ns;
}

Result<std::int64_t> parse_since(std::string_view text, std::int64_t now_ns) {
  Scanner in(trimmed(text));
  if (is_digit(in.peek())) {
    const std::optional<std::int64_t> ns = offset(in, now_ns, true);
    if (ns && in.empty()) return *ns;
  }
  return parse_time_expression(text, now_ns);
}

}  // namespace lynxdb::event
