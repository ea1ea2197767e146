// Scalar functions: one table of names, arities and builders; one file per family.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/error_place.h"
#include "query/expression.h"

namespace lynxdb::query {

// What a function may need to know when it is compiled.
struct FunctionContext {
  std::int64_t now_ns = 0;
  std::span<const spl2::ExprPtr> written{};  // The arguments as the query has them.

  // The result; its error with the place of the argument that it is about.
  template <typename T>
  Result<T> at_argument(std::size_t i, Result<T> result) const {
    return i < written.size() ? placed(std::move(result), written[i]->span) : result;
  }
  Error at_argument(std::size_t i, Error error) const {
    return i < written.size() ? placed(std::move(error), written[i]->span) : error;
  }
};

using FunctionArguments = std::vector<ExpressionPtr>;

inline constexpr std::size_t kManyArguments = 1'000'000;

struct Function {
  std::string_view name;  // Lower case.
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  // The number of arguments is within the limits. Errors: kInvalidArgument (a literal pattern or
  // format that is none), with a message fit for the user, at the argument or else without a place.
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
