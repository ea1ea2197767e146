#include "event/parse/event_parser.h"

#include <algorithm>
#include <cstring>

#include "base/text_search.h"
#include "event/parse/json_array.h"
#include "event/parse/line_parser.h"
#include "event/parse/raw_filter.h"

namespace lynxdb::event {

std::optional<Format> format_named(std::string_view name) {
  if (name == "auto") return Format::kAuto;
  if (name == "json") return Format::kJson;
  if (name == "syslog") return Format::kSyslog;
  if (name == "clf") return Format::kClf;
  if (name == "raw") return Format::kRaw;
  return std::nullopt;
}

bool Projection::wants(std::string_view name) const {
  return all || std::find(fields.begin(), fields.end(), name) != fields.end();
}

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Blank lines are no events. All control characters count as space, so that a block of NULs that a
// crash left in a file is nothing.
bool is_blank(std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) > ' ') return false;
  }
  return true;
}

// Never cuts a UTF-8 character in two.
std::string_view cut_line(std::string_view line, std::size_t bytes_max) {
  std::size_t end = bytes_max;
  for (int back = 0; back < 3 && end > 0; ++back) {
    if ((static_cast<unsigned char>(line[end]) & 0xc0U) != 0x80U) break;
    --end;
  }
  return line.substr(0, end);
}

}  // namespace

struct EventParser::Impl {
  explicit Impl(ParserOptions given)
      : options(std::move(given)), filter(options.raw_contains), line_parser(options) {}

  ParsedChunk parse(std::string_view lines, const Column::Owner& owner);
  void parse_lines(std::string_view lines, ChunkReport& report);
  void parse_array(std::string_view text, ChunkReport& report);
  void parse_one(std::string_view line, std::uint64_t number, ChunkReport& report);

  ParserOptions options;
  RawFilter filter;
  LineParser line_parser;
};

ParsedChunk EventParser::Impl::parse(std::string_view lines, const Column::Owner& owner) {
  if (lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  ChunkReport report;
  BatchAssembler& assembler = line_parser.assembler();
  assembler.begin_chunk(base::count_byte(lines, '\n') + 1);
  if (options.format == Format::kJson && is_json_array(lines)) {
    parse_array(lines, report);
  } else {
    parse_lines(lines, report);
  }
  ParsedChunk chunk;
  chunk.batch = assembler.finish(owner, report.counts);
  chunk.counts = report.counts;
  chunk.errors = std::move(report.errors);
  return chunk;
}

void EventParser::Impl::parse_lines(std::string_view lines, ChunkReport& report) {
  const char* p = lines.data();
  const char* const end = p + lines.size();
  std::uint64_t number = 0;
  while (p != end) {
    const auto* line_end =
        static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    if (line_end == nullptr) line_end = end;
    std::string_view line(p, static_cast<std::size_t>(line_end - p));
    p = line_end == end ? end : line_end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (is_blank(line)) continue;
    parse_one(line, number++, report);
  }
}

void EventParser::Impl::parse_one(std::string_view line, std::uint64_t number,
                                  ChunkReport& report) {
  const bool is_long = line.size() > options.line_bytes_max;
  if (is_long) {
    if (!options.cut_long_lines) {
      report.add_error(
          number, "EVENT_TOO_LARGE",
          "the event is longer than " + std::to_string(options.line_bytes_max) + " bytes");
      return;
    }
    line = cut_line(line, options.line_bytes_max);
  }
  if (!filter.may_match(line)) {
    ++report.counts.events;
    if (is_long) ++report.counts.truncated;
    return;
  }
  line_parser.parse_line(line, number, is_long, report);
}

// Elements have no lines of their own: each counts as one.
void EventParser::Impl::parse_array(std::string_view text, ChunkReport& report) {
  JsonArray array(text);
  std::uint64_t number = 0;
  while (const std::optional<std::string_view> element = array.next()) {
    if (element->size() > options.line_bytes_max) {
      report.add_error(
          number++, "EVENT_TOO_LARGE",
          "the event is longer than " + std::to_string(options.line_bytes_max) + " bytes");
      continue;
    }
    const std::string_view compact = compacted(*element, line_parser.assembler().arena());
    if (!line_parser.parse_json(compact, compact, number, false, report)) {
      report.add_error(number, "PARSE_ERROR", "the element is no JSON object");
    }
    ++number;
  }
  if (array.is_broken())
    report.add_error(number, "PARSE_ERROR", "the JSON array is malformed here");
}

EventParser::EventParser(ParserOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
EventParser::~EventParser() = default;
EventParser::EventParser(EventParser&&) noexcept = default;
EventParser& EventParser::operator=(EventParser&&) noexcept = default;

ParsedChunk EventParser::parse(std::string_view lines, const Column::Owner& owner) {
  return impl_->parse(lines, owner);
}

}  // namespace lynxdb::event
