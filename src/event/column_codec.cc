#include "event/column_codec.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "event/packed_integers.h"
#include "event/raw_ranges.h"
#include "event/value_codec.h"

namespace lynxdb::event {
namespace {

// The byte in front of a column: how its rows are laid out, and whether a null bitmap comes first.
// Values are part of the format; Kind is free to change.
enum Layout : std::uint8_t {
  kNulls = 0,
  kBools = 1,
  kInts = 2,
  kFloats = 3,
  kTimestamps = 4,
  kStrings = 5,
  kDictionaryCodes = 6,
  kLists = 7,
  kTagged = 8,
  kRawRanges = 9,
};
constexpr std::uint8_t kHasNullsFlag = 0x80;

Error corrupt(std::string_view what) { return Error{ErrorCode::kCorruption, std::string(what)}; }

// --- Bits ----------------------------------------------------------------------------------------

template <typename BitAt>
void put_bits(std::size_t rows, BitAt bit_at, std::string& out) {
  for (std::size_t begin = 0; begin < rows; begin += 8) {
    unsigned byte = 0;
    const std::size_t end = std::min(rows, begin + 8);
    for (std::size_t row = begin; row < end; ++row) byte |= bit_at(row) ? 1U << (row - begin) : 0U;
    out.push_back(static_cast<char>(byte));
  }
}

bool bit(std::string_view bits, std::size_t row) {
  return ((static_cast<unsigned char>(bits[row >> 3U]) >> (row & 7U)) & 1U) != 0;
}

// The bytes of `rows` bits; the bits behind the last row must be 0.
Result<std::string_view> take_bits(base::ByteReader& in, std::size_t rows) {
  const std::string_view bits = in.take((rows + 7) / 8);
  if (in.failed()) return corrupt("bits end early");
  const std::size_t unused = bits.size() * 8 - rows;
  if (unused != 0 && (static_cast<unsigned char>(bits.back()) >> (8 - unused)) != 0) {
    return corrupt("bits behind the last row");
  }
  return bits;
}

NullBitmap bitmap(std::string_view bits) {
  NullBitmap nulls;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (unsigned byte = static_cast<unsigned char>(bits[i]); byte != 0; byte &= byte - 1) {
      nulls.set(i * 8 + static_cast<std::size_t>(std::countr_zero(byte)));
    }
  }
  return nulls;
}

// --- Integers ------------------------------------------------------------------------------------

// base:u64 packed, each row as its distance from the smallest. Null rows are written as that one,
// so that what a null row happens to hold never shows.
void put_integers(const Column& column, std::string& out) {
  const auto values = column.int_values();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!column.is_null(row)) least = std::min(least, values[row]);
  }
  const auto base = static_cast<std::uint64_t>(least);
  base::put_fixed(base, out);
  const auto distance = [&](std::size_t row) {
    return column.is_null(row) ? 0 : static_cast<std::uint64_t>(values[row]) - base;
  };
  put_packed(values.size(), distance, out);
}

Result<std::vector<std::int64_t>> take_integers(base::ByteReader& in, std::size_t rows) {
  const auto base = in.fixed<std::uint64_t>();
  std::vector<std::int64_t> values = take_packed<std::int64_t>(in, rows);
  if (in.failed()) return corrupt("integers end early");
  for (std::int64_t& value : values) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) + base);
  }
  return values;
}

void put_floats(const Column& column, std::string& out) {
  const auto values = column.float_values();
  for (std::size_t row = 0; row < values.size(); ++row) {
    base::put_fixed(column.is_null(row) ? 0 : std::bit_cast<std::uint64_t>(values[row]), out);
  }
}

