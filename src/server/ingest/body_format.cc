#include "server/ingest/body_format.h"

#include <array>
#include <optional>

#include "base/suggest.h"
#include "event/parse/json_reader.h"
#include "output/utf8.h"
#include "server/http/message.h"

namespace lynxdb::server {
namespace {

using event::Format;
using event::JsonReader;

std::string_view media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  while (type.starts_with(' ')) type.remove_prefix(1);
  return type;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? "" : text.substr(begin);
}

// One JSON value and nothing behind it.
bool is_one_value(std::string_view text) {
  JsonReader reader(text);
  reader.skip_spaces();
  if (!reader.skip_value()) return false;
  reader.skip_spaces();
  return reader.at_end();
}

Error invalid_json(std::string message) {
  return Error{ErrorCode::kParse, std::move(message),
               "send a JSON object, an array of objects, or one object per line"};
}

Result<BodyPlan> plan_json(std::string_view body, bool declared) {
  BodyPlan plan{.format = Format::kJson, .declared_json = declared, .is_one_document = false};
  const std::string_view text = trimmed(body);
  if (text.empty()) return plan;
  if (text.front() == '[') {
    // Text that is not UTF-8 is checked by the parser, element by element.
    const bool is_valid = !output::is_valid_utf8(text) || is_one_value(text);
    if (!is_valid && declared) return invalid_json("the body is no valid JSON array");
    if (!is_valid) plan.format = Format::kAuto;
    return plan;
  }
  if (text.front() == '{') {
    plan.is_one_document = text.find('\n') != std::string_view::npos &&
                           output::is_valid_utf8(text) && is_one_value(text);
    return plan;
  }
  if (declared) return invalid_json("the body is neither a JSON object nor an array");
  plan.format = Format::kAuto;
  return plan;
}

Result<Format> named_format(std::string_view name) {
  if (const std::optional<Format> format = event::format_named(name)) return *format;
  Error error{ErrorCode::kInvalidArgument, "unknown format '" + std::string(name) + "'",
              "formats: auto, json, syslog, clf, raw"};
  constexpr std::array<std::string_view, 5> kFormats = {"auto", "json", "syslog", "clf", "raw"};
  if (const auto nearest = base::suggest(name, kFormats))
    error.suggestion = "did you mean " + *nearest + "?";
  return error;
}

}  // namespace

Result<BodyPlan> plan_body(const BodyHints& hints, std::string_view body) {
  std::optional<Format> format = event::format_named(hints.sourcetype);
  if (!hints.format.empty()) format = TRY(named_format(hints.format));
  BodyPlan lines{.format = format.value_or(Format::kAuto)};
  if (format == Format::kJson && !hints.lines_only) return plan_json(body, true);
  if (hints.lines_only || (format && *format != Format::kAuto)) return lines;

  const std::string_view type = media_type(hints.content_type);
  if (equals_ignoring_case(type, "application/json")) return plan_json(body, true);
  if (equals_ignoring_case(type, "text/plain")) return lines;
  if (equals_ignoring_case(type, "application/x-ndjson")) {
    lines.format = Format::kJson;
    lines.declared_json = true;
    return lines;
  }
  return plan_json(body, false);
}

std::string compact_document(std::string_view document) {
  event::Arena arena;
  return std::string(event::compacted(trimmed(document), arena));
}

}  // namespace lynxdb::server
