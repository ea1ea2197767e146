// Grows the columns of a batch while rows come in field by field.
//
// A row is first collected, then appended: between begin_row() and end_row() a field set twice
// keeps the last value, and drop_row() forgets everything, so that a line may turn out to be of
// another format halfway through. Names become slots (small numbers) once; fields mostly come in
// the order of the row before, so slot_after() finds the slot by one comparison and no hashing.
//
//   Slot previous = BatchAssembler::kNoSlot;
//   assembler.begin_row();
//   for (name, value in line) {
//     const Slot slot = previous = assembler.slot_after(previous, name);
//     if (assembler.is_field(slot)) assembler.set(slot, value);
//   }
//   assembler.end_row({.raw = line, .time_ns = t, .sourcetype = "json", ...});
//
// Strings given to it are borrowed: they must live in the chunk (its owner goes to finish()) or in
// arena(). Belongs to one thread. Slots stay valid until finish(); fixed slots always.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/column.h"
#include "event/event_batch.h"
#include "event/parse/event_parser.h"
#include "event/parse/label_column.h"

namespace lynxdb::event {

using Slot = std::uint32_t;

// Fields of the formats that name them; registered first, in this order.
enum FixedSlot : Slot {
  kSlotTruncated,
  kSlotLevel,
  kSlotMessage,
  kSlotFacility,
  kSlotSeverity,
  kSlotAppName,
  kSlotProcid,
  kSlotMsgid,
  kSlotClientIp,
  kSlotIdent,
  kSlotUser,
  kSlotMethod,
  kSlotUri,
  kSlotProtocol,
  kSlotRequest,
  kSlotStatus,
  kSlotBytes,
  kSlotReferer,
  kSlotUserAgent,
};

// What a field's name means in a document, beyond being a name.
struct NameRole {
  enum class Special : std::uint8_t { kNone, kRaw, kSource, kIgnored };

  Special special = Special::kNone;  // Not an ordinary field.
  std::uint8_t time_rank = 0;        // 1 = first choice for `_time`, 0 = none.
  std::uint8_t host_rank = 0;        // 1 = first choice for `host`, 0 = none.
  bool is_field = false;             // An ordinary field that the projection wants.
  bool wants_below = false;          // Some name below it (`name.x`) means something.

  bool has_meaning() const { return time_rank != 0 || host_rank != 0 || special != Special::kNone; }
  // A document's value of this name is of no use to anybody.
  bool is_idle() const { return !is_field && !wants_below && !has_meaning(); }
};

inline constexpr std::uint8_t kTimeRanks =
    7;  // _time _timestamp timestamp @timestamp time ts datetime
inline constexpr std::uint8_t kHostRanks = 4;  // host host.name hostname agent.hostname

// A row's built-in fields. Views with a null data() are absent. Request labels (ParserOptions) win
// over all of them, inside end_row.
struct RowHead {
  std::string_view raw;
  std::int64_t time_ns = 0;
  std::string_view source;
  std::string_view sourcetype;
  std::string_view index;
  std::string_view host;
};

class BatchAssembler {
 public:
  static constexpr Slot kNoSlot = 0xffffffffU;
  static constexpr std::size_t kNameBytesMax = 256;
  static constexpr std::size_t kLabelBytesMax = 256;

  // `options` must outlive the assembler.
  explicit BatchAssembler(const ParserOptions& options);

  // --- Names
  // kNoSlot when the name is too long or there are too many: the value stays in `_raw` only
  // (note_refused_name is called for names that were wanted).
  Slot slot(std::string_view name);
  // The same, guessing that `name` follows `previous` as it did last time.
  Slot slot_after(Slot previous, std::string_view name) {
    const Slot guess = previous == kNoSlot ? first_ : slots_[previous].next;
    if (guess != kNoSlot && slots_[guess].name == name) return guess;
    return slot_after_miss(previous, name);
  }
  const NameRole& role(Slot slot) const { return slots_[slot].role; }
  bool is_field(Slot slot) const { return slot != kNoSlot && slots_[slot].role.is_field; }
  std::string_view name(Slot slot) const { return slots_[slot].name; }

  bool wants_time() const { return wants_time_; }
  bool wants_raw() const { return wants_raw_; }
  bool wants_host() const { return wants_host_; }
  bool wants_source() const { return wants_source_; }
  bool wants_fields() const { return wants_fields_; }  // Any field that is not built in.

