// The words, phrases and values of searches: text with `*` for any run of characters.
#pragma once

#include <string_view>

#include "spl2/ast.h"

namespace lynxdb::spl2 {

// A bare word as written. `\*` is a star; a backslash elsewhere is itself, so that Windows paths
// need no doubling (but in front of a star: `\\*` is a backslash, then anything).
SearchPattern bare_pattern(std::string_view written);

// The text between quotes, with the escapes of strings and `\*`.
SearchPattern quoted_pattern(std::string_view raw);

// The value of LIKE, in which stars are plain characters.
SearchPattern like_pattern(std::string_view text, bool quoted);

// Does the pattern match everything?
bool is_all(const SearchPattern& pattern);

}  // namespace lynxdb::spl2
