// Numbers and durations as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lynxdb::output {

// "1234567.25" -> "1,234,567.25". Text with an exponent stays as it is.
std::string with_thousands_separators(std::string_view number);
std::string with_thousands_separators(std::uint64_t number);

// "0.4ms", "89ms", "1.25s", "2m05s".
std::string duration_text(std::chrono::nanoseconds duration);

// "1 event", "2 events".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace lynxdb::output
