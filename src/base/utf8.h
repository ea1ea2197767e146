// Whether bytes are UTF-8, for names that must survive XML, URLs and other people's file systems.
#pragma once

#include <cstddef>
#include <string_view>

namespace lynxdb::base {

// Well-formed as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
constexpr bool is_utf8(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[i++]);
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const std::size_t following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (bytes.size() - i < following) return false;
    // Only the byte after the lead has bounds of its own.
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    for (std::size_t end = i + following; i < end; ++i, low = 0x80, high = 0xbf) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      if (byte < low || byte > high) return false;
    }
  }
  return true;
}

}  // namespace lynxdb::base
