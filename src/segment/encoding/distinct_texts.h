// The distinct strings among many, and which of them each one is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "event/column.h"

namespace lynxdb::segment {

struct DistinctTexts {
  std::vector<std::string_view> entries;  // Ascending by bytes.
  std::vector<std::uint32_t> codes;       // Of each string: its entry.
};

// Nullopt when nearly every string is different. Views are those of `values`.
std::optional<DistinctTexts> distinct_texts(std::span<const std::string_view> values);

// The same of the rows that are not null in a kDictionary column, without looking at their text.
DistinctTexts distinct_texts(const event::Column& dictionary);

}  // namespace lynxdb::segment
