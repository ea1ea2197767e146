#include "base/units.h"

#include <array>
#include <charconv>
#include <limits>

#include "base/ascii.h"

namespace lynxdb::base {
namespace {

template <typename T>
struct Unit {
  std::string_view name;
  T factor;
};

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t kWeekNs = 7 * kDayNs;

// Largest first; the first name of each is the one that is written.
constexpr std::array kDurationUnits = std::to_array<Unit<std::int64_t>>({
    {"w", kWeekNs},         {"week", kWeekNs},   {"weeks", kWeekNs},    {"d", kDayNs},
    {"day", kDayNs},        {"days", kDayNs},    {"h", kHourNs},        {"hr", kHourNs},
    {"hrs", kHourNs},       {"hour", kHourNs},   {"hours", kHourNs},    {"m", kMinuteNs},
    {"min", kMinuteNs},     {"mins", kMinuteNs}, {"minute", kMinuteNs}, {"minutes", kMinuteNs},
    {"s", kSecondNs},       {"sec", kSecondNs},  {"secs", kSecondNs},   {"second", kSecondNs},
    {"seconds", kSecondNs}, {"ms", 1'000'000},   {"us", 1'000},         {"ns", 1},
});

constexpr std::array kSizeUnits = std::to_array<Unit<std::uint64_t>>({
    {"tb", 1ULL << 40U},
    {"tib", 1ULL << 40U},
    {"gb", 1ULL << 30U},
    {"gib", 1ULL << 30U},
    {"mb", 1ULL << 20U},
    {"mib", 1ULL << 20U},
    {"kb", 1ULL << 10U},
    {"kib", 1ULL << 10U},
    {"b", 1},
    {"", 1},
});

template <typename T, std::size_t N>
std::optional<T> factor_of(const std::array<Unit<T>, N>& units, std::string_view name) {
  for (const Unit<T>& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

std::string_view without_front_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

std::string_view without_outer_spaces(std::string_view text) {
  text = without_front_spaces(text);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The whole number in front of `text` and the spaces after it. No sign.
template <typename T>
std::optional<T> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text = without_front_spaces(text.substr(static_cast<std::size_t>(end - text.data())));
  return number;
}

std::string_view take_unit_name(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  const std::string_view name = text.substr(0, length);
  text = without_front_spaces(text.substr(length));
  return name;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Error not_a(std::string_view what, std::string_view text, std::string_view examples) {
  return Error{ErrorCode::kInvalidArgument,
               "'" + std::string(text) + "' is not a " + std::string(what),
               "write for instance " + std::string(examples)};
}

}  // namespace

std::optional<std::int64_t> parse_duration_ns(std::string_view text) {
  text = without_outer_spaces(text);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::int64_t last_factor = std::numeric_limits<std::int64_t>::max();
  while (!text.empty()) {
    const auto number = take_number<std::int64_t>(text);
    if (!number) return std::nullopt;
    const auto factor = factor_of(kDurationUnits, take_unit_name(text));
    if (!factor || *factor >= last_factor) return std::nullopt;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(*number, *factor, &part)) return std::nullopt;
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
    last_factor = *factor;
  }
  return total;
}

std::string duration_text(std::int64_t ns) {
  std::string text;
  for (const auto& unit : kDurationUnits) {
    if (ns < unit.factor) continue;
    text += std::to_string(ns / unit.factor);
    text += unit.name;
    ns %= unit.factor;
  }
  return text.empty() ? "0s" : text;
}

Result<std::chrono::nanoseconds> parse_duration_setting(std::string_view text) {
  if (without_outer_spaces(text) == "0") return std::chrono::nanoseconds(0);
  const auto ns = parse_duration_ns(text);
  if (!ns) return not_a("duration", text, "500ms, 30s, 5m, 1h30m or 7d");
  return std::chrono::nanoseconds(*ns);
}

Result<std::uint64_t> parse_size_bytes(std::string_view text) {
  constexpr std::string_view kExamples = "512, 64kb, 512mb or 4gb";
  const std::string lower = ascii_lower(without_outer_spaces(text));
  std::string_view rest = lower;
  const auto number = take_number<std::uint64_t>(rest);
  const auto factor = factor_of(kSizeUnits, rest);
  if (!number || !factor) return not_a("size", text, kExamples);
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(*number, *factor, &bytes)) return not_a("size", text, kExamples);
  return bytes;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  for (const auto& unit : kSizeUnits) {
    if (unit.factor == 1) break;
    if (bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

}  // namespace lynxdb::base
