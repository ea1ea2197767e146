// A batch of events, column by column: what is parsed, logged, queried, spilled and shipped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/column.h"

namespace lynxdb::event {

// Built-in fields (docs/ARCHITECTURE.md, glossary).
inline constexpr std::string_view kTime = "_time";
inline constexpr std::string_view kRaw = "_raw";
inline constexpr std::string_view kId = "_id";
inline constexpr std::string_view kSource = "_source";
inline constexpr std::string_view kSourcetype = "_sourcetype";
inline constexpr std::string_view kIndex = "_index";
inline constexpr std::string_view kHost = "host";

// The built-in field that `name` is another name of (`source` -> `_source`), or nullopt.
std::optional<std::string_view> alias_target(std::string_view name);

struct Field {
  std::string name;
  ColumnPtr column;
  // The pipeline named this field (eval target, stats output, `fields` list...): rows print it even
  // when it is null. Other fields are printed only where they are not null.
  bool named = false;
  // Rows (true) that do not print the field when it is null, although it is named: they came from
  // where nobody named it, from another branch of append or multisearch. Null: there are none.
  ColumnPtr unnamed_rows{};

  bool prints_null(std::size_t row) const {
    return named && (unnamed_rows == nullptr || unnamed_rows->bool_values()[row] == 0);
  }
};

// Cheap to copy: columns are shared. Not thread-safe while being changed.
class EventBatch {
 public:
  EventBatch() = default;
  explicit EventBatch(std::size_t rows) : rows_(rows) {}

  std::size_t rows() const { return rows_; }
  std::span<const Field> fields() const { return fields_; }
  std::size_t field_count() const { return fields_.size(); }

  // The column of exactly this name, or null. No aliases, no paths (query/field.h resolves those).
  const ColumnPtr* find(std::string_view name) const;
  std::optional<std::size_t> index_of(std::string_view name) const;

  // Sets or replaces (in place) a field; a new one goes to the end. The column must have rows()
  // rows. `named` names it for all of them.
  void set(std::string_view name, ColumnPtr column, bool named = false);
  void remove(std::string_view name);
  void replace_fields(std::vector<Field> fields);

  // Column order means something (after stats, table, fields...): rows print in this order. False
  // for events, which print the built-in fields first and the others alphabetically.
  bool ordered() const { return ordered_; }
  void set_ordered(bool ordered) { ordered_ = ordered; }

  // Position of the batch in its source's order, counted from 0; merges of parallel work use it to
  // restore the order.
  std::uint64_t sequence() const { return sequence_; }
  // The number of the batch that follows: the next one, unless the source leaves numbers free.
  std::uint64_t next_sequence() const { return next_sequence_; }
  void set_sequence(std::uint64_t sequence) { set_sequence(sequence, sequence + 1); }
  void set_sequence(std::uint64_t sequence, std::uint64_t next) {
    sequence_ = sequence;
    next_sequence_ = next;
  }

  // The rows named, in that order; keeps flags and sequence.
  EventBatch take(std::span<const std::uint32_t> rows) const;
  EventBatch slice(std::size_t begin, std::size_t size) const;

  // Bytes held; the text of strings that are parts of `_raw` counts once, that of strings shared
  // otherwise in each column.
  std::size_t memory_bytes() const;
  // Of that, the text of strings.
  std::size_t text_bytes() const;

 private:
  using NameIndex = std::unordered_map<std::size_t, std::size_t>;
  void index_names();
  std::size_t bytes_inside_raw() const;

  std::size_t rows_ = 0;
  std::vector<Field> fields_;
  bool ordered_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t next_sequence_ = 1;
  // Where names stand, by their hashes; null while there are few. Shared by copies.
  std::shared_ptr<const NameIndex> names_;
};

// One after the other; a field that a batch lacks is null there. Fields keep the order of first
// appearance; `named` if named anywhere, but for the rows of batches where it was not. Columns are
// nulls once base::must_stop().
EventBatch concat(std::span<const EventBatch> batches);
// All strings in memory of their own; those that are parts of `_raw` stay parts of it.
EventBatch compact(const EventBatch& batch);

// Fields in the order in which rows print them: as they stand when ordered(), else built-in fields
// first (_time _raw _id _source _sourcetype _index host), then by name. Indexes into fields().
std::vector<std::size_t> print_order(const EventBatch& batch);

}  // namespace lynxdb::event
