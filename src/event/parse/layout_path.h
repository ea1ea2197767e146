// The fast path for JSON lines: lines whose layout is known become rows without a full parse, and
// only what the query reads is converted.
//
// The rows are exactly those of the full parser: both hand the same values to DocumentRow.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "event/parse/batch_assembler.h"
#include "event/parse/document_row.h"
#include "event/parse/event_parser.h"
#include "event/parse/json_layout.h"

namespace lynxdb::event {

// Belongs to one thread. Values are borrowed like the assembler's.
class LayoutPath {
 public:
  // All must outlive it.
  LayoutPath(const ParserOptions& options, BatchAssembler& assembler, DocumentRow& row)
      : options_(options), assembler_(assembler), row_(row), layouts_(options.fields_max) {}

  // Slots may have changed: to be called when the assembler begins a chunk.
  void begin_chunk() { bindings_.fill(std::nullopt); }

  // Appends the line at `line` as a row if its layout is known. The answer is the place behind its
  // LF, null if the full parser must read it. Preconditions as JsonLayout::match.
  const char* append_line(const char* line);

  // `line` (with its LF) was a document: others may look like it.
  void learn(std::string_view line);

 private:
  // A value that means something to the row.
  struct Binding {
    std::size_t value = 0;  // Its place in the layout.
    Slot slot = 0;
    bool only_field = false;  // A field and nothing else: no label, no time.
  };
  using Bindings = std::vector<Binding>;

  // Whether a value of this name can make a difference to the row.
  bool is_read(const NameRole& role) const;
  const Bindings& bindings(std::size_t layout);
  void add(const Binding& binding, const JsonSlice& value);
  bool add_directly(Slot slot, const JsonSlice& value);
  void add_list(Slot slot, std::string_view array);

  const ParserOptions& options_;
  BatchAssembler& assembler_;
  DocumentRow& row_;
  JsonLayouts layouts_;
  std::array<std::optional<Bindings>, JsonLayouts::kMax> bindings_;  // Per layout, made when used.
  std::vector<ValueView> elements_;
};

}  // namespace lynxdb::event
