#include <fmt/format.h>

#include "spl2/name_printer.h"
#include "spl2/printer.h"

namespace lynxdb::spl2 {
namespace {

std::string_view op_text(Op op) {
  switch (op) {
    case Op::kNe:
      return "!=";
    case Op::kLt:
      return "<";
    case Op::kLe:
      return "<=";
    case Op::kGt:
      return ">";
    case Op::kGe:
      return ">=";
    default:
      return "=";
  }
}

std::string starred(std::string_view piece) {
  std::string result;
  for (const char c : piece) {
    if (c == '*') result += '\\';
    result += c;
  }
  return result;
}

// A star or a wildcard behind backslashes would be read with them: they are doubled.
std::string bare_piece(std::string_view piece, bool star_follows) {
  std::string result;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    std::size_t end = i;
    while (end < piece.size() && piece[end] == '\\') ++end;
    const bool before_star = end < piece.size() ? piece[end] == '*' : star_follows;
    result.append((end - i) * (before_star ? 2 : 1), '\\');
    if (end < piece.size()) result += starred(piece.substr(end, 1));
    i = end;
  }
  return result;
}

std::string quoted_piece(std::string_view piece) {
  std::string text = quoted(piece);
  text = text.substr(1, text.size() - 2);
  return starred(text);
}

std::string pattern_text(const SearchPattern& pattern) {
  std::string result;
  for (std::size_t i = 0; i < pattern.pieces.size(); ++i) {
    const bool last = i + 1 == pattern.pieces.size();
    result +=
        pattern.quoted ? quoted_piece(pattern.pieces[i]) : bare_piece(pattern.pieces[i], !last);
    if (!last) result += '*';
  }
  return pattern.quoted ? "\"" + result + "\"" : result;
}

// `--` between spaces would start a comment.
std::string word_text(const SearchPattern& pattern) {
  return pattern.text == "--" ? quoted(pattern.text) : pattern_text(pattern);
}

// LIKE, TERM and CASE take their text as it is.
std::string plain_text(const SearchPattern& pattern) {
  return pattern.quoted ? quoted(pattern.text) : pattern.text;
}

std::string like_text(const SearchPattern& pattern) {
  return pattern.text == "--" ? quoted(pattern.text) : plain_text(pattern);
}

std::string joined(const SearchExpr& expr, std::string_view separator) {
  std::string result;
  for (const SearchPtr& arg : expr.args) {
    if (!result.empty()) result += separator;
    const bool looser = arg->kind == SearchKind::kOr && expr.kind != SearchKind::kOr;
    result += looser ? "(" + to_text(*arg) + ")" : to_text(*arg);
  }
  return result;
}

std::string negation(const SearchExpr& arg) {
  const bool list = arg.kind == SearchKind::kAnd || arg.kind == SearchKind::kOr;
  return list ? "NOT (" + to_text(arg) + ")" : "NOT " + to_text(arg);
}

std::string in_text(const SearchExpr& expr) {
  std::string values;
  for (const SearchPattern& value : expr.values)
    values += (values.empty() ? "" : ", ") + pattern_text(value);
  return fmt::format("{} {}IN ({})", list_name(expr.field), expr.negated ? "NOT " : "", values);
}

}  // namespace

std::string to_text(const SearchExpr& expr) {
  switch (expr.kind) {
    case SearchKind::kAll:
      return "*";
    case SearchKind::kAnd:
      return joined(expr, " AND ");
    case SearchKind::kOr:
      return joined(expr, " OR ");
    case SearchKind::kNot:
      return negation(*expr.args[0]);
    case SearchKind::kText:
      return word_text(expr.values[0]);
    case SearchKind::kTerm:
      return fmt::format("TERM({})", plain_text(expr.values[0]));
    case SearchKind::kCase:
      return fmt::format("CASE({})", plain_text(expr.values[0]));
    case SearchKind::kCompare: {
      const std::string value = pattern_text(expr.values[0]);
      // `=~` and `==` would be other operators.
      const bool apart = value.starts_with('~') || value.starts_with('=');
      return list_name(expr.field) + std::string(op_text(expr.op)) + (apart ? " " : "") + value;
    }
    case SearchKind::kIn:
      return in_text(expr);
    case SearchKind::kLike:
      return fmt::format("{} {}LIKE {}", list_name(expr.field), expr.negated ? "NOT " : "",
                         like_text(expr.values[0]));
  }
  return {};
}

}  // namespace lynxdb::spl2
