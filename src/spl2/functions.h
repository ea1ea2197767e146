// The scalar functions and aggregates of the language: names, argument counts, and which arguments
// the parser can check already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::spl2 {

struct Signature {
  // What the argument `checked` must be when it is a literal.
  enum class Check : std::uint8_t { kNone, kRegex, kSpan, kBase };
  static constexpr std::size_t kAny = std::size_t{1} << 32U;

  std::string_view name;
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;  // kAny: no limit.
  Check check = Check::kNone;     // kSpan: must be a literal.
  std::size_t checked = 0;
};

// By name in lower case; null if there is none.
const Signature* find_function(std::string_view name);

// Functions of other dialects or of later releases: what to say instead of "unknown". Empty: none.
struct Replacement {
  std::string message;
  std::string suggestion;
};
std::optional<Replacement> find_missing_function(std::string_view name);

struct AggregateName {
  std::string canonical;             // avg for mean, perc for p95 ...
  std::optional<double> percentile;  // Given by the name: p95, median.
  std::size_t arguments_min = 1;
  std::size_t arguments_max = 1;
};

// By name in lower case. p95 and perc99.9 are names, too; a number outside 0 to 100 is not.
std::optional<AggregateName> find_aggregate(std::string_view name);
std::optional<Replacement> find_missing_aggregate(std::string_view name);

}  // namespace lynxdb::spl2
