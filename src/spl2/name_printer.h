// Names, strings and numbers as SPL2 text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spl2/ast.h"

namespace lynxdb::spl2 {

std::string quoted(std::string_view text);           // "text"
std::string expression_name(std::string_view name);  // In expressions; backticks where needed.
std::string list_name(std::string_view name);        // Where only a name can stand.
std::string literal_text(const Literal& literal);
std::string number_text(double number);  // Reads back as a float: 5.0

std::string join_names(const std::vector<std::string>& names);  // "a, b"

}  // namespace lynxdb::spl2