  // --- One row
  void begin_row();
  bool has(Slot slot) const { return slots_[slot].row == row_serial_; }
  // Only for slots with is_field(). A null takes back what was set before.
  void set(Slot slot, ValueView value) {
    if (value.is_null() && !has(slot)) return;
    if (SlotState* state = touch(slot)) state->value = value;
  }
  // Elements are scalars without nulls; an empty list is absent.
  void set_list(Slot slot, std::span<const ValueView> elements);
  // A shorter way than set() for a slot that the row sets only once and that no other reader of the
  // row asks for (has): straight into the column of scalars, if the chunk has one for it. Null:
  // use set(). The row cannot be dropped afterwards.
  ColumnBuilder* direct_column(Slot slot) {
    FieldBuilder& field = fields_[slot];
    if (!slots_[slot].in_chunk || !field.offsets.empty()) return nullptr;
    if (field.scalars.size() < rows_) field.scalars.append_nulls(rows_ - field.scalars.size());
    return &field.scalars;
  }
  // A document so long that it may have more than fields_max fields, not all of them wanted: which
  // ones are beyond must not depend on the projection, so all are counted.
  bool counts_unwanted(std::size_t document_bytes) const {
    constexpr std::size_t kMemberBytesMin = 6;  // "a":1,
    return !options_.projection.all && document_bytes >= kMemberBytesMin * options_.fields_max;
  }
  // The row has a value for the slot; if the projection leaves it out, it takes its place all the
  // same.
  void count_unwanted(Slot slot) {
    SlotState& state = slots_[slot];
    const bool is_unwanted = state.role.special == NameRole::Special::kNone && !state.role.is_field;
    if (is_unwanted && std::exchange(state.counted_row, row_serial_) != row_serial_) ++unwanted_;
  }
  void set_if_absent(Slot slot, ValueView value) {
    if (is_field(slot) && !has(slot)) set(slot, value);
  }
  void drop_row();
  void end_row(const RowHead& head);
  std::size_t rows() const { return rows_; }
  // Rows times columns are as many as a batch may have: no further row should be begun.
  bool is_full() const { return rows_ >= rows_max_; }

  // The row has a field that is kept in `_raw` only because of its name; counted once per row.
  void note_refused_name() { row_refused_names_ = true; }

  // Memory for strings that are not in the chunk as they are; becomes an owner of the columns.
  Arena& arena();

  // --- A chunk
  // `lines` bounds the rows to come: unless batches end early (ParserOptions::cells_max), many rows
  // allow fewer columns, so that memory stays bounded.
  void begin_chunk(std::size_t lines, bool may_end_early = true);
  // All rows since begin_chunk. Adds to fields_dropped, names_refused and labels_cut of `counts`.
  EventBatch finish(const Column::Owner& owner, ParseCounts& counts);

 private:
  struct SlotState {
    std::string_view name;
    NameRole role;
    Slot next = kNoSlot;            // The slot that followed in a row before.
    std::uint64_t row = 0;          // row_serial_ of the row that set it last.
    std::uint64_t counted_row = 0;  // The same for count_unwanted().
    ValueView value;                // Of the current row; unless list_size > 0.
    std::uint32_t list_begin = 0;
    std::uint32_t list_size = 0;
    bool in_chunk = false;   // Has a column in this chunk.
    bool was_dense = false;  // Had values in most rows of the chunk before.
  };
  // A column in the making: scalars, or lists until a scalar turns up.
  struct FieldBuilder {
    ColumnBuilder scalars;
    std::vector<std::uint32_t> offsets;  // Of lists; empty while scalars are built.
    ColumnBuilder elements;
  };

  Slot slot_after_miss(Slot previous, std::string_view name);
  Slot add_slot(std::string_view name);
  void register_names();
  NameRole role_of(std::string_view name) const;
  bool wants_below(std::string_view name) const;
  SlotState* touch(Slot slot);
  void append(Slot slot, const SlotState& state);
  void append_list(FieldBuilder& field, const SlotState& state);
  ColumnPtr finish_field(FieldBuilder& field, std::span<const Column::Owner> owners);
  std::string_view label(std::string_view value);
  void append_labels(const RowHead& head);
  static void append_label(LabelColumn& column, std::string_view value);

  const ParserOptions& options_;
  bool wants_time_ = true;
  bool wants_raw_ = true;
  bool wants_host_ = true;
  bool wants_source_ = true;
  bool wants_sourcetype_ = true;
  bool wants_index_ = true;
  bool wants_fields_ = true;

  std::deque<std::string> names_;  // Stable addresses for slots_ and slot_by_name_.
  std::unordered_map<std::string_view, Slot> slot_by_name_;
  std::vector<SlotState> slots_;
  std::vector<FieldBuilder> fields_;  // Parallel to slots_.
  Slot first_ = kNoSlot;              // The slot that a row began with.

  std::uint64_t row_serial_ = 0;
  std::size_t rows_ = 0;
  std::vector<Slot> touched_;
  std::size_t unwanted_ = 0;              // Fields of the row beside touched_.
  std::vector<ValueView> list_elements_;  // Of the current row.
  bool row_dropped_fields_ = false;
  bool row_refused_names_ = false;

  std::size_t rows_expected_ = 0;
  std::size_t columns_ = 0;
  std::size_t columns_max_ = 0;
  bool may_end_early_ = false;
  std::size_t rows_max_ = 0;  // With these columns.
  std::uint64_t fields_dropped_ = 0;
  std::uint64_t names_refused_ = 0;
  std::uint64_t labels_cut_ = 0;
  std::shared_ptr<Arena> arena_;

  std::vector<std::int64_t> times_;
  std::vector<std::string_view> raws_;
  LabelColumn sources_;
  LabelColumn sourcetypes_;
  LabelColumn indexes_;
  LabelColumn hosts_;
};

}  // namespace lynxdb::event
