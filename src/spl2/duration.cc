#include "spl2/duration.h"

#include <charconv>

#include "base/units.h"

namespace lynxdb::spl2 {
namespace {

// "3mon", "1 month"; nullopt for everything else.
std::optional<std::int32_t> parse_months(std::string_view text) {
  // Ten thousand years: more would only overflow calendars.
  constexpr std::int32_t kMonthsMax = 120'000;
  std::int32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count <= 0 || count > kMonthsMax) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit != "mon" && unit != "month" && unit != "months") return std::nullopt;
  return count;
}

}  // namespace

std::optional<TimeSpan> parse_time_span(std::string_view text) {
  if (const std::optional<std::int64_t> ns = base::parse_duration_ns(text)) {
    if (*ns == 0) return std::nullopt;
    return TimeSpan{.ns = *ns, .months = 0, .text = base::duration_text(*ns)};
  }
  const std::optional<std::int32_t> months = parse_months(text);
  if (!months) return std::nullopt;
  return TimeSpan{.ns = 0, .months = *months, .text = std::to_string(*months) + "mon"};
}

}  // namespace lynxdb::spl2
