#include "query/group_table.h"

#include <bit>

#include "query/aggregates/byte_codec.h"
#include "query/expression_memory.h"
#include "query/interrupted.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::Kind;
using event::Type;
using event::ValueView;

namespace {

constexpr std::uint8_t kNoType = 0xff;

// About what a row that a list adds takes for each key.
constexpr std::size_t kExplodedBytes = 64;

// Pairs of few values (hosts by status, buckets by level) are found by index, in at most 32 KiB.
constexpr std::uint32_t kSmallBefore = 256;
constexpr std::uint32_t kSmallCodes = 32;

// The type of all values of a column, or nullopt when they differ.
std::optional<Type> only_type(const Column& column) {
  switch (column.kind()) {
    case Kind::kNull:
      return Type::kNull;
    case Kind::kBool:
      return Type::kBool;
    case Kind::kInt:
      return Type::kInt;
    case Kind::kFloat:
      return Type::kFloat;
    case Kind::kTimestamp:
      return Type::kTimestamp;
    case Kind::kString:
    case Kind::kDictionary:
      return Type::kString;
    case Kind::kList:
    case Kind::kMixed:
      break;
  }
  return std::nullopt;
}

std::uint32_t bit_of(Type type) { return 1U << static_cast<unsigned>(type); }

}  // namespace

GroupTable::GroupTable(std::size_t keys)
    : keys_(keys), size_(keys == 0 ? 1 : 0), row_codes_(keys) {}

std::uint32_t GroupTable::number_pair(Key& key, std::uint32_t before, std::uint32_t code) {
  if (before < kSmallBefore && code < kSmallCodes) {
    const std::size_t index = std::size_t{before} * kSmallCodes + code;
    if (index >= key.small_pairs.size())
      key.small_pairs.resize((std::size_t{before} + 1) * kSmallCodes, KeyInterner::kNone);
    std::uint32_t& number = key.small_pairs[index];
    if (number == KeyInterner::kNone) number = key.pair_count++;
    return number;
  }
  const std::uint64_t pair = (static_cast<std::uint64_t>(before) << 32U) | code;
  const auto [place, added] = key.pairs.try_emplace(pair, key.pair_count);
  if (added) ++key.pair_count;
  return place->second;
}

void GroupTable::assign(std::span<const ColumnPtr> columns, std::size_t first,
                        std::span<std::uint32_t> groups) {
  const std::size_t count = groups.size();
  if (keys_.empty()) {
    std::fill(groups.begin(), groups.end(), 0U);
    return;
  }
  keys_[0].interner.encode(*columns[0], first, count, groups.data());
  if (keys_.size() > 1) row_codes_[0].assign(groups.begin(), groups.end());
  for (std::size_t k = 1; k < keys_.size(); ++k) {
    Key& key = keys_[k];
    std::vector<std::uint32_t>& codes = row_codes_[k];
    codes.resize(count);
    key.interner.encode(*columns[k], first, count, codes.data());
    // Neighbours often share their combination.
    std::uint32_t before = 0;
    std::uint32_t code = KeyInterner::kNone;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (groups[i] != before || codes[i] != code) {
        before = groups[i];
        code = codes[i];
        number = number_pair(key, before, code);
      }
      groups[i] = number;
    }
  }
  close_groups();
  if (keys_.size() > 1) {
    for (std::size_t i = 0; i < count; ++i)
      if (keys_[0].codes[groups[i]] == KeyInterner::kNone)
        for (std::size_t k = 0; k < keys_.size(); ++k) keys_[k].codes[groups[i]] = row_codes_[k][i];
  }
  for (std::size_t k = 0; k < keys_.size(); ++k) note_types(keys_[k], *columns[k], first, groups);
}

// Makes room for what was numbered since; codes and types of new groups are still to be filled in.
void GroupTable::close_groups() {
  size_ = keys_.size() == 1 ? keys_[0].interner.size() : keys_.back().pair_count;
  for (Key& key : keys_) {
    if (keys_.size() > 1) key.codes.resize(size_, KeyInterner::kNone);
    key.types.resize(size_, kNoType);
  }
}

void GroupTable::lower_type(Key& key, std::uint32_t group, Type type) {
  const auto number = static_cast<std::uint8_t>(type);
  if (number < key.types[group]) key.types[group] = number;
}

void GroupTable::note_types(Key& key, const Column& column, std::size_t first,
                            std::span<const std::uint32_t> groups) {
  if (const auto type = only_type(column)) {
    const bool nothing_to_lower = (key.types_seen & ~bit_of(*type) & ~bit_of(Type::kNull)) == 0;
    key.types_seen |= bit_of(*type);
    const auto number = static_cast<std::uint8_t>(*type);
    if (nothing_to_lower) {
      // New groups are at the end. (A null group gets the type, too: it prints as null anyway.)
      for (std::size_t g = key.types.size(); g > 0 && key.types[g - 1] == kNoType; --g)
        key.types[g - 1] = number;
      return;
    }
    for (const std::uint32_t group : groups) lower_type(key, group, *type);
    return;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Type type = column.view(first + i).type();
    key.types_seen |= bit_of(type);
    lower_type(key, groups[i], type);
  }
}

std::uint32_t GroupTable::number_row(std::span<const std::uint32_t> codes) {
  std::uint32_t group = codes.empty() ? 0 : codes[0];
  for (std::size_t k = 1; k < keys_.size(); ++k) group = number_pair(keys_[k], group, codes[k]);
  if (keys_.empty()) return group;
  close_groups();
  if (keys_.size() > 1)
    for (std::size_t k = 0; k < keys_.size(); ++k) keys_[k].codes[group] = codes[k];
  return group;
}

