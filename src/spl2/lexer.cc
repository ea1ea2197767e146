#include "spl2/lexer.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "spl2/ascii_case.h"

namespace lynxdb::spl2 {

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_char(char c) { return (is_name_start(c) && c != '@') || is_digit(c); }

Span Cursor::span(std::size_t start, std::size_t end) const {
  return {.offset = static_cast<std::uint32_t>(start),
          .length = static_cast<std::uint32_t>(end > start ? end - start : 0)};
}

Span Cursor::span_from(std::size_t start) const {
  std::size_t end = position_;
  while (end > start && is_space(text_[end - 1])) --end;
  return span(start, end);
}

bool Cursor::first_on_line(std::size_t position) const {
  while (position > 0 && is_space(text_[position - 1])) {
    if (text_[position - 1] == '\n') return true;
    --position;
  }
  return position == 0;
}

// `--` between spaces, or `# ` as the first of its line.
bool Cursor::comment_at(std::size_t position) const {
  if (at(position) == '#') {
    const bool spaced = position + 1 >= text_.size() || is_space(text_[position + 1]);
    return spaced && first_on_line(position);
  }
  if (at(position) != '-' || at(position + 1) != '-') return false;
  const bool open_before = position == 0 || is_space(text_[position - 1]);
  const bool open_after = position + 2 >= text_.size() || is_space(text_[position + 2]);
  return open_before && open_after;
}

std::size_t Cursor::after_space(std::size_t position) const {
  while (position < text_.size()) {
    if (is_space(text_[position])) {
      ++position;
    } else if (comment_at(position)) {
      const std::size_t line_end = text_.find('\n', position);
      position = line_end == std::string_view::npos ? text_.size() : line_end;
    } else {
      break;
    }
  }
  return position;
}

bool Cursor::accept(char c) {
  if (at_text_end() || text_[position_] != c) return false;
  ++position_;
  return true;
}

std::string_view Cursor::word_at(std::size_t position) const {
  std::size_t end = position;
  while (end < text_.size() && is_name_char(text_[end])) ++end;
  return position < text_.size() ? text_.substr(position, end - position) : std::string_view{};
}

bool Cursor::next_is(std::string_view keyword) { return equal_ignoring_case(peek_word(), keyword); }

bool Cursor::accept_keyword(std::string_view keyword) {
  if (!next_is(keyword)) return false;
  position_ += keyword.size();
  return true;
}

std::size_t Cursor::expression_name_end(std::size_t position) const {
  if (!is_name_start(at(position))) return position;
  std::size_t end = position + 1;
  for (;;) {
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    if (at(end) != '.' || !is_name_start(at(end + 1))) return end;
    end += 2;
  }
}

std::size_t Cursor::list_name_end(std::size_t position, bool globs) const {
  const auto belongs = [&](char c) { return is_name_char(c) || c == '@' || (globs && c == '*'); };
  const char first = at(position);
  if (!is_name_start(first) && !(globs && first == '*')) return position;
  std::size_t end = position + 1;
  for (;;) {
    while (end < text_.size() && belongs(text_[end])) ++end;
    const char c = at(end);
    const bool joins = c == '-' || c == ':' || c == '/' || c == '.';
    if (!joins || !belongs(at(end + 1))) return end;
    end += 2;
  }
}

Cursor::Operator Cursor::comparison_at(std::size_t position) const {
  const char c = at(position);
  const bool equals = at(position + 1) == '=';
  switch (c) {
    case '=':
      return {.op = Op::kEq, .length = equals ? 2U : 1U};
    case '!':
      return equals ? Operator{.op = Op::kNe, .length = 2} : Operator{};
    case '<':
      return equals ? Operator{.op = Op::kLe, .length = 2} : Operator{.op = Op::kLt, .length = 1};
    case '>':
      return equals ? Operator{.op = Op::kGe, .length = 2} : Operator{.op = Op::kGt, .length = 1};
    default:
      return {};
  }
}

std::optional<std::string_view> Cursor::read_quoted_raw() {
  const char quote = at(position_);
  for (std::size_t i = position_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      const std::string_view raw = text_.substr(position_ + 1, i - position_ - 1);
      position_ = i + 1;
      return raw;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Cursor::read_quoted() {
  const std::optional<std::string_view> raw = read_quoted_raw();
  if (!raw) return std::nullopt;
  return unescape(*raw);
}

std::string unescape(std::string_view raw) {
  std::string result;
  result.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = raw[i] == '\\' && i + 1 < raw.size() ? raw[i + 1] : '\0';
    switch (next) {
      case '"':
      case '\'':
      case '\\':
      case '`':
        result += next;
        break;
      case 'n':
        result += '\n';
        break;
      case 't':
        result += '\t';
        break;
      case 'r':
        result += '\r';
        break;
      default:
        result += raw[i];
        continue;
    }
    ++i;
  }
  return result;
}

std::size_t number_length(std::string_view text) {
  const auto digits_end = [&](std::size_t i) {
    while (i < text.size() && is_digit(text[i])) ++i;
    return i;
  };
  std::size_t end = digits_end(0);
  if (end == 0) return 0;
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]))
    end = digits_end(end + 1);
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (digits_end(exponent) > exponent) end = digits_end(exponent);
  }
  return end;
}

std::optional<Literal> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (number_length(text.substr(negative ? 1 : 0)) + (negative ? 1 : 0) != text.size())
    return std::nullopt;
  if (text.empty()) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto [int_end, int_error] = std::from_chars(text.data(), end, whole);
  if (int_error == std::errc{} && int_end == end) return Literal{whole};
  double number = 0;
  const auto [end_of_float, float_error] = std::from_chars(text.data(), end, number);
  if (float_error != std::errc{} || end_of_float != end || !std::isfinite(number))
    return std::nullopt;
  return Literal{number};
}

}  // namespace lynxdb::spl2