Result<std::vector<double>> take_floats(base::ByteReader& in, std::size_t rows) {
  const std::string_view bytes = in.take(static_cast<std::uint64_t>(rows) * sizeof(double));
  if (in.failed()) return corrupt("floats end early");
  std::vector<double> values(rows);
  if (rows != 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// --- Strings -------------------------------------------------------------------------------------

// The lengths packed, then the text of all rows.
template <typename StringAt>
void put_strings(std::size_t rows, StringAt string_at, std::string& out) {
  put_packed(rows, [&](std::size_t row) { return string_at(row).size(); }, out);
  for (std::size_t row = 0; row < rows; ++row) out.append(string_at(row));
}

Result<std::vector<std::string_view>> take_strings(base::ByteReader& in, std::size_t rows) {
  const auto lengths = take_packed<std::uint64_t>(in, rows);
  std::vector<std::string_view> values;
  if (in.failed()) return corrupt("string lengths end early");
  values.reserve(rows);
  for (const std::uint64_t length : lengths) {
    values.push_back(in.take(length));
    if (in.failed()) return corrupt("strings end early");
  }
  return values;
}

std::vector<Column::Owner> owners(const Column::Owner& owner) {
  if (owner == nullptr) return {};
  return {owner};
}

// --- Dictionaries --------------------------------------------------------------------------------

// size:varint strings, then the code of each row packed (0 for a null row).
void put_dictionary(const Column& column, std::string& out) {
  const auto entries = column.dictionary()->string_values();
  base::put_varint(entries.size(), out);
  put_strings(entries.size(), [&](std::size_t i) { return entries[i]; }, out);
  const auto codes = column.codes();
  put_packed(
      codes.size(), [&](std::size_t row) { return column.is_null(row) ? 0 : codes[row]; }, out);
}

Result<ColumnPtr> take_dictionary(base::ByteReader& in, std::size_t rows,
                                  const Column::Owner& owner, NullBitmap nulls) {
  const std::uint64_t size = in.varint();
  if (in.failed() || size > in.remaining()) return corrupt("a dictionary ends early");
  auto entries = TRY(take_strings(in, static_cast<std::size_t>(size)));
  auto codes = take_packed<std::uint32_t>(in, rows);
  if (in.failed()) return corrupt("dictionary codes end early");
  for (const std::uint32_t code : codes) {
    if (code >= size) return corrupt("a code outside of the dictionary");
  }
  return Column::dictionary(std::move(codes), Column::strings(std::move(entries), owners(owner)),
                            std::move(nulls));
}

// --- Values of any type --------------------------------------------------------------------------

Result<ColumnPtr> take_tagged(base::ByteReader& in, std::size_t rows, bool lists_allowed) {
  if (rows > in.remaining()) return corrupt("tagged values end early");
  std::vector<Value> values;
  values.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    values.push_back(TRY(decode_value(in, lists_allowed)));
    if (in.failed()) return corrupt("tagged values end early");
  }
  return Column::mixed(std::move(values));
}

// --- Lists ---------------------------------------------------------------------------------------

// The element count of each row packed, then all elements as a column.
void put_lists(const Column& column, std::string& out) {
  const auto offsets = column.offsets();
  put_packed(column.size(), [&](std::size_t row) { return offsets[row + 1] - offsets[row]; }, out);
  const std::uint32_t begin = offsets.front();
  const std::uint32_t size = offsets.back() - begin;
  const ColumnPtr& elements = column.elements();
  encode_column(size == elements->size() ? *elements : *slice(elements, begin, size), nullptr, out);
}

// What a column may consist of, and refer to.
struct ColumnContext {
  const Column* raw = nullptr;
  bool lists_allowed = false;
};

Result<ColumnPtr> take_column(base::ByteReader& in, std::size_t rows, const Column::Owner& owner,
                              ColumnContext context);

Result<ColumnPtr> take_lists(base::ByteReader& in, std::size_t rows, const Column::Owner& owner) {
  std::vector<std::uint32_t> offsets = take_packed<std::uint32_t>(in, rows);
  if (in.failed()) return corrupt("list sizes end early");
  std::uint64_t total = 0;
  for (std::uint32_t& offset : offsets) {
    const std::uint64_t size = std::exchange(offset, static_cast<std::uint32_t>(total));
    total += size;
    // Every kind but kNull spends at least a bit on an element, and a list holds no nulls.
    if (total > in.remaining() * 8) return corrupt("list elements end early");
  }
  if (total >= kNoRow) return corrupt("too many list elements");
  offsets.push_back(static_cast<std::uint32_t>(total));
  return Column::lists(std::move(offsets),
                       TRY(take_column(in, static_cast<std::size_t>(total), owner, {})));
}

// --- Any column ----------------------------------------------------------------------------------

Layout layout_of(const Column& column) {
  if (column.null_count() == column.size()) return kNulls;
  switch (column.kind()) {
    case Kind::kNull:
      return kNulls;
    case Kind::kBool:
      return kBools;
    case Kind::kInt:
      return kInts;
    case Kind::kFloat:
      return kFloats;
    case Kind::kTimestamp:
      return kTimestamps;
    case Kind::kString:
      return kStrings;
    // A few rows cut out of a long batch still hold its whole dictionary.
    case Kind::kDictionary:
      return column.dictionary()->size() > column.size() ? kStrings : kDictionaryCodes;
    case Kind::kList:
      return kLists;
    case Kind::kMixed:
      return kTagged;
  }
  return kNulls;
}

bool may_have_null_bitmap(std::uint8_t layout) {
  return layout != kNulls && layout != kLists && layout != kTagged;
}

Result<ColumnPtr> take_rows(base::ByteReader& in, std::uint8_t layout, std::size_t rows,
                            const Column::Owner& owner, NullBitmap nulls, ColumnContext context) {
  switch (layout) {
    case kNulls:
      return Column::nulls(rows);
    case kBools: {
      const std::string_view bits = TRY(take_bits(in, rows));
      std::vector<std::uint8_t> values(rows);
      for (std::size_t row = 0; row < rows; ++row) values[row] = bit(bits, row) ? 1 : 0;
      return Column::bools(std::move(values), std::move(nulls));
    }
    case kInts:
      return Column::ints(TRY(take_integers(in, rows)), std::move(nulls));
    case kTimestamps:
      return Column::timestamps(TRY(take_integers(in, rows)), std::move(nulls));
    case kFloats:
      return Column::floats(TRY(take_floats(in, rows)), std::move(nulls));
    case kStrings:
      return Column::strings(TRY(take_strings(in, rows)), owners(owner), std::move(nulls));
    case kDictionaryCodes:
      return take_dictionary(in, rows, owner, std::move(nulls));
    case kLists:
      if (!context.lists_allowed) return corrupt("a list inside a list");
      return take_lists(in, rows, owner);
    case kTagged:
      return take_tagged(in, rows, context.lists_allowed);
    case kRawRanges:
      if (context.raw == nullptr) return corrupt("places in a _raw that is not there");
      return Column::strings(TRY(take_raw_ranges(in, rows, *context.raw)), owners(owner),
                             std::move(nulls));
    default:
      return corrupt("unknown column layout");
  }
}

Result<ColumnPtr> take_column(base::ByteReader& in, std::size_t rows, const Column::Owner& owner,
                              ColumnContext context) {
  const auto head = in.fixed<std::uint8_t>();
  const auto layout = static_cast<std::uint8_t>(head & ~kHasNullsFlag);
  const bool has_nulls = (head & kHasNullsFlag) != 0;
  if (in.failed()) return corrupt("ends early");
  if (has_nulls && !may_have_null_bitmap(layout)) return corrupt("a null bitmap out of place");
  NullBitmap nulls;
  if (has_nulls) nulls = bitmap(TRY(take_bits(in, rows)));
  return take_rows(in, layout, rows, owner, std::move(nulls), context);
}

// The strings of a column of strings, in whichever form it has them.
void put_string_column(const Column& column, std::string& out) {
  const bool has_codes = column.kind() == Kind::kDictionary;
  const auto texts = (has_codes ? *column.dictionary() : column).string_values();
  const auto codes = column.codes();
  const auto text = [&](std::size_t row) {
    if (column.is_null(row)) return std::string_view();
    return texts[has_codes ? codes[row] : row];
  };
  put_strings(column.size(), text, out);
}

void put_rows(const Column& column, Layout layout, std::string& out) {
  switch (layout) {
    case kNulls:
    case kRawRanges:
      return;
    case kBools:
      return put_bits(
          column.size(),
          [&](std::size_t row) { return !column.is_null(row) && column.bool_values()[row] != 0; },
          out);
    case kInts:
    case kTimestamps:
      return put_integers(column, out);
    case kFloats:
      return put_floats(column, out);
    case kStrings:
      return put_string_column(column, out);
    case kDictionaryCodes:
      return put_dictionary(column, out);
    case kLists:
      return put_lists(column, out);
    case kTagged:
      for (const Value& value : column.mixed_values()) encode_value(value, out);
      return;
  }
}

}  // namespace

bool encode_column(const Column& column, const Column* raw, std::string& out) {
  Layout layout = layout_of(column);
  RawRanges ranges;
  if (raw != nullptr && column.kind() == Kind::kString && layout == kStrings) {
    ranges = find_raw_ranges(column, *raw);
    if (ranges.worthwhile) layout = kRawRanges;
  }
  const bool has_nulls = may_have_null_bitmap(layout) && column.has_nulls();
  base::put_fixed(static_cast<std::uint8_t>(layout | (has_nulls ? kHasNullsFlag : 0)), out);
  if (has_nulls) {
    put_bits(column.size(), [&](std::size_t row) { return column.is_null(row); }, out);
  }
  if (layout == kRawRanges) {
    put_raw_ranges(column, ranges, out);
  } else {
    put_rows(column, layout, out);
  }
  return layout == kRawRanges;
}

Result<ColumnPtr> decode_column(base::ByteReader& in, std::size_t rows, const Column* raw,
                                const Column::Owner& owner) {
  return take_column(in, rows, owner, {.raw = raw, .lists_allowed = true});
}

}  // namespace lynxdb::event
