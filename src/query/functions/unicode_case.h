// Upper and lower case of single characters, for the scripts that have cases.
#pragma once

#include <string>
#include <string_view>

namespace lynxdb::query {

// Simple case mapping (one character to one) of UTF-8 text, appended to `out`: ASCII, Latin, Greek,
// Cyrillic, Armenian, full-width. Everything else, and bytes that are not UTF-8, stay.
void append_lower(std::string_view text, std::string& out);
void append_upper(std::string_view text, std::string& out);

bool is_ascii(std::string_view text);

}  // namespace lynxdb::query
