// Any bytes as JSON: lines, arrays, envelopes. Once as they are, and twice over, so that the second
// line meets what was learned from the first.
#include <cstdint>
#include <string>
#include <string_view>

#include "parse_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lynxdb::event::Format;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  lynxdb::fuzz::check_all_ways(text, Format::kJson);
  lynxdb::fuzz::check_all_ways(text, Format::kAuto);
  std::string twice(text);
  twice.append("\n").append(text).append("\n");
  lynxdb::fuzz::check_all_ways(twice, Format::kAuto);
  return 0;
}
