// Any bytes as plain text and CLF: key=value pairs, levels, times.
#include <cstdint>
#include <string_view>

#include "parse_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using lynxdb::event::Format;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  lynxdb::fuzz::check_all_ways(text, Format::kAuto);
  lynxdb::fuzz::check_all_ways(text, Format::kClf);
  lynxdb::fuzz::check(lynxdb::fuzz::parse(text, lynxdb::fuzz::parser_options(Format::kRaw)));
  return 0;
}
