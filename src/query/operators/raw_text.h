// Text terms of a search: words and phrases in `_raw`.
#pragma once

#include "query/operators/search.h"

namespace lynxdb::query {

enum class TextTerm : std::uint8_t {
  kSubstring,  // Anywhere, ASCII case ignored.
  kTerm,       // TERM(x): between breakers, ASCII case ignored.
  kExactCase,  // CASE(x): anywhere, with case.
};

// Rows without `_raw` never match.
SearchMatcherPtr text_matcher(const spl2::SearchPattern& pattern, TextTerm term);

}  // namespace lynxdb::query
