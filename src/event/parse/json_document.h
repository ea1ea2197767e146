// One JSON object to one row: flattened names, lists, envelopes (docs/guide/ingest.md, "JSON").
//
// The whole object is checked whatever the projection wants, so that what counts as JSON never
// depends on the query.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/parse/batch_assembler.h"
#include "event/parse/document_row.h"
#include "event/parse/json_reader.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// An event with its labels: {"event": ..., "time": ..., "fields": ...}. Slices are JSON text.
struct JsonEnvelope {
  std::string_view event;
  std::string_view fields;  // Empty when there are none.
  std::optional<std::int64_t> time_ns;
  std::string_view source;
  std::string_view sourcetype;
  std::string_view host;
  std::string_view index;
};

// Belongs to one thread.
class JsonDocument {
 public:
  static constexpr std::size_t kLevelsMax = 16;  // Objects below that stay JSON text.

  JsonDocument(BatchAssembler& assembler, DocumentRow& row, const TimestampDefaults& defaults)
      : assembler_(assembler), row_(row), defaults_(defaults) {}

  enum class Outcome : std::uint8_t {
    kNoObject,  // Malformed, or no object: nothing of it is kept, the row is not begun.
    kDocument,  // Collected in `row`; the caller ends the row.
    kEnvelope,  // Nothing collected; see envelope().
  };

  // `text`: one JSON object with spaces around, valid UTF-8, kept by the chunk or the arena.
  Outcome read(std::string_view text);
  const JsonEnvelope& envelope() const { return envelope_; }

  // Adds an object's fields to the row that was begun. False when `text` is no object.
  bool add_object(std::string_view text);

 private:
  // What a walk over the top level found out.
  struct Shape {
    bool may_be_envelope = true;
    bool has_event = false;
  };

  // Escapes are rare: only strings that have some are copied.
  std::string_view unescaped(const JsonString& string) {
    return string.has_escapes ? unescaped_copy(string.raw, assembler_.arena()) : string.raw;
  }
  bool walk_object(JsonReader& in, std::size_t level, Shape* shape);
  bool walk_member(JsonReader& in, std::size_t level, Shape* shape);
  bool walk_value(JsonReader& in, Slot slot);
  void count_value(const JsonReader& in, Slot slot);
  bool add_string(JsonReader& in, Slot slot);
  bool add_array(JsonReader& in, Slot slot);
  bool read_elements(JsonReader& in, bool& is_flat);
  bool add_text(JsonReader& in, Slot slot);
  bool read_envelope(std::string_view text);
  bool read_envelope_member(JsonReader& in, std::string_view name);
  std::string_view label_of(JsonReader& in, bool& fits);

  BatchAssembler& assembler_;
  DocumentRow& row_;
  const TimestampDefaults& defaults_;
  std::string path_;                         // "a.b." of the object being walked.
  Slot previous_ = BatchAssembler::kNoSlot;  // Of the name before, on whatever level.
  bool counts_ = false;                      // BatchAssembler::counts_unwanted().
  std::vector<ValueView> elements_;
  JsonEnvelope envelope_;
};

}  // namespace lynxdb::event
