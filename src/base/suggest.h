// "Did you mean": the nearest known name.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lynxdb::base {

// Damerau-Levenshtein distance (optimal string alignment), ASCII case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `word`: distance <= 2, or <= 1 for words of up to 4 letters.
// Ties go to the earlier one.
std::optional<std::string> suggest(std::string_view word, std::span<const std::string_view> known);

}  // namespace lynxdb::base
