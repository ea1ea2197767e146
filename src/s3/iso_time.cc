#include "s3/iso_time.h"

#include <curl/curl.h>

#include <charconv>
#include <chrono>
#include <string>

namespace lynxdb::s3 {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

// The `digits` digits at `at`, or nothing.
std::optional<int> number(std::string_view text, std::size_t at, std::size_t digits) {
  if (text.size() < at + digits) return std::nullopt;
  int value = 0;
  const char* const end = text.data() + at + digits;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

// What is between the seconds and the Z: "" or "." and digits.
std::optional<std::int64_t> fraction_ns(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != '.' || text.size() < 2 || text.size() > 10) return std::nullopt;
  const auto value = number(text, 1, text.size() - 1);
  if (!value) return std::nullopt;
  std::int64_t ns = *value;
  for (std::size_t digits = text.size() - 1; digits < 9; ++digits) ns *= 10;
  return ns;
}

}  // namespace

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  constexpr std::size_t kShortest = 20;
  if (text.size() < kShortest || text.back() != 'Z') return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = number(text, 0, 4);
  const auto month = number(text, 5, 2);
  const auto day = number(text, 8, 2);
  const auto hour = number(text, 11, 2);
  const auto minute = number(text, 14, 2);
  const auto second = number(text, 17, 2);
  const auto fraction = fraction_ns(text.substr(19, text.size() - kShortest));
  if (!year || !month || !day || !hour || !minute || !second || !fraction) return std::nullopt;
  if (*year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)),
                            std::chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
  return seconds * kSecondNs + *fraction;
}

std::optional<std::int64_t> parse_http_time(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  constexpr std::int64_t kYear2200S = 7'258'118'400;
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const std::int64_t seconds = curl_getdate(std::string(text).c_str(), nullptr);
  if (seconds < 0 || seconds > kYear2200S) return std::nullopt;
  return seconds * kSecondNs;
}

}  // namespace lynxdb::s3
