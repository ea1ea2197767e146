#include "query/operators/sort_keys.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "query/field.h"
#include "query/interruptible_sort.h"

namespace lynxdb::query {
namespace {

using event::Kind;
using event::Type;
using event::ValueView;

constexpr unsigned kRankShift = 61;
constexpr unsigned kRankBits = 3;
enum Rank : std::uint64_t { kNull, kBool, kNumber, kTimestamp, kText };

// Ints up to here keep all their bits in a prefix.
constexpr std::int64_t kExactIntMax = std::int64_t{1} << 49U;

constexpr std::uint64_t prefix_of(Rank rank, std::uint64_t value) {
  return (static_cast<std::uint64_t>(rank) << kRankShift) | (value >> kRankBits);
}

// Maps doubles to integers in the same order.
std::uint64_t ordered_bits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  constexpr std::uint64_t kSign = 1ULL << 63U;
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

std::uint64_t prefix_of_number(double value) { return prefix_of(kNumber, ordered_bits(value)); }

std::uint64_t prefix_of_time(std::int64_t ns) {
  return prefix_of(kTimestamp, static_cast<std::uint64_t>(ns) ^ (1ULL << 63U));
}

std::uint64_t prefix_of_text(std::string_view text) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i)
    bits = (bits << 8U) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return prefix_of(kText, bits);
}

// Numbers begin with one of these (after spaces): most text is told apart by its first byte.
bool may_be_number(std::string_view text) {
  if (text.empty()) return false;
  const char c = text.front();
  return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' ||
         static_cast<unsigned char>(c) <= ' ';
}

std::uint64_t prefix_of_string(std::string_view text) {
  if (!may_be_number(text)) return prefix_of_text(text);
  const std::optional<ValueView> number = event::parse_number(text);
  if (!number || number->is_null()) return prefix_of_text(text);
  return prefix_of_number(number->type() == Type::kInt ? static_cast<double>(number->as_int())
                                                       : number->as_float());
}

ValueView first_element(ValueView value) {
  return value.type() == Type::kList ? value.list_at(0) : value;
}

std::uint64_t prefix_of_value(ValueView value) {
  value = first_element(value);
  switch (value.type()) {
    case Type::kNull:
    case Type::kList:
      return prefix_of(kNull, 0);
    case Type::kBool:
      return prefix_of(kBool, value.as_bool() ? 1U << kRankBits : 0U);
    case Type::kInt:
      return prefix_of_number(static_cast<double>(value.as_int()));
    case Type::kFloat:
      return prefix_of_number(value.as_float());
    case Type::kTimestamp:
      return prefix_of_time(value.as_int());
    case Type::kString:
      return prefix_of_string(value.as_string());
  }
  return 0;
}

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

// Two values of one rank, neither null.
int compare_same_rank(Rank rank, const event::Column& a, std::uint32_t a_row,
                      const event::Column& b, std::uint32_t b_row) {
  if (a.kind() == Kind::kFloat && b.kind() == Kind::kFloat)
    return three_way(a.float_values()[a_row], b.float_values()[b_row]);
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt)
    return three_way(a.int_values()[a_row], b.int_values()[b_row]);
  const ValueView x = first_element(a.view(a_row));
  const ValueView y = first_element(b.view(b_row));
  if (rank == kTimestamp) return three_way(x.as_int(), y.as_int());
  if (rank == kText) return x.as_string().compare(y.as_string());
  return event::sort_compare(x, y);
}

template <typename Prefix>
void fill(std::vector<std::uint64_t>& prefixes, const event::Column& column, Prefix&& prefix) {
  for (std::size_t row = 0; row < prefixes.size(); ++row)
    prefixes[row] = column.is_null(row) ? prefix_of(kNull, 0) : prefix(row);
}

}  // namespace

SortKeys::SortKeys(const event::EventBatch& batch, std::span<const spl2::SortKey> keys)
    : rows_(batch.rows()) {
  keys_.reserve(keys.size());
  for (const spl2::SortKey& key : keys)
    keys_.push_back(extract(resolve_field(batch, key.field), key.descending));
}

SortKeys::Key SortKeys::extract(event::ColumnPtr column, bool descending) {
  Key key{std::move(column), {}, descending, false};
  const event::Column& values = *key.column;
  key.prefixes.resize(values.size());
  switch (values.kind()) {
    case Kind::kNull:
    case Kind::kBool:
      key.exact = true;
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_value(values.view(row)); });
      break;
    case Kind::kInt: {
      const std::span<const std::int64_t> ints = values.int_values();
      key.exact = std::all_of(ints.begin(), ints.end(),
                              [](std::int64_t v) { return v > -kExactIntMax && v < kExactIntMax; });
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_number(static_cast<double>(ints[row])); });
      break;
    }
    case Kind::kFloat:
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_number(values.float_values()[row]); });
      break;
    case Kind::kTimestamp:
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_time(values.int_values()[row]); });
      break;
    case Kind::kString:
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_string(values.string_values()[row]); });
      break;
    case Kind::kDictionary: {
      std::vector<std::uint64_t> of_entry;
      for (const std::string_view entry : values.dictionary()->string_values())
        of_entry.push_back(prefix_of_string(entry));
      fill(key.prefixes, values, [&](std::size_t row) { return of_entry[values.codes()[row]]; });
      break;
    }
    default:
      fill(key.prefixes, values,
           [&](std::size_t row) { return prefix_of_value(values.view(row)); });
  }
  if (descending)
    for (std::uint64_t& prefix : key.prefixes) prefix = ~prefix;
  return key;
}

int SortKeys::compare_behind_prefix(const Key& a, std::uint32_t a_row, const Key& b,
                                    std::uint32_t b_row) {
  const std::uint64_t prefix = a.descending ? ~a.prefixes[a_row] : a.prefixes[a_row];
  const std::uint64_t rank = prefix >> kRankShift;
  if (rank == kNull || rank == kBool) return 0;
  const int order = compare_same_rank(static_cast<Rank>(rank), *a.column, a_row, *b.column, b_row);
  return a.descending ? -order : order;
}

Result<std::vector<std::uint32_t>> SortKeys::sorted_rows(const Cancellation& cancellation) const {
  std::vector<std::uint32_t> rows(rows_);
  for (std::size_t i = 0; i < rows_; ++i) rows[i] = static_cast<std::uint32_t>(i);
  if (keys_.empty()) return rows;

  // The first key's prefix beside the row: the common comparison touches one cache line.
  struct Entry {
    std::uint64_t prefix;
    std::uint32_t row;
  };
  std::vector<Entry> entries(rows_);
  for (std::uint32_t row = 0; row < rows_; ++row) entries[row] = {keys_[0].prefixes[row], row};
  TRY(interruptible_sort(entries.begin(), entries.end(), cancellation,
                         [this](const Entry& a, const Entry& b) {
                           if (a.prefix != b.prefix) return a.prefix < b.prefix;
                           const int order = compare(*this, a.row, *this, b.row);
                           return order != 0 ? order < 0 : a.row < b.row;
                         }));
  for (std::size_t i = 0; i < rows_; ++i) rows[i] = entries[i].row;
  return rows;
}

}  // namespace lynxdb::query
