#include "event/parse/key_value.h"

#include <array>
#include <cstring>

#include "base/ascii.h"

namespace lynxdb::event {
namespace {

enum CharClass : unsigned char {
  kKeyStart = 1,   // [A-Za-z_]
  kKeyChar = 2,    // [A-Za-z0-9_.-]
  kBeforeKey = 4,  // May stand before a key.
  kEndsBare = 8,   // Ends a bare value.
  kTrimmed = 16,   // Does not belong to a bare value when it ends it.
};

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> table{};
  const auto mark = [&](std::string_view chars, unsigned char with) {
    for (const char c : chars) {
      unsigned char& cell = table[static_cast<unsigned char>(c)];
      cell = static_cast<unsigned char>(cell | with);
    }
  };
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", kKeyStart | kKeyChar);
  mark("0123456789.-", kKeyChar);
  mark(" \t\n\v\f\r", kBeforeKey | kEndsBare);
  mark(",;|", kBeforeKey | kEndsBare);
  mark("&?([{<\"'`", kBeforeKey);
  mark(")]}>\"':,", kTrimmed);
  return table;
}
constexpr std::array<unsigned char, 256> kClasses = make_classes();

bool is(char c, CharClass what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }
using base::is_digit;

// "007" and "-01" are names of things, not numbers.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

bool may_be_number(std::string_view text) {
  return is_digit(text[0]) ||
         ((text[0] == '-' || text[0] == '+') && text.size() > 1 && is_digit(text[1]));
}

}  // namespace

// The longest run of key characters that ends at `equals`, if it is a whole key.
std::string_view KeyValueScanner::key_before(std::size_t equals) const {
  std::size_t begin = equals;
  while (begin > at_ && is(text_[begin - 1], kKeyChar)) --begin;
  if (begin == equals || !is(text_[begin], kKeyStart)) return {};
  if (begin > 0 && !is(text_[begin - 1], kBeforeKey)) return {};
  return text_.substr(begin, equals - begin);
}

bool KeyValueScanner::read_quoted(std::size_t quote, KeyValue& out) {
  const char mark = text_[quote];
  for (std::size_t i = quote + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      out.has_escapes = true;
      ++i;
    } else if (text_[i] == mark) {
      out.text = text_.substr(quote + 1, i - quote - 1);
      out.quoted = true;
      at_ = i + 1;
      return true;
    }
  }
  out.has_escapes = false;
  return false;  // A quote that never ends is a character like others.
}

void KeyValueScanner::read_bare(std::size_t begin, KeyValue& out) {
  std::size_t end = begin;
  while (end < text_.size() && !is(text_[end], kEndsBare)) ++end;
  at_ = end;
  while (end > begin && is(text_[end - 1], kTrimmed)) --end;
  out.text = text_.substr(begin, end - begin);
}

std::optional<KeyValue> KeyValueScanner::next() {
  while (at_ < text_.size()) {
    const std::size_t equals = text_.find('=', at_);
    if (equals == std::string_view::npos) break;
    KeyValue pair;
    pair.key = key_before(equals);
    if (pair.key.empty()) {
      at_ = equals + 1;
      continue;
    }
    const std::size_t value = equals + 1;
    const bool opens_quote = value < text_.size() && (text_[value] == '"' || text_[value] == '\'');
    if (opens_quote && read_quoted(value, pair)) return pair;
    read_bare(value, pair);
    if (!pair.text.empty()) return pair;
  }
  at_ = text_.size();
  return std::nullopt;
}

ValueView typed_value(const KeyValue& pair, Arena& arena) {
  if (pair.quoted) {
    return ValueView::string(pair.has_escapes ? unescape_quoted(pair.text, arena) : pair.text);
  }
  if (pair.text == "true") return ValueView::boolean(true);
  if (pair.text == "false") return ValueView::boolean(false);
  if (may_be_number(pair.text) && !has_leading_zero(pair.text)) {
    if (const std::optional<ValueView> number = parse_number(pair.text);
        number && !number->is_null()) {
      return *number;
    }
  }
  return ValueView::string(pair.text);
}

std::string_view unescape_quoted(std::string_view text, Arena& arena) {
  char* const begin = arena.allocate(text.size());
  char* out = begin;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      *out++ = text[i];
      continue;
    }
    const char next = text[++i];
    switch (next) {
      case '"':
      case '\'':
      case '\\':
        *out++ = next;
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'r':
        *out++ = '\r';
        break;
      default:
        *out++ = '\\';
        *out++ = next;
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace lynxdb::event
