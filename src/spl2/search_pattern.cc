#include "spl2/search_pattern.h"

#include "spl2/lexer.h"

namespace lynxdb::spl2 {
namespace {

class Builder {
 public:
  explicit Builder(bool quoted) {
    pattern_.quoted = quoted;
    pattern_.pieces.emplace_back();
  }

  void literal(std::string_view text) {
    pattern_.pieces.back() += text;
    pattern_.text += text;
    after_star_ = false;
  }

  // Stars in a row are one.
  void star() {
    pattern_.text += '*';
    if (!after_star_) pattern_.pieces.emplace_back();
    after_star_ = true;
  }

  SearchPattern take() { return std::move(pattern_); }

 private:
  SearchPattern pattern_;
  bool after_star_ = false;
};

}  // namespace

SearchPattern bare_pattern(std::string_view written) {
  Builder builder(false);
  std::size_t i = 0;
  while (i < written.size()) {
    std::size_t slashes = 0;
    while (i + slashes < written.size() && written[i + slashes] == '\\') ++slashes;
    const bool before_star = i + slashes < written.size() && written[i + slashes] == '*';
    if (slashes > 0) {
      const std::size_t kept = before_star ? slashes / 2 : slashes;
      if (kept > 0) builder.literal(written.substr(i, kept));
      i += slashes;
      if (before_star && slashes % 2 == 1) {
        builder.literal("*");
        ++i;
      }
    } else if (before_star) {
      builder.star();
      ++i;
    } else {
      builder.literal(written.substr(i, 1));
      ++i;
    }
  }
  return builder.take();
}

SearchPattern quoted_pattern(std::string_view raw) {
  Builder builder(true);
  std::size_t i = 0;
  while (i < raw.size()) {
    if (raw[i] == '*') {
      builder.star();
      ++i;
    } else if (raw[i] == '\\' && i + 1 < raw.size()) {
      if (raw[i + 1] == '*')
        builder.literal("*");
      else
        builder.literal(unescape(raw.substr(i, 2)));
      i += 2;
    } else {
      builder.literal(raw.substr(i, 1));
      ++i;
    }
  }
  return builder.take();
}

SearchPattern like_pattern(std::string_view text, bool quoted) {
  SearchPattern pattern;
  pattern.text = quoted ? unescape(text) : std::string(text);
  pattern.pieces = {pattern.text};
  pattern.quoted = quoted;
  return pattern;
}

bool is_all(const SearchPattern& pattern) {
  return pattern.pieces.size() == 2 && pattern.pieces[0].empty() && pattern.pieces[1].empty();
}

}  // namespace lynxdb::spl2