std::vector<std::uint32_t> GroupTable::merge(const GroupTable& other) {
  std::vector<std::vector<std::uint32_t>> code_maps;
  for (std::size_t k = 0; k < keys_.size(); ++k)
    code_maps.push_back(keys_[k].interner.merge(other.keys_[k].interner));
  std::vector<std::uint32_t> mapping(other.size());
  std::vector<std::uint32_t> codes(keys_.size());
  for (std::uint32_t g = 0; g < other.size() && !interrupted(); ++g) {
    for (std::size_t k = 0; k < keys_.size(); ++k) codes[k] = code_maps[k][other.code(k, g)];
    mapping[g] = number_row(codes);
    for (std::size_t k = 0; k < keys_.size(); ++k)
      lower_type(keys_[k], mapping[g], static_cast<Type>(other.keys_[k].types[g]));
  }
  for (std::size_t k = 0; k < keys_.size(); ++k) keys_[k].types_seen |= other.keys_[k].types_seen;
  return mapping;
}

ValueView GroupTable::value(std::size_t key, std::uint32_t group, std::string& scratch) const {
  return keys_[key].interner.value(code(key, group), static_cast<Type>(keys_[key].types[group]),
                                   scratch);
}

ColumnPtr GroupTable::key_column(std::size_t key, std::span<const std::uint32_t> groups) const {
  event::ColumnBuilder builder;
  builder.reserve(groups.size());
  std::string scratch;
  for (const std::uint32_t group : groups) {
    if (interrupted()) return Column::nulls(groups.size());
    builder.append(value(key, group, scratch));
  }
  return builder.finish();
}

void GroupTable::encode_key(std::uint32_t group, std::string& out) const {
  std::string scratch;
  for (std::size_t k = 0; k < keys_.size(); ++k) put_scalar(value(k, group, scratch), out);
}

Result<std::uint32_t> GroupTable::decode_key(std::string_view& bytes) {
  std::vector<std::uint32_t> codes(keys_.size());
  std::vector<Type> types(keys_.size());
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const ValueView value = TRY(get_scalar(bytes));
    types[k] = value.type();
    codes[k] = keys_[k].interner.intern(value);
  }
  const std::uint32_t group = number_row(codes);
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    lower_type(keys_[k], group, types[k]);
    keys_[k].types_seen |= bit_of(types[k]);
  }
  return group;
}

std::uint64_t GroupTable::sort_hash(std::uint32_t group) const {
  std::uint64_t hash = 0;
  for (std::size_t k = 0; k < keys_.size(); ++k)
    hash = base::mix64(hash * 31 + keys_[k].interner.sort_hash(code(k, group)));
  return hash;
}

std::size_t GroupTable::memory_bytes() const {
  std::size_t bytes = 0;
  for (const Key& key : keys_)
    bytes += key.interner.memory_bytes() + key.codes.capacity() * sizeof(std::uint32_t) +
             key.types.capacity() + bytes_of(key.pairs) +
             key.small_pairs.capacity() * sizeof(std::uint32_t);
  return bytes;
}

// --- Lists ---------------------------------------------------------------------------------------

namespace {

bool may_hold_lists(const Column& column) {
  return column.kind() == Kind::kList || column.kind() == Kind::kMixed;
}

bool holds_lists(const Column& column) {
  if (!may_hold_lists(column)) return false;
  if (column.kind() == Kind::kList) return true;
  for (const event::Value& value : column.mixed_values())
    if (value.type() == Type::kList) return true;
  return false;
}

// The elements of a row's value, each text form once.
void distinct_elements(ValueView value, std::vector<ValueView>& elements) {
  elements.clear();
  if (value.type() != Type::kList) {
    elements.push_back(value);
    return;
  }
  for (std::size_t i = 0; i < value.list_size(); ++i) elements.push_back(value.list_at(i));
  if (elements.size() < 2) return;
  KeyInterner seen;
  std::size_t kept = 0;
  for (const ValueView element : elements) {
    const std::uint32_t before = seen.size();
    if (seen.intern(element) == before) elements[kept++] = element;
  }
  elements.resize(kept);
}

ExplodedKeys no_rows(ExplodedKeys keys) {
  for (ColumnPtr& column : keys.columns) column = Column::nulls(0);
  keys.rows.clear();
  keys.repeats.clear();
  keys.exploded = true;
  return keys;
}

}  // namespace

ExplodedKeys explode_lists(std::vector<ColumnPtr> keys) {
  ExplodedKeys result;
  result.columns = std::move(keys);
  // One key at a time: each turns the rows so far into one row per element.
  for (std::size_t k = 0; k < result.columns.size(); ++k) {
    const ColumnPtr column = result.columns[k];
    if (!holds_lists(*column)) continue;
    std::vector<std::uint32_t> sources;
    std::vector<ValueView> elements;
    event::ColumnBuilder builder;
    for (std::uint32_t row = 0; row < column->size(); ++row) {
      distinct_elements(column->view(row), elements);
      // Lists in several keys multiply; a refusal ends the query (expression_memory.h).
      if (elements.size() > 1 &&
          !take_expression_memory(elements.size() * result.columns.size() * kExplodedBytes))
        return no_rows(std::move(result));
      for (std::size_t i = 0; i < elements.size(); ++i) {
        sources.push_back(row);
        builder.append(elements[i]);
        if (k + 1 == result.columns.size()) result.repeats.push_back(i > 0);
      }
    }
    for (std::size_t other = 0; other < result.columns.size(); ++other)
      result.columns[other] =
          other == k ? builder.finish() : event::take(result.columns[other], sources);
    if (result.exploded)
      for (std::uint32_t& source : sources) source = result.rows[source];
    result.rows = std::move(sources);
    result.exploded = true;
  }
  return result;
}

}  // namespace lynxdb::query
