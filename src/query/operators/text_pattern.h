// Patterns with `*` wildcards, of searches and field lists. Compiled once, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text_search.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// ASCII letters in lower case, other bytes as they are.
std::string fold_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Literal pieces with any run of characters between them. `matches` wants the whole text (a piece
// at each end is anchored); `contained_in` takes any part of it.
class WildcardPattern {
 public:
  WildcardPattern(const spl2::SearchPattern& pattern, base::LetterCase letter_case);

  bool matches(std::string_view text) const;
  bool contained_in(std::string_view text) const;
  // The same, but where the match begins and ends must be a breaker or an end of the text.
  bool contained_as_term(std::string_view text) const;

  // The longest piece: in every text that matches. Null when all pieces are empty.
  const base::SubstringFinder* required() const;
  // No wildcard: `contained_in` says no more than `required`.
  bool is_plain() const { return middle_.size() == 1 && plain_; }

 private:
  bool equal(std::string_view text, std::string_view piece) const;
  // Where the pieces from `first` on end, the first of them found at or after `from`; npos if not.
  std::size_t find_pieces(std::string_view text, std::size_t first, std::size_t from) const;

  base::LetterCase letter_case_;
  bool plain_ = false;
  std::string head_;  // First and last piece, anchored in `matches`. Folded if case is ignored.
  std::string tail_;
  std::vector<base::SubstringFinder> inner_;   // The pieces between those two, empty ones left out.
  std::vector<base::SubstringFinder> middle_;  // All pieces, empty ones left out.
};

}  // namespace lynxdb::query
