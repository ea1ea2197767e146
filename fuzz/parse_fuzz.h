// What the fuzz targets of the event parser share: bytes in, every value of every column read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "event/parse/event_parser.h"

namespace lynxdb::fuzz {

inline event::ParserOptions parser_options(event::Format format) {
  event::ParserOptions options;
  options.format = format;
  options.receipt_ns = 1'768'473'000'000'000'000;  // 2026-01-15T10:30:00Z
  options.line_bytes_max = 4096;
  options.fields_max = 100;
  return options;
}

inline event::ParsedChunk parse(std::string_view text, event::ParserOptions options) {
  const auto bytes = std::make_shared<std::string>(text);
  bytes->append(event::EventParser::kPaddingBytes, '\0');
  event::EventParser parser(std::move(options));
  return parser.parse(std::string_view(*bytes).substr(0, text.size()), bytes);
}

// Rows are events, columns are as long as the batch, and every value can be printed.
inline void check(const event::ParsedChunk& chunk) {
  LYNXDB_CHECK(chunk.counts.events == chunk.batch.rows());
  LYNXDB_CHECK(chunk.counts.errors >= chunk.errors.size());
  std::string text;
  for (const event::Field& field : chunk.batch.fields()) {
    LYNXDB_CHECK(field.column->size() == chunk.batch.rows());
    for (std::size_t row = 0; row < chunk.batch.rows(); ++row) {
      text.clear();
      event::append_json(field.column->view(row), text);
    }
  }
}

// The same lines twice through one parser, as wide and as narrow as possible: what a line is must
// not depend on what was learned or on what is wanted.
inline void check_all_ways(std::string_view text, event::Format format) {
  const event::ParsedChunk all = parse(text, parser_options(format));
  check(all);
  event::ParserOptions narrow = parser_options(format);
  narrow.projection = {.all = false, .fields = {"_sourcetype", "a.b"}};
  const event::ParsedChunk few = parse(text, std::move(narrow));
  check(few);
  LYNXDB_CHECK(few.counts.events == all.counts.events);
  LYNXDB_CHECK(few.counts.errors == all.counts.errors);
}

}  // namespace lynxdb::fuzz
