#include "output/number_text.h"

#include <fmt/format.h>
#include <cmath>

namespace lynxdb::output {

std::string with_thousands_separators(std::string_view number) {
  if (number.find('e') != std::string_view::npos) return std::string(number);
  const std::size_t sign = number.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string out(number.substr(0, sign));
  for (std::size_t i = sign; i < point; ++i) {
    if (i > sign && (point - i) % 3 == 0) out += ',';
    out += number[i];
  }
  out += number.substr(point);
  return out;
}

std::string with_thousands_separators(std::uint64_t number) {
  return with_thousands_separators(std::to_string(number));
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const double ms = static_cast<double>(duration.count()) / 1e6;
  if (ms < 9.95) return fmt::format("{:.1f}ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f}ms", ms);
  if (ms < 59'995) return fmt::format("{:.2f}s", ms / 1000);
  const auto seconds = static_cast<std::uint64_t>(std::llround(ms / 1000));
  return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return with_thousands_separators(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace lynxdb::output
