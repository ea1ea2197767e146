// For the parsers' tests: lines in, events out as JSON-like text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "event/parse/event_parser.h"

namespace lynxdb::event::testing {

// 2026-01-15T10:30:00Z
inline constexpr std::int64_t kReceipt = 1'768'473'000'000'000'000;

// A chunk with the padding that EventParser asks for.
inline std::pair<std::string_view, Column::Owner> chunk_of(std::string_view lines) {
  auto bytes = std::make_shared<std::string>(lines);
  bytes->append(EventParser::kPaddingBytes, '\0');
  return {std::string_view(*bytes).substr(0, lines.size()), bytes};
}

inline ParserOptions options_for(Format format = Format::kAuto) {
  ParserOptions options;
  options.format = format;
  options.receipt_ns = kReceipt;
  return options;
}

inline ParsedChunk parse(std::string_view lines, ParserOptions options = options_for()) {
  EventParser parser(std::move(options));
  const auto [text, owner] = chunk_of(lines);
  return parser.parse(text, owner);
}

// The JSON form of a field of a row; "null" when it is missing.
inline std::string field(const EventBatch& batch, std::string_view name, std::size_t row = 0) {
  std::string out;
  const ColumnPtr* column = batch.find(name);
  append_json(column == nullptr ? ValueView() : (*column)->view(row), out);
  return out;
}

// One line's field.
inline std::string field_of(std::string_view line, std::string_view name,
                            ParserOptions options = options_for()) {
  const ParsedChunk chunk = parse(line, std::move(options));
  return chunk.batch.rows() == 1 ? field(chunk.batch, name) : "no row";
}

// All fields of a row but the built-in ones, by name: `a=1 b="x"`.
inline std::string fields_of(const EventBatch& batch, std::size_t row = 0) {
  std::string out;
  for (const std::size_t i : print_order(batch)) {
    const Field& f = batch.fields()[i];
    const bool built_in = f.name == kTime || f.name == kRaw || f.name == kSource ||
                          f.name == kSourcetype || f.name == kIndex || f.name == kHost;
    if (built_in || f.column->is_null(row)) continue;
    if (!out.empty()) out.push_back(' ');
    out += f.name + "=";
    append_json(f.column->view(row), out);
  }
  return out;
}

inline std::string fields_of(std::string_view line, ParserOptions options = options_for()) {
  return fields_of(parse(line, std::move(options)).batch);
}

}  // namespace lynxdb::event::testing
