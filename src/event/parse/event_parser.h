// Lines of text to an EventBatch: the one parser behind every entry (files, stdin, HTTP, other
// nodes' clients). Formats and precedence: docs/guide/ingest.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::event {

enum class Format : std::uint8_t {
  kAuto,  // Per line, first that fits: JSON object, syslog with PRI, CLF, syslog without PRI, text.
  kJson,  // A line that is no JSON object is a LineError.
  kSyslog,  // A line that does not fit is kept as text, counted in ParseCounts::misfits.
  kClf,
  kRaw,  // `_raw` and `_time` only.
};

// "auto", "json", "syslog", "clf", "raw"; nullopt for other sourcetypes (labels that leave `auto`).
std::optional<Format> format_named(std::string_view name);

// Which fields the caller will read. Others may be left out of the batch; never the other way
// round.
struct Projection {
  bool all = true;
  std::vector<std::string>
      fields;  // Stored names (`_source`, not `source`; prefixes of paths included).
  bool wants(std::string_view name) const;
};

struct ParserOptions {
  Format format = Format::kAuto;
  Projection projection;
  std::int64_t receipt_ns = 0;     // `_time` of events without a timestamp of their own.
  std::int32_t zone_offset_s = 0;  // Of timestamps without a zone (ingest.default_timezone).
  std::size_t line_bytes_max = 1U << 20U;  // ingest.max_line_bytes
  std::size_t fields_max = 1000;           // ingest.max_fields_per_event; the rest only in _raw.
  // Batches of more rows times columns end early (ParsedChunk::rest). 0: all lines become one
  // batch; names beyond what memory allows stay in _raw.
  std::size_t cells_max = 0;
  bool cut_long_lines = true;  // Cut, set `_truncated`; false: LineError EVENT_TOO_LARGE.
  // Labels of the request; they win over what events say (docs/guide/ingest.md, "Metadata").
  std::optional<std::string> source;
  std::optional<std::string> sourcetype;
  std::optional<std::string> index;
  std::optional<std::string> host;
  // Used when neither request nor event names one: the path, or "stdin".
  std::string default_source;
  // Lines that do not contain all of these (ASCII case ignored) may be skipped unparsed: the caller
  // filters again. They still count as events.
  std::vector<std::string> raw_contains;
};

struct LineError {
  std::uint64_t line = 0;  // From 0, blank lines not counted, within this chunk.
  std::string code;        // PARSE_ERROR, EVENT_TOO_LARGE.
  std::string message;
};

struct ParseCounts {
  std::uint64_t events = 0;          // Lines that became events or were skipped by raw_contains.
  std::uint64_t truncated = 0;       // Cut at line_bytes_max.
  std::uint64_t misfits = 0;         // Kept as text although a format was asked for.
  std::uint64_t fields_dropped = 0;  // Events with more than fields_max fields.
  // Events with fields that are only in _raw because their name is longer than 256 bytes, or one of
  // too many in the chunk.
  std::uint64_t names_refused = 0;
  std::uint64_t labels_cut = 0;  // Label values longer than 256 bytes, cut there.
  std::uint64_t errors = 0;      // LineErrors, also those beyond the list's limit.

  ParseCounts& operator+=(const ParseCounts& more) {
    events += more.events;
    truncated += more.truncated;
    misfits += more.misfits;
    fields_dropped += more.fields_dropped;
    names_refused += more.names_refused;
    labels_cut += more.labels_cut;
    errors += more.errors;
    return *this;
  }
};

struct ParsedChunk {
  EventBatch batch;
  ParseCounts counts;
  std::vector<LineError> errors;  // At most 100.
  std::string_view rest;          // Lines that were not looked at, to be parsed next.
};

// Belongs to one thread; keeps scratch memory and learned line layouts between chunks. Memory is
// proportional to the largest chunk.
class EventParser {
 public:
  explicit EventParser(ParserOptions options);
  ~EventParser();
  EventParser(EventParser&&) noexcept;
  EventParser& operator=(EventParser&&) noexcept;

  // Parses whole lines (the last may lack its LF). At least 64 readable bytes must follow the chunk
  // (kPaddingBytes). `owner` keeps the bytes alive: columns borrow strings from it. Never fails as
  // a whole: hostile bytes end up in `_raw` or in `errors`.
  // `is_rest`: they are the rest of an earlier chunk, and so the beginning of nothing.
  ParsedChunk parse(std::string_view lines, const Column::Owner& owner, bool is_rest = false);

  static constexpr std::size_t kPaddingBytes = 64;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lynxdb::event
