// Syslog lines (docs/guide/ingest.md, "Syslog"):
//
//   <PRI>1 TIME HOST APP PROCID MSGID SD MSG       RFC 5424
//   <PRI>Mon DD hh:mm:ss HOST TAG[PID]: MSG        RFC 3164; TIME may also be ISO 8601
//   Mon DD hh:mm:ss HOST TAG[PID]: MSG             without PRI, as files hold it
#pragma once

#include <optional>
#include <string_view>

#include "event/parse/batch_assembler.h"
#include "event/parse/json_document.h"
#include "event/time/timestamp.h"

namespace lynxdb::event {

// Begins a row and collects the line in it: the header's fields, then key=value pairs of MSG, or
// the fields of MSG when it is a JSON object. Where they collide the header wins. Nullopt (and no
// row) when the line is of another format.
class SyslogReader {
 public:
  SyslogReader(BatchAssembler& assembler, JsonDocument& document, DocumentRow& row,
               const TimestampDefaults& defaults)
      : assembler_(assembler), document_(document), row_(row), defaults_(defaults) {}

  std::optional<RowHead> read_with_pri(std::string_view line);
  std::optional<RowHead> read_without_pri(std::string_view line);

 private:
  struct Header;

  bool scan_rfc5424(std::string_view text, Header& header) const;
  bool scan_rfc3164(std::string_view text, bool has_pri, Header& header) const;
  std::optional<FoundTimestamp> time_at(std::string_view text, bool has_pri) const;
  RowHead collect(std::string_view line, const Header& header);
  void set_header(const Header& header);
  void set_structured_data(std::string_view data);
  bool add_json_message(std::string_view message);

  BatchAssembler& assembler_;
  JsonDocument& document_;
  DocumentRow& row_;
  const TimestampDefaults& defaults_;
};

}  // namespace lynxdb::event
