#include "query/operators/text_pattern.h"

#include <algorithm>

namespace lynxdb::query {
namespace {

constexpr char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// What ends a term (docs/guide/search.md).
constexpr bool is_breaker(char c) {
  return static_cast<unsigned char>(c) <= ' ' ||
         std::string_view(",;[]{}()<>|!?\"'").find(c) != std::string_view::npos;
}

bool breaks_before(std::string_view text, std::size_t place) {
  return place == 0 || is_breaker(text[place - 1]);
}

bool breaks_after(std::string_view text, std::size_t place) {
  return place == text.size() || is_breaker(text[place]);
}

}  // namespace

std::string fold_ascii(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), fold);
  return folded;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return fold(x) == fold(y); });
}

WildcardPattern::WildcardPattern(const spl2::SearchPattern& pattern, base::LetterCase letter_case)
    : letter_case_(letter_case), plain_(!pattern.has_wildcard()) {
  const std::vector<std::string>& pieces = pattern.pieces;
  if (pieces.empty()) return;
  head_ = pieces.front();
  tail_ = pieces.back();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].empty()) continue;
    middle_.emplace_back(pieces[i], letter_case);
    if (i > 0 && i + 1 < pieces.size()) inner_.emplace_back(pieces[i], letter_case);
  }
}

const base::SubstringFinder* WildcardPattern::required() const {
  const auto longest = std::max_element(
      middle_.begin(), middle_.end(),
      [](const auto& a, const auto& b) { return a.needle().size() < b.needle().size(); });
  return longest == middle_.end() ? nullptr : &*longest;
}

bool WildcardPattern::equal(std::string_view text, std::string_view piece) const {
  return letter_case_ == base::LetterCase::kExact ? text == piece
                                                  : equals_ignoring_case(text, piece);
}

bool WildcardPattern::matches(std::string_view text) const {
  if (plain_) return equal(text, head_);
  if (text.size() < head_.size() + tail_.size()) return false;
  if (!equal(text.substr(0, head_.size()), head_)) return false;
  if (!equal(text.substr(text.size() - tail_.size()), tail_)) return false;
  // Each piece where it first fits leaves the most room for those after it.
  std::string_view rest = text.substr(head_.size(), text.size() - head_.size() - tail_.size());
  for (const base::SubstringFinder& piece : inner_) {
    const std::size_t place = piece.find(rest);
    if (place == base::SubstringFinder::npos) return false;
    rest.remove_prefix(place + piece.needle().size());
  }
  return true;
}

bool WildcardPattern::contained_in(std::string_view text) const {
  return find_pieces(text, 0, 0) != base::SubstringFinder::npos;
}

std::size_t WildcardPattern::find_pieces(std::string_view text, std::size_t first,
                                         std::size_t from) const {
  for (std::size_t i = first; i < middle_.size(); ++i) {
    const std::size_t place = middle_[i].find(text, from);
    if (place == base::SubstringFinder::npos) return place;
    from = place + middle_[i].needle().size();
  }
  return from;
}

bool WildcardPattern::contained_as_term(std::string_view text) const {
  if (middle_.empty()) return true;
  const base::SubstringFinder& last = middle_.back();
  std::size_t place = middle_.front().find(text);
  while (place != base::SubstringFinder::npos && !breaks_before(text, place)) {
    place = middle_.front().find(text, place + 1);
  }
  if (place == base::SubstringFinder::npos) return false;
  if (middle_.size() == 1) {
    const std::size_t size = last.needle().size();
    for (; place != base::SubstringFinder::npos; place = last.find(text, place + 1)) {
      if (breaks_before(text, place) && breaks_after(text, place + size)) return true;
    }
    return false;
  }
  // The run between the pieces takes anything, breakers too: the first begin that fits is the best.
  std::size_t from = place + middle_.front().needle().size();
  for (std::size_t i = 1; i + 1 < middle_.size(); ++i) {
    place = middle_[i].find(text, from);
    if (place == base::SubstringFinder::npos) return false;
    from = place + middle_[i].needle().size();
  }
  for (place = last.find(text, from); place != base::SubstringFinder::npos;
       place = last.find(text, place + 1)) {
    if (breaks_after(text, place + last.needle().size())) return true;
  }
  return false;
}

}  // namespace lynxdb::query
