// LIKE patterns: `%` any run of characters, `_` one character, `\%` `\_` `\\` the character itself;
// the whole value must fit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_search.h"

namespace lynxdb::query {

// Immutable, thread-safe. `ignore_case` folds ASCII letters. Time linear in the text for patterns
// without `_`, else at most text length times pattern length.
class LikePattern {
 public:
  explicit LikePattern(std::string_view pattern, bool ignore_case = false);
  bool matches(std::string_view text) const;

 private:
  // The pattern between two `%`: literal bytes, and where `_` stands among them.
  struct Piece {
    std::string bytes;
    std::vector<bool> any_character;  // Per byte of `bytes`; empty when there is no `_`.
  };
  enum class Shape : std::uint8_t { kExact, kPrefix, kSuffix, kContains, kGeneral };

  bool matches_folded(std::string_view text) const;
  bool matches_shape(std::string_view text) const;
  bool matches_pieces(std::string_view text) const;
  void choose_shape();

  std::vector<Piece> pieces_;                    // One more than there are `%`.
  std::optional<base::SubstringFinder> finder_;  // Of kContains.
  Shape shape_ = Shape::kGeneral;
  bool ignore_case_ = false;
};

}  // namespace lynxdb::query
