// What a request's body is: JSON or lines, by Content-Type, X-Format or its first bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "event/parse/event_parser.h"

namespace lynxdb::server {

struct BodyHints {
  std::string_view content_type;  // As sent.
  std::string_view format;        // X-Format, or empty.
  std::string_view sourcetype;    // The request's label, or empty.
  bool lines_only = false;        // /ingest/raw: lines, whatever the type.
};

struct BodyPlan {
  event::Format format = event::Format::kAuto;
  bool declared_json = false;  // The client says that this is JSON.
  // The body is one JSON document over several lines: it becomes one line.
  bool is_one_document = false;
};

// Errors: kInvalidArgument for an unknown format; kParse when the body is declared to be JSON and
// is none (INVALID_JSON). `body` is read only as far as the answer needs.
Result<BodyPlan> plan_body(const BodyHints& hints, std::string_view body);

// A JSON document without the spaces between its tokens. `document` must be one (is_one_document).
std::string compact_document(std::string_view document);

}  // namespace lynxdb::server
