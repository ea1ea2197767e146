#include "query/operators/scalar_condition.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace lynxdb::query {
namespace {

bool passes(event::ValueView value, const ScalarCondition& condition) {
  if (value.type() != event::Type::kList) return !value.is_null() && condition.scalar(value);
  for (std::size_t i = 0; i < value.list_size(); ++i)
    if (condition.scalar(value.list_at(i))) return true;
  return false;
}

// Written so that the compiler compares several values at once.
void keep_ints(std::span<const std::int64_t> values, IntRange range, RowMask& mask) {
  const bool none = range.low > range.high;
  const auto low = static_cast<std::uint64_t>(range.low);
  const std::uint64_t width = none ? 0 : static_cast<std::uint64_t>(range.high) - low;
  for (std::size_t i = 0; i < mask.word_count(); ++i) {
    if (none || mask.word(i) == 0) {
      mask.and_word(i, 0);
      continue;
    }
    const std::size_t begin = i * 64;
    const std::size_t size = std::min<std::size_t>(64, values.size() - begin);
    std::uint64_t bits = 0;
    for (std::size_t j = 0; j < size; ++j) {
      const bool in = static_cast<std::uint64_t>(values[begin + j]) - low <= width;
      bits |= static_cast<std::uint64_t>(in) << j;
    }
    mask.and_word(i, bits);
  }
}

void keep_dictionary(const event::Column& column, const ScalarCondition& condition, RowMask& mask) {
  const std::span<const std::string_view> entries = column.dictionary()->string_values();
  const std::span<const std::uint32_t> codes = column.codes();
  if (entries.size() > column.size()) {
    mask.filter([&](std::size_t row) { return condition.text(entries[codes[row]]); });
    return;
  }
  std::vector<std::uint8_t> passing(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) passing[i] = condition.text(entries[i]) ? 1 : 0;
  mask.filter([&](std::size_t row) { return passing[codes[row]] != 0; });
}

}  // namespace

bool ScalarCondition::scalar(event::ValueView value) const {
  switch (value.type()) {
    case event::Type::kBool:
      return boolean(value.as_bool());
    case event::Type::kInt:
    case event::Type::kFloat:
      return number(value);
    case event::Type::kTimestamp:
      return timestamp(value.as_int());
    case event::Type::kString:
      return text(value.as_string());
    default:
      return false;
  }
}

void keep_present(const event::Column& column, RowMask& mask) {
  LYNXDB_DCHECK(column.size() == mask.rows());
  if (column.kind() == event::Kind::kNull) {
    for (std::size_t i = 0; i < mask.word_count(); ++i) mask.and_word(i, 0);
    return;
  }
  if (column.kind() == event::Kind::kMixed) {
    mask.filter([&](std::size_t row) { return !column.is_null(row); });
    return;
  }
  const std::span<const std::uint64_t> nulls = column.null_bitmap().words();
  for (std::size_t i = 0; i < std::min(nulls.size(), mask.word_count()); ++i)
    mask.and_word(i, ~nulls[i]);
}

void keep_passing(const event::Column& column, const ScalarCondition& condition, RowMask& mask) {
  keep_present(column, mask);
  switch (column.kind()) {
    case event::Kind::kString:
      mask.filter([&](std::size_t row) { return condition.text(column.string_values()[row]); });
      return;
    case event::Kind::kDictionary:
      keep_dictionary(column, condition, mask);
      return;
    case event::Kind::kInt:
      if (const std::optional<IntRange> range = condition.ints()) {
        keep_ints(column.int_values(), *range, mask);
        return;
      }
      break;
    default:
      break;
  }
  mask.filter([&](std::size_t row) { return passes(column.view(row), condition); });
}

}  // namespace lynxdb::query
