#include "event/parse/line_parser.h"

#include <simdjson.h>

#include "base/index_name.h"
#include "event/parse/clf.h"
#include "event/parse/json_reader.h"
#include "event/parse/text.h"

namespace lynxdb::event {
namespace {

char first_visible(std::string_view line) {
  for (const char c : line) {
    if (c != ' ' && c != '\t') return c;
  }
  return '\0';
}

// Whether an object can start with this: most lines that are no JSON are told by one byte.
bool may_be_object(std::string_view text) { return first_visible(text) == '{'; }

}  // namespace

void ChunkReport::add_error(std::uint64_t line, std::string_view code, std::string_view message) {
  ++counts.errors;
  if (errors.size() >= kErrorsMax) return;
  errors.push_back(
      LineError{.line = line, .code = std::string(code), .message = std::string(message)});
}

LineParser::LineParser(const ParserOptions& options)
    : options_(options),
      defaults_{.receipt_ns = options.receipt_ns, .zone_offset_s = options.zone_offset_s},
      assembler_(options),
      row_(assembler_, defaults_),
      document_(assembler_, row_, defaults_),
      syslog_(assembler_, document_, row_, defaults_) {}

void LineParser::end_row(const RowHead& head, bool is_cut, ChunkReport& report) {
  if (is_cut) {
    ++report.counts.truncated;
    if (assembler_.is_field(kSlotTruncated))
      assembler_.set(kSlotTruncated, ValueView::boolean(true));
  }
  assembler_.end_row(head);
  ++report.counts.events;
}

void LineParser::parse_line(std::string_view line, std::uint64_t number, bool is_cut,
                            ChunkReport& report) {
  was_document_ = false;
  switch (options_.format) {
    case Format::kAuto:
      return parse_auto(line, number, is_cut, report);
    case Format::kJson:
      if (parse_json(line, line, number, is_cut, report)) return;
      if (is_cut) break;  // What is left of an object is text.
      return report.add_error(number, "PARSE_ERROR", "the line is no JSON object");
    case Format::kSyslog:
      if (parse_syslog(line, is_cut, report)) return;
      break;
    case Format::kClf:
      if (parse_clf(line, is_cut, report)) return;
      break;
    case Format::kRaw:
      return end_row(read_raw(assembler_, line, defaults_), is_cut, report);
  }
  ++report.counts.misfits;
  parse_text(line, is_cut, report);
}

void LineParser::parse_auto(std::string_view line, std::uint64_t number, bool is_cut,
                            ChunkReport& report) {
  if (may_be_object(line) && parse_json(line, line, number, is_cut, report)) return;
  if (line.front() == '<') {
    if (parse_syslog(line, is_cut, report)) return;
  } else if (parse_clf(line, is_cut, report) || parse_syslog(line, is_cut, report)) {
    return;
  }
  parse_text(line, is_cut, report);
}

bool LineParser::parse_syslog(std::string_view line, bool is_cut, ChunkReport& report) {
  const std::optional<RowHead> head =
      line.front() == '<' ? syslog_.read_with_pri(line) : syslog_.read_without_pri(line);
  if (!head) return false;
  end_row(*head, is_cut, report);
  return true;
}

bool LineParser::parse_clf(std::string_view line, bool is_cut, ChunkReport& report) {
  const std::optional<RowHead> head = read_clf(assembler_, line, defaults_);
  if (!head) return false;
  end_row(*head, is_cut, report);
  return true;
}

void LineParser::parse_text(std::string_view line, bool is_cut, ChunkReport& report) {
  end_row(read_text(assembler_, line, defaults_), is_cut, report);
}

bool LineParser::parse_json(std::string_view text, std::string_view raw, std::uint64_t number,
                            bool is_cut, ChunkReport& report) {
  if (!may_be_object(text)) return false;
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    text = assembler_.arena().copy(with_valid_utf8(text));
  }
  switch (document_.read(text)) {
    case JsonDocument::Outcome::kNoObject:
      return false;
    case JsonDocument::Outcome::kDocument:
      was_document_ = !is_cut;
      end_row(row_.head(raw), is_cut, report);
      return true;
    case JsonDocument::Outcome::kEnvelope:
      return end_envelope(number, is_cut, report);
  }
  return false;
}

bool LineParser::end_envelope(std::uint64_t number, bool is_cut, ChunkReport& report) {
  const JsonEnvelope envelope = document_.envelope();
  if (!options_.index && envelope.index.data() != nullptr && !base::is_index_name(envelope.index)) {
    report.add_error(number, "PARSE_ERROR", "the index of the event is no valid name");
    return true;
  }
  RowHead head = envelope_head(envelope);
  if (envelope.time_ns) head.time_ns = *envelope.time_ns;
  if (envelope.host.data() != nullptr) head.host = envelope.host;
  if (envelope.source.data() != nullptr) head.source = envelope.source;
  if (envelope.sourcetype.data() != nullptr) head.sourcetype = envelope.sourcetype;
  head.index = envelope.index;
  end_row(head, is_cut, report);
  return true;
}

// An object is a document of its own, everything else is text.
RowHead LineParser::envelope_head(const JsonEnvelope& envelope) {
  Arena& arena = assembler_.arena();
  row_.begin();
  if (envelope.event.front() == '{') {
    document_.add_object(envelope.event);
    if (!envelope.fields.empty()) document_.add_object(envelope.fields);
    return row_.head(compacted(envelope.event, arena));
  }
  if (!envelope.fields.empty()) document_.add_object(envelope.fields);
  std::string_view event = envelope.event;
  JsonString string;
  if (JsonReader in(event); in.read_string(string)) {
    event = unescaped(string, arena);
  }
  RowHead head = add_text(assembler_, event, defaults_);
  if (const auto time = row_.time_ns()) head.time_ns = *time;
  if (row_.host().data() != nullptr) head.host = row_.host();
  head.source = row_.source();
  return head;
}

}  // namespace lynxdb::event
