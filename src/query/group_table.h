// Groups by text form: a combination of key values becomes a group number.
//
// Each key has its codes (group_table_interner.h); combinations of codes are numbered pair by pair.
// A group remembers the lowest type of each of its keys, in the order of the data model: that is
// how it is printed. Null is a value like any other here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/column.h"
#include "query/group_table_interner.h"

namespace lynxdb::query {

// Groups count from 0 in order of first appearance. Without keys there is one group, from the
// start. Not thread-safe.
class GroupTable {
 public:
  explicit GroupTable(std::size_t keys);

  // The group of each row of [first, first + groups.size()), made where it is new. One column per
  // key, without lists.
  void assign(std::span<const event::ColumnPtr> keys, std::size_t first,
              std::span<std::uint32_t> groups);
  // Group g of `other` is group result[g] here, made where it is new. Once interrupted() the result
  // means nothing.
  std::vector<std::uint32_t> merge(const GroupTable& other);

  std::size_t size() const { return size_; }
  std::size_t keys() const { return keys_.size(); }
  // Borrowed until the table changes.
  event::ValueView value(std::size_t key, std::uint32_t group, std::string& scratch) const;
  std::string text(std::size_t key, std::uint32_t group) const {
    return keys_[key].interner.text(code(key, group));
  }
  // The number of the key's value: the same for groups that share it, in order of first appearance.
  std::uint32_t code(std::size_t key, std::uint32_t group) const {
    return keys_.size() == 1 ? group : keys_[key].codes[group];
  }
  const KeyInterner& interner(std::size_t key) const { return keys_[key].interner; }

  // All groups, ascending key by key; values of one key that sort as equal are ordered by text, so
  // that groups whose first keys agree in value and text are neighbours. The first `keys_by_text`
  // keys sort as their texts: there the types do not matter. In no order once interrupted().
  std::vector<std::uint32_t> sorted(std::size_t keys_by_text = 0) const;
  // The same of these groups, each named once.
  std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> groups,
                                    std::size_t keys_by_text = 0) const;
  // The key of these groups, one row each.
  event::ColumnPtr key_column(std::size_t key, std::span<const std::uint32_t> groups) const;

  // The key of one group as bytes, and back: the group with that key, made if it is new.
  void encode_key(std::uint32_t group, std::string& out) const;
  Result<std::uint32_t> decode_key(std::string_view& bytes);
  // The same for keys that sort as equal, in every process.
  std::uint64_t sort_hash(std::uint32_t group) const;

  std::size_t memory_bytes() const;

 private:
  struct Key {
    KeyInterner interner;
    std::vector<std::uint32_t> codes;  // Per group; of a single key it would count 0, 1, 2...
    std::vector<std::uint8_t> types;   // Per group, the lowest type seen.
    std::uint32_t types_seen = 0;      // Bit per type.
    WordMap pairs;  // (number of the keys before, code) -> number; not of the first.
    std::vector<std::uint32_t> small_pairs;  // The same where both are small, as a table.
    std::uint32_t pair_count = 0;
  };

  std::uint32_t number_pair(Key& key, std::uint32_t before, std::uint32_t code);
  std::uint32_t number_row(std::span<const std::uint32_t> codes);
  void note_types(Key& key, const event::Column& column, std::size_t first,
                  std::span<const std::uint32_t> groups);
  void lower_type(Key& key, std::uint32_t group, event::Type type);
  void close_groups();
  std::vector<std::uint32_t> ranks(std::size_t key, bool by_text,
                                   std::span<const std::uint32_t> groups) const;

  std::vector<Key> keys_;
  std::size_t size_ = 0;
  std::vector<std::vector<std::uint32_t>> row_codes_;  // Scratch of assign, per key.
};

// Events whose keys hold lists belong to one group per distinct element: the rows of a batch, each
// as often as it has combinations of elements. `rows` is empty when no key holds a list (then
// `columns` are the keys as given), else the batch's row of each row of `columns`.
struct ExplodedKeys {
  std::vector<event::ColumnPtr> columns;
  std::vector<std::uint32_t> rows;
  // When the last key holds a list: per row, whether an earlier one has the same event and the same
  // other keys.
  std::vector<bool> repeats;
  bool exploded = false;
};
// No rows at all when the query's memory does not suffice (expression_memory.h).
ExplodedKeys explode_lists(std::vector<event::ColumnPtr> keys);

}  // namespace lynxdb::query
