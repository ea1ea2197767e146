// The meaning of a document's names: which value becomes `_time`, `host`, `_source`, `_raw`, and
// which are ordinary fields. Used by everything that turns a document into a row.
//
//   row.begin();
//   row.add(slot, value)...          // In the order of the document; the last of a name wins.
//   RowHead head = row.head(line);   // Then assembler.end_row(head).
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "event/parse/batch_assembler.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// Belongs to one thread. Values are borrowed like the assembler's.
class DocumentRow {
 public:
  DocumentRow(BatchAssembler& assembler, const TimestampDefaults& defaults)
      : assembler_(assembler), defaults_(defaults) {}

  // Also begins the assembler's row.
  void begin();

  // Scalars, also null. `slot` may be kNoSlot: the value then stays in `_raw` only.
  void add(Slot slot, ValueView value) {
    if (slot == BatchAssembler::kNoSlot) return;
    const NameRole& role = assembler_.role(slot);
    if (role.is_field) assembler_.set(slot, value);
    if (role.has_meaning()) add_meaning(slot, role, value);
  }
  // Elements without nulls.
  void add_list(Slot slot, std::span<const ValueView> elements) {
    if (assembler_.is_field(slot)) assembler_.set_list(slot, elements);
  }

  // The time of the first name in order whose value is a timestamp.
  std::optional<std::int64_t> time_ns() const;
  std::string_view host() const;
  std::string_view source() const;

  // `raw` unless the document has a string `_raw`; receipt time without a timestamp of its own.
  RowHead head(std::string_view raw) const;

 private:
  void add_meaning(Slot slot, const NameRole& role, ValueView value);
  std::string_view text_of(ValueView value);

  BatchAssembler& assembler_;
  const TimestampDefaults& defaults_;
  std::array<ValueView, kTimeRanks> times_;
  bool has_time_ = false;
  bool has_label_ = false;
  std::array<std::string_view, kHostRanks> hosts_;
  std::array<std::string_view, 2> sources_;  // `source`, `_source`.
  std::string_view raw_;
};

}  // namespace lynxdb::event
