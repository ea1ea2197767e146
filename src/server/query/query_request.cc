#include "server/query/query_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/suggest.h"
#include "base/units.h"
#include "server/http/json_object.h"

namespace lynxdb::server {
namespace {

constexpr std::array<std::string_view, 13> kKnown = {
    "q",      "query", "from",   "earliest", "to",        "latest",         "limit",
    "offset", "wait",  "format", "profile",  "variables", "partial_results"};

// A parameter is text; a member of a body has a type of its own.
struct Field {
  std::string name;
  event::Value value;
  bool is_text = false;
};

std::string text_of(const Field& field) { return event::text(field.value); }

Error wrong(const Field& field, std::string_view expected) {
  return Error{ErrorCode::kInvalidArgument, field.name + " must be " + std::string(expected)};
}

Result<std::uint64_t> read_count(const Field& field) {
  const std::string text = text_of(field);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = field.is_text || field.value.type() == event::Type::kInt;
  if (!is_number || text.empty() || error != std::errc() || end != text.data() + text.size())
    return wrong(field, "a whole number from 0");
  return count;
}

Result<std::string> read_text(const Field& field) {
  if (field.value.type() != event::Type::kString) return wrong(field, "text");
  return field.value.as_string();
}

// Times may be epoch numbers.
Result<std::string> read_time(const Field& field) {
  if (field.value.type() == event::Type::kBool) return wrong(field, "a time");
  return text_of(field);
}

Result<std::optional<std::chrono::nanoseconds>> read_wait(const Field& field) {
  std::optional<std::chrono::nanoseconds> wait;
  const std::string text = text_of(field);
  if (field.value.is_null() || (field.is_text && text == "null")) return wait;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr double kLongest = 1e6;
  const bool is_number = field.is_text || field.value.type() == event::Type::kInt ||
                         field.value.type() == event::Type::kFloat;
  if (!is_number || error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
      seconds > kLongest)
    return wrong(field, "null or a number of seconds");
  wait = std::chrono::nanoseconds(std::llround(seconds * 1e9));
  return wait;
}

Result<bool> read_flag(const Field& field) {
  if (!field.is_text && field.value.type() == event::Type::kBool) return field.value.as_bool();
  const std::string text = text_of(field);
  if (field.is_text && (text == "true" || text == "1")) return true;
  if (field.is_text && (text == "false" || text == "0")) return false;
  return wrong(field, "true or false");
}

Result<ResultFormat> read_format(const Field& field) {
  constexpr std::array<std::string_view, 5> kFormats = {"json", "ndjson", "csv", "tsv", "raw"};
  const std::string name = text_of(field);
  for (std::size_t i = 0; i < kFormats.size(); ++i)
    if (name == kFormats[i]) return static_cast<ResultFormat>(i);
  Error error = wrong(field, "one of: json, ndjson, csv, tsv, raw");
  if (const auto nearest = base::suggest(name, kFormats))
    error.suggestion = "did you mean " + *nearest + "?";
  return error;
}

Result<> set_field(const Field& field, QueryRoute route, QueryRequest& out) {
  const std::string& name = field.name;
  if (route == QueryRoute::kStream && (name == "limit" || name == "offset" || name == "wait"))
    return Error{ErrorCode::kInvalidArgument, "a stream has no " + name,
                 "use `| head N`, or POST /api/v1/query"};
  if (name == "q" || name == "query") {
    out.text = TRY(read_text(field));
  } else if (name == "from" || name == "earliest") {
    out.from = TRY(read_time(field));
  } else if (name == "to" || name == "latest") {
    out.to = TRY(read_time(field));
  } else if (name == "limit") {
    out.limit = TRY(read_count(field));
  } else if (name == "offset") {
    out.offset = TRY(read_count(field));
  } else if (name == "wait") {
    out.wait = TRY(read_wait(field));
  } else if (name == "format") {
    out.format = TRY(read_format(field));
    out.has_format = true;
  } else if (name == "profile" || name == "variables") {
    return Error{ErrorCode::kInvalidArgument, name + " is not available in this version"};
  } else if (name == "partial_results") {
    out.partial_results = TRY(read_flag(field));
  }
  return {};
}

// Two spellings of one field.
Result<> check_spellings(const std::vector<JsonMember>& members) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSame = {
      {{"q", "query"}, {"from", "earliest"}, {"to", "latest"}}};
  const auto has = [&](std::string_view name) {
    return std::ranges::find(members, name, &JsonMember::name) != members.end();
  };
  for (const auto& [name, other] : kSame)
    if (has(name) && has(other))
      return Error{ErrorCode::kInvalidArgument, "'" + std::string(name) + "' and '" +
                                                    std::string(other) +
                                                    "' are the same field: give one of them"};
  return {};
}

Result<std::vector<Field>> fields_of(const Request& request) {
  std::vector<Field> fields;
  if (request.method != Method::kPost) {
    for (const auto& [name, value] : request.query.all())
      fields.push_back({name, event::Value::string(value), true});
    return fields;
  }
  std::vector<JsonMember> members =
      TRY(read_json_object(request.body_view(), RepeatedMember::kRefused));
  TRY(check_known(members, kKnown));
  TRY(check_spellings(members));
  for (JsonMember& member : members) {
    const bool is_structure = member.json.starts_with('{') || member.json.starts_with('[');
    if (is_structure && member.name != "variables")
      return Error{ErrorCode::kInvalidArgument, member.name + " must be a single value"};
    // A null is as good as absent.
    if (!member.value.is_null() || is_structure)
      fields.push_back({std::move(member.name), std::move(member.value), false});
  }
  return fields;
}

}  // namespace

std::vector<std::string_view> query_parameters(std::string_view more) {
  std::vector<std::string_view> names = {"q|query", "from|earliest", "to|latest",
                                         "limit",   "offset",        "wait",
                                         "format",  "profile",       "partial_results"};
  if (!more.empty()) names.push_back(more);
  return names;
}

Result<QueryRequest> read_query_request(const Request& request, QueryRoute route) {
  QueryRequest out;
  for (const Field& field : TRY(fields_of(request))) TRY(set_field(field, route, out));
  if (out.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error{ErrorCode::kInvalidArgument, "q is missing",
                 "send {\"q\": \"level=error | stats count\"}"};
  if (!out.has_format &&
      request.headers.get("Accept").find("application/x-ndjson") != std::string_view::npos)
    out.format = ResultFormat::kNdjson;
  return out;
}

}  // namespace lynxdb::server
