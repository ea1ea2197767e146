#include "event/parse/syslog.h"

#include <array>
#include <string>

#include "event/parse/syslog_scan.h"
#include "event/parse/text.h"

namespace lynxdb::event {

struct SyslogReader::Header {
  std::optional<std::int64_t> priority;
  std::optional<std::int64_t> time_ns;  // Absent: `-`.
  std::string_view host;
  std::string_view app_name;
  std::string_view procid;
  std::string_view msgid;
  std::string_view structured_data;
  std::string_view message;
};

namespace {

constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

void set_text(BatchAssembler& assembler, Slot slot, std::string_view text) {
  if (text.empty() || text == "-" || !assembler.is_field(slot)) return;
  assembler.set(slot, ValueView::string(text));
}

void set_int(BatchAssembler& assembler, Slot slot, std::int64_t value) {
  if (assembler.is_field(slot)) assembler.set(slot, ValueView::integer(value));
}

}  // namespace

std::optional<RowHead> SyslogReader::read_with_pri(std::string_view line) {
  Header header;
  std::string_view rest = line;
  header.priority = take_priority(rest);
  if (!header.priority) return std::nullopt;
  if (!scan_rfc5424(rest, header) && !scan_rfc3164(rest, true, header)) return std::nullopt;
  return collect(line, header);
}

std::optional<RowHead> SyslogReader::read_without_pri(std::string_view line) {
  Header header;
  if (!scan_rfc3164(line, false, header)) return std::nullopt;
  return collect(line, header);
}

bool SyslogReader::scan_rfc5424(std::string_view text, Header& header) const {
  if (!text.starts_with("1 ")) return false;
  text.remove_prefix(2);
  const std::string_view time = take_word(text);
  if (time != "-") {
    const std::optional<FoundTimestamp> found = iso_timestamp_at(time, defaults_);
    if (!found || found->end != time.size()) return false;
    header.time_ns = found->ns;
  }
  header.host = take_word(text);
  header.app_name = take_word(text);
  header.procid = take_word(text);
  header.msgid = take_word(text);
  if (header.msgid.empty() || text.empty()) return false;
  const std::optional<std::size_t> data_size = structured_data_size(text);
  if (!data_size) return false;
  header.structured_data = text.substr(0, *data_size);
  text.remove_prefix(*data_size);
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  header.message = text;
  return true;
}

std::optional<FoundTimestamp> SyslogReader::time_at(std::string_view text, bool has_pri) const {
  if (const auto found = bsd_timestamp_at(text, defaults_)) return found;
  // ISO times in files belong to all kinds of formats; after a PRI they can only be syslog's.
  return has_pri ? iso_timestamp_at(text, defaults_) : std::nullopt;
}

bool SyslogReader::scan_rfc3164(std::string_view text, bool has_pri, Header& header) const {
  const std::optional<FoundTimestamp> time = time_at(text, has_pri);
  if (!time) return false;
  header.time_ns = time->ns;
  text.remove_prefix(time->end);
  if (text.starts_with(':')) text.remove_prefix(1);  // Some network gear ends the time so.
  if (!text.starts_with(' ')) return false;
  skip_spaces(text);

  // Messages of the machine itself may lack the host: then the tag comes first.
  std::string_view after_host = text;
  const std::string_view host = take_word(after_host);
  const bool host_is_tag = host.ends_with(':');
  if (!host_is_tag) {
    header.host = host;
    text = after_host;
    skip_spaces(text);
  } else if (!has_pri) {
    return false;
  }
  const std::optional<SyslogTag> tag = take_tag(text);
  if (tag) {
    header.app_name = tag->app_name;
    header.procid = tag->procid;
  } else if (!has_pri && !is_repeat_notice(text)) {
    return false;
  }
  header.message = text;
  return !header.host.empty() || tag.has_value();
}

void SyslogReader::set_header(const Header& header) {
  if (header.priority) {
    set_int(assembler_, kSlotFacility, *header.priority / 8);
    set_int(assembler_, kSlotSeverity, *header.priority % 8);
    set_text(assembler_, kSlotLevel, kSeverities[static_cast<std::size_t>(*header.priority % 8)]);
  }
  set_text(assembler_, kSlotAppName, header.app_name);
  set_text(assembler_, kSlotProcid, header.procid);
  set_text(assembler_, kSlotMsgid, header.msgid);
  set_text(assembler_, kSlotMessage, header.message);
  if (!header.structured_data.empty() && assembler_.wants_fields()) {
    set_structured_data(header.structured_data);
  }
}

void SyslogReader::set_structured_data(std::string_view data) {
  std::string name;
  StructuredData params(data);
  while (const std::optional<StructuredParam> param = params.next()) {
    name.assign("sd.").append(param->id).append(".").append(param->name);
    const Slot slot = assembler_.slot(name);
    if (!assembler_.is_field(slot)) continue;
    assembler_.set(slot, ValueView::string(unescape_param(param->value, assembler_.arena())));
  }
}

// True when MSG was a JSON object; its row holds its fields then.
bool SyslogReader::add_json_message(std::string_view message) {
  if (!message.starts_with('{')) return false;
  return document_.read(message) != JsonDocument::Outcome::kNoObject;
}

RowHead SyslogReader::collect(std::string_view line, const Header& header) {
  TextMeta meta;
  RowHead head;
  // The document first and the header over it, for the later of two values stays.
  if (add_json_message(header.message)) {
    meta.host = row_.host();
    meta.time_ns = row_.time_ns();
    head.source = row_.source();
    set_header(header);
  } else {
    assembler_.begin_row();
    set_header(header);
    meta = add_key_values(assembler_, header.message, defaults_);
  }
  head.raw = line;
  head.sourcetype = "syslog";
  head.time_ns = header.time_ns ? *header.time_ns : meta.time_ns.value_or(defaults_.receipt_ns);
  const bool has_host = !header.host.empty() && header.host != "-";
  head.host = has_host ? header.host : meta.host;
  return head;
}

}  // namespace lynxdb::event
