// Any bytes as a timestamp, a time expression and, after the first line, a text to read by a
// format.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/units.h"
#include "event/time/time_expression.h"
#include "event/time/time_format.h"
#include "event/time/timestamp.h"

namespace {

constexpr std::int64_t kNow = 1'768'473'000'000'000'000;  // 2026-01-15T10:30:00Z

// Printed and read again, a time is the same time.
void check_round_trip(std::int64_t ns) {
  constexpr std::string_view kFormat = "%Y-%m-%dT%H:%M:%S.%N%z";
  LYNXDB_CHECK(ns >= 0);
  LYNXDB_CHECK(lynxdb::event::parse_time(lynxdb::event::format_time(ns, kFormat), kFormat) == ns ||
               ns > 9'223'372'035'999'999'999);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lynxdb::event;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const TimestampDefaults defaults{.receipt_ns = kNow, .zone_offset_s = 3600};
  if (const auto found = find_timestamp(text, defaults)) {
    LYNXDB_CHECK(found->begin < found->end && found->end <= text.size());
    check_round_trip(found->ns);
  }
  if (const auto ns = parse_timestamp(text, defaults)) check_round_trip(*ns);
  if (const auto ns = try_time_expression(text, kNow)) check_round_trip(*ns);
  if (const auto ns = parse_since(text, kNow)) check_round_trip(*ns);
  (void)lynxdb::base::parse_duration_ns(text);
  const std::size_t line_end = text.find('\n');
  if (line_end != std::string_view::npos) {
    const std::string_view format = text.substr(0, line_end);
    (void)parse_time(text.substr(line_end + 1), format);
    (void)format_time(kNow, format);
  }
  return 0;
}
