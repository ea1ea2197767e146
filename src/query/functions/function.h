// Scalar functions: one table of names, arities and builders; one file per family.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"

namespace lynxdb::query {

// What a function may need to know when it is compiled.
struct FunctionContext {
  std::int64_t now_ns = 0;
};

using FunctionArguments = std::vector<ExpressionPtr>;

inline constexpr std::size_t kManyArguments = 1'000'000;

struct Function {
  std::string_view name;  // Lower case.
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  // The number of arguments is within the limits. Errors: kInvalidArgument (a literal pattern or
  // format that is none), with a message fit for the user.
  Result<ExpressionPtr> (*build)(FunctionArguments arguments, const FunctionContext& context);
};

// By lower-case name; null when there is none. The pointer is valid for ever.
const Function* find_function(std::string_view name);
// All names, for suggestions.
std::vector<std::string_view> scalar_function_names();

// --- Families ------------------------------------------------------------------------------------

std::span<const Function> conditional_functions();
std::span<const Function> conversion_functions();
std::span<const Function> text_functions();
std::span<const Function> regex_functions();
std::span<const Function> math_functions();
std::span<const Function> time_functions();
std::span<const Function> multivalue_functions();
std::span<const Function> json_functions();
std::span<const Function> network_functions();

}  // namespace lynxdb::query
