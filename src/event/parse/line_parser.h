// One line to one row, whatever its format: the way that works for every line. Faster ways for
// lines of a known layout stand before it (event_parser.cc) and fill the same assembler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/parse/batch_assembler.h"
#include "event/parse/document_row.h"
#include "event/parse/event_parser.h"
#include "event/parse/json_document.h"
#include "event/parse/syslog.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// What the lines of a chunk came to, besides rows.
struct ChunkReport {
  ParseCounts counts;
  std::vector<LineError> errors;

  static constexpr std::size_t kErrorsMax = 100;
  void add_error(std::uint64_t line, std::string_view code, std::string_view message);
};

// Belongs to one thread; not movable, for its parts refer to each other.
class LineParser {
 public:
  // `options` must outlive it.
  explicit LineParser(const ParserOptions& options);
  LineParser(const LineParser&) = delete;
  LineParser& operator=(const LineParser&) = delete;

  BatchAssembler& assembler() { return assembler_; }
  DocumentRow& document_row() { return row_; }
  const TimestampDefaults& defaults() const { return defaults_; }

  // Appends the row of `line` (no line end, not blank, of the chunk or the arena), or reports an
  // error. `number` is the line's number for that.
  void parse_line(std::string_view line, std::uint64_t number, bool is_cut, ChunkReport& report);

  // Whether the last line was, as a whole, a JSON document: its layout may be worth knowing.
  bool was_document() const { return was_document_; }

  // A JSON line: true when it was an object (its row was appended, or an error reported), false
  // when it is something else and nothing happened. `raw` becomes the event's `_raw`.
  bool parse_json(std::string_view text, std::string_view raw, std::uint64_t number, bool is_cut,
                  ChunkReport& report);

 private:
  void parse_auto(std::string_view line, std::uint64_t number, bool is_cut, ChunkReport& report);
  bool parse_syslog(std::string_view line, bool is_cut, ChunkReport& report);
  bool parse_clf(std::string_view line, bool is_cut, ChunkReport& report);
  void parse_text(std::string_view line, bool is_cut, ChunkReport& report);
  bool end_envelope(std::uint64_t number, bool is_cut, ChunkReport& report);
  RowHead envelope_head(const JsonEnvelope& envelope);
  void end_row(const RowHead& head, bool is_cut, ChunkReport& report);

  const ParserOptions& options_;
  TimestampDefaults defaults_;
  BatchAssembler assembler_;
  DocumentRow row_;
  JsonDocument document_;
  SyslogReader syslog_;
  bool was_document_ = false;
};

}  // namespace lynxdb::event
