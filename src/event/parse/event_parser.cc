#include "event/parse/event_parser.h"

#include <algorithm>
#include <cstring>

#include "base/text_search.h"
#include "event/parse/json_array.h"
#include "event/parse/layout_path.h"
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
      : options(std::move(given)),
        filter(options.raw_contains),
        knows_layouts(options.format == Format::kAuto || options.format == Format::kJson),
        line_parser(options),
        layout_path(options, line_parser.assembler(), line_parser.document_row()) {}

  ParsedChunk parse(std::string_view lines, const Column::Owner& owner, bool is_rest);
  bool may_only_count(std::string_view lines) const;
  bool may_search_first(std::string_view lines) const;
  void begin_chunk(std::size_t lines, bool may_end_early = true);
  // These give what they left: it begins a batch of its own.
  std::string_view parse_lines(std::string_view lines, ChunkReport& report);
  std::string_view parse_candidates(std::string_view lines, ChunkReport& report);
  const char* parse_next(const char* p, const char* end, bool try_layouts, std::uint64_t& number,
                         ChunkReport& report);
  void parse_array(std::string_view text, ChunkReport& report);
  bool parse_one(std::string_view line, std::uint64_t number, ChunkReport& report);

  ParserOptions options;
  RawFilter filter;
  const bool knows_layouts;
  LineParser line_parser;
  LayoutPath layout_path;
  Candidates candidates;  // Kept for its memory.
};

// Whether the number of lines that are not blank is all that `lines` can give: nobody reads a
// field, and no line can be an error (as an envelope for an index that cannot exist is).
bool EventParser::Impl::may_only_count(std::string_view lines) const {
  const Projection& projection = options.projection;
  if (projection.all || !projection.fields.empty() || !filter.is_empty()) return false;
  if (lines.size() > options.line_bytes_max) return false;
  if (options.format == Format::kRaw) return true;
  static const base::SubstringFinder index_name("\"index\"");
  static const base::SubstringFinder escaped_name("\\u");
  return options.format == Format::kAuto &&
         (options.index || !(index_name.contains(lines) || escaped_name.contains(lines)));
}

// Whether lines can be told to be of no use by searching the whole chunk.
bool EventParser::Impl::may_search_first(std::string_view lines) const {
  return !filter.is_empty() && lines.size() <= options.line_bytes_max;
}

void EventParser::Impl::begin_chunk(std::size_t lines, bool may_end_early) {
  line_parser.assembler().begin_chunk(lines, may_end_early);
  layout_path.begin_chunk();
}

ParsedChunk EventParser::Impl::parse(std::string_view lines, const Column::Owner& owner,
                                     bool is_rest) {
  if (!is_rest && lines.starts_with(kByteOrderMark)) lines.remove_prefix(kByteOrderMark.size());
  ParsedChunk chunk;
  if (may_only_count(lines)) {
    chunk.counts.events = base::count_lines_not_blank(lines);
    chunk.batch = EventBatch(chunk.counts.events);
    return chunk;
  }
  ChunkReport report;
  if (!is_rest && options.format == Format::kJson && is_json_array(lines)) {
    // Every element has a brace: they may all stand in one line.
    begin_chunk(base::count_byte(lines, '{') + 1, false);
    parse_array(lines, report);
  } else if (may_search_first(lines)) {
    chunk.rest = parse_candidates(lines, report);
  } else {
    chunk.rest = parse_lines(lines, report);
  }
  chunk.batch = line_parser.assembler().finish(owner, report.counts);
  chunk.counts = report.counts;
  chunk.errors = std::move(report.errors);
  return chunk;
}

std::string_view EventParser::Impl::parse_lines(std::string_view lines, ChunkReport& report) {
  begin_chunk(base::count_byte(lines, '\n') + 1);
  const char* p = lines.data();
  const char* const end = p + lines.size();
  // Layouts are matched before it is known where the line ends; there must be an end.
  const std::size_t last = lines.rfind('\n');
  const bool try_first = knows_layouts && filter.is_empty() && last != std::string_view::npos;
  const char* const layouts_end = try_first ? p + last : p;
  std::uint64_t number = 0;
  while (p != end && !line_parser.assembler().is_full()) {
    const char* next = p < layouts_end ? layout_path.append_line(p) : nullptr;
    if (next == nullptr) {
      p = parse_next(p, end, !try_first, number, report);
      continue;
    }
    p = next;
    ++number;
    ++report.counts.events;
  }
  return {p, static_cast<std::size_t>(end - p)};
}

// Searches all lines at once, then parses those where something was found.
std::string_view EventParser::Impl::parse_candidates(std::string_view lines, ChunkReport& report) {
  candidates = filter.find_candidates(lines, std::move(candidates));
  begin_chunk(candidates.lines.size());
  std::uint64_t number = 0;
  for (const Candidates::Line& line : candidates.lines) {
    number += line.refused_before;
    report.counts.events += line.refused_before;
    const char* next = parse_next(lines.data() + line.begin, lines.data() + lines.size(),
                                  knows_layouts, number, report);
    if (line_parser.assembler().is_full())
      return lines.substr(static_cast<std::size_t>(next - lines.data()));
  }
  report.counts.events += candidates.refused_behind;
  return {};
}

// Parses the line at `p`; the answer is the place behind it.
const char* EventParser::Impl::parse_next(const char* p, const char* end, bool try_layouts,
                                          std::uint64_t& number, ChunkReport& report) {
  const auto* line_end =
      static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
  const char* next = line_end == nullptr ? end : line_end + 1;
  std::string_view line(p, static_cast<std::size_t>((line_end == nullptr ? end : line_end) - p));
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (is_blank(line)) return next;
  if (try_layouts && knows_layouts && line_end != nullptr && filter.may_match(line) &&
      layout_path.append_line(p) != nullptr) {
    ++number;
    ++report.counts.events;
    return next;
  }
  const bool was_document = parse_one(line, number++, report);
  if (knows_layouts && line_end != nullptr && was_document) {
    layout_path.learn({p, static_cast<std::size_t>(next - p)});
  }
  return next;
}

// Whether the line was a JSON document.
bool EventParser::Impl::parse_one(std::string_view line, std::uint64_t number,
                                  ChunkReport& report) {
  const bool is_long = line.size() > options.line_bytes_max;
  if (is_long) {
    if (!options.cut_long_lines) {
      report.add_error(
          number, "EVENT_TOO_LARGE",
          "the event is longer than " + std::to_string(options.line_bytes_max) + " bytes");
      return false;
    }
    line = cut_line(line, options.line_bytes_max);
  }
  if (!filter.may_match(line)) {
    ++report.counts.events;
    if (is_long) ++report.counts.truncated;
    return false;
  }
  line_parser.parse_line(line, number, is_long, report);
  return line_parser.was_document();
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

ParsedChunk EventParser::parse(std::string_view lines, const Column::Owner& owner, bool is_rest) {
  return impl_->parse(lines, owner, is_rest);
}

}  // namespace lynxdb::event
