// What output needs to know of UTF-8: which bytes are valid, and how wide text is on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lynxdb::output {

inline constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";  // U+FFFD

// Length of the valid sequence (RFC 3629) at text[at], whose first byte is not ASCII; 0 if invalid.
std::size_t utf8_sequence(std::string_view text, std::size_t at);

bool is_valid_utf8(std::string_view text);

// Appends `text` with U+FFFD for every byte that is not UTF-8.
void append_valid_utf8(std::string_view text, std::string& out);

// Columns that valid UTF-8 text without control characters takes on a terminal: wide characters
// take two, combining ones none.
std::size_t display_width(std::string_view text);

// The longest prefix of `text` that takes at most `columns`.
std::string_view prefix_of_width(std::string_view text, std::size_t columns);

}  // namespace lynxdb::output
