#include "query/like_pattern.h"

namespace lynxdb::query {
namespace {

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

// One past the character that begins at `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && is_continuation(text[at])) ++at;
  return at;
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern, bool ignore_case) : ignore_case_(ignore_case) {
  pieces_.emplace_back();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    Piece& piece = pieces_.back();
    if (c == '%') {
      pieces_.emplace_back();
    } else if (c == '_') {
      piece.any_character.resize(piece.bytes.size());
      piece.any_character.push_back(true);
      piece.bytes += '_';
    } else {
      const bool escape = c == '\\' && (next == '%' || next == '_' || next == '\\');
      if (escape) ++i;
      piece.bytes += ignore_case ? fold(pattern[i]) : pattern[i];
    }
  }
  for (Piece& piece : pieces_)
    if (!piece.any_character.empty()) piece.any_character.resize(piece.bytes.size());
  choose_shape();
}

void LikePattern::choose_shape() {
  for (const Piece& piece : pieces_)
    if (!piece.any_character.empty()) return;
  const auto empty = [this](std::size_t i) { return pieces_[i].bytes.empty(); };
  if (pieces_.size() == 1) shape_ = Shape::kExact;
  if (pieces_.size() == 2 && empty(1)) shape_ = Shape::kPrefix;
  if (pieces_.size() == 2 && empty(0)) shape_ = Shape::kSuffix;
  if (pieces_.size() != 3 || !empty(0) || !empty(2)) return;
  shape_ = Shape::kContains;
  finder_.emplace(pieces_[1].bytes,
                  ignore_case_ ? base::LetterCase::kIgnoreAscii : base::LetterCase::kExact);
}

bool LikePattern::matches(std::string_view text) const {
  if (finder_) return finder_->contains(text);
  return ignore_case_ ? matches_folded(text) : matches_shape(text);
}

bool LikePattern::matches_shape(std::string_view text) const {
  switch (shape_) {
    case Shape::kExact:
      return text == pieces_[0].bytes;
    case Shape::kPrefix:
      return text.starts_with(pieces_[0].bytes);
    case Shape::kSuffix:
      return text.ends_with(pieces_[1].bytes);
    default:
      return matches_pieces(text);
  }
}

bool LikePattern::matches_folded(std::string_view text) const {
  std::string folded(text);
  for (char& c : folded) c = fold(c);
  return matches_shape(folded);
}

namespace {

// Where `bytes` (with wildcards for single characters) ends when it stands at `at`.
std::optional<std::size_t> piece_at(std::string_view text, std::size_t at, std::string_view bytes,
                                    const std::vector<bool>& any_character) {
  if (any_character.empty()) {
    if (!text.substr(at).starts_with(bytes)) return std::nullopt;
    return at + bytes.size();
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (at >= text.size()) return std::nullopt;
    if (any_character[i]) {
      at = next_character(text, at);
    } else if (text[at++] != bytes[i]) {
      return std::nullopt;
    }
  }
  return at;
}

}  // namespace

// First piece at the start, last one at the end, those between as early as they fit: with `%` on
// both sides an earlier fit never rules a later piece out.
bool LikePattern::matches_pieces(std::string_view text) const {
  const Piece& first = pieces_.front();
  const std::optional<std::size_t> start = piece_at(text, 0, first.bytes, first.any_character);
  if (!start) return false;
  if (pieces_.size() == 1) return *start == text.size();

  std::size_t at = *start;
  for (std::size_t p = 1; p + 1 < pieces_.size(); ++p) {
    const Piece& piece = pieces_[p];
    if (piece.any_character.empty()) {
      const std::size_t found = text.find(piece.bytes, at);
      if (found == std::string_view::npos) return false;
      at = found + piece.bytes.size();
      continue;
    }
    std::optional<std::size_t> end;
    for (; at <= text.size(); at = next_character(text, at)) {
      end = piece_at(text, at, piece.bytes, piece.any_character);
      if (end) break;
    }
    if (!end) return false;
    at = *end;
  }

  const Piece& last = pieces_.back();
  if (last.any_character.empty()) return text.substr(at).ends_with(last.bytes);
  for (; at <= text.size(); at = next_character(text, at))
    if (piece_at(text, at, last.bytes, last.any_character) == text.size()) return true;
  return false;
}

}  // namespace lynxdb::query
