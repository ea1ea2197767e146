// Any bytes as syslog: headers of both kinds, structured data, JSON messages.
#include <cstdint>
#include <string_view>

#include "parse_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  lynxdb::fuzz::check_all_ways(text, lynxdb::event::Format::kSyslog);
  return 0;
}
