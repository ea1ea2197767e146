#include "spl2/name_printer.h"

#include <fmt/format.h>

#include <array>
#include <type_traits>

#include "spl2/ascii_case.h"
#include "spl2/lexer.h"

namespace lynxdb::spl2 {
namespace {

// Words that mean something where a name can stand. None is reserved, but in backticks it is plain.
constexpr std::array<std::string_view, 15> kWords{"and",   "or",      "not", "in",   "like",
                                                  "ilike", "between", "is",  "null", "true",
                                                  "false", "by",      "as",  "asc",  "desc"};

std::string escaped(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else if (c == '\t')
      result += "\\t";
    else if (c == quote || c == '\\')
      (result += '\\') += c;
    else
      result += c;
  }
  return result + quote;
}

bool is_word(std::string_view name) {
  for (const std::string_view word : kWords)
    if (equal_ignoring_case(word, name)) return true;
  return false;
}

}  // namespace

std::string quoted(std::string_view text) { return escaped(text, '"'); }

std::string expression_name(std::string_view name) {
  const bool plain = Cursor(name).expression_name_end(0) == name.size() && !is_word(name);
  return plain ? std::string(name) : escaped(name, '`');
}

std::string list_name(std::string_view name) {
  const bool plain = Cursor(name).list_name_end(0, false) == name.size() && !is_word(name);
  return plain ? std::string(name) : escaped(name, '`');
}

std::string number_text(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string literal_text(const Literal& literal) {
  return std::visit(
      [](const auto& value) -> std::string {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::monostate>)
          return "null";
        else if constexpr (std::is_same_v<Value, std::string>)
          return quoted(value);
        else if constexpr (std::is_same_v<Value, double>)
          return number_text(value);
        else
          return fmt::format("{}", value);
      },
      literal);
}

std::string join_names(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : ", ") + list_name(name);
  return result;
}

}  // namespace lynxdb::spl2
