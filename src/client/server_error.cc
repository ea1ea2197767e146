#include "client/server_error.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lynxdb::client {
namespace {

using simdjson::dom::element;

std::string text_of(element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::optional<std::size_t> number_of(element object, const char* name) {
  std::uint64_t number = 0;
  if (object[name].get(number) != simdjson::SUCCESS) return std::nullopt;
  return static_cast<std::size_t>(number);
}

ServerError error_of(element object, int status) {
  ServerError error;
  error.status = status;
  error.code = text_of(object, "code");
  error.message = text_of(object, "message");
  error.suggestion = text_of(object, "suggestion");
  error.position = number_of(object, "position");
  error.length = number_of(object, "length").value_or(0);
  return error;
}

// A proxy's page, an empty body: what the status alone says.
ServerError error_of_status(const Response& response) {
  ServerError error;
  error.status = response.status;
  error.message = "the server answered with status " + std::to_string(response.status);
  constexpr std::size_t kShownMax = 200;
  std::string shown = response.body.substr(0, kShownMax);
  std::ranges::replace_if(shown, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, ' ');
  if (shown.find_first_not_of(' ') != std::string::npos) error.message += ": " + shown;
  return error;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

ServerError read_error_object(std::string_view json, int status) {
  simdjson::dom::parser parser;
  element object;
  if (parser.parse(simdjson::padded_string(json)).get(object) == simdjson::SUCCESS &&
      object.is_object())
    return error_of(object, status);
  ServerError error;
  error.status = status;
  error.message = "the server reports an error that cannot be read";
  return error;
}

ServerError read_server_error(const Response& response) {
  simdjson::dom::parser parser;
  element body;
  element object;
  const bool has_envelope =
      parser.parse(simdjson::padded_string(response.body)).get(body) == simdjson::SUCCESS &&
      body["error"].get(object) == simdjson::SUCCESS && object.is_object();
  if (!has_envelope) return error_of_status(response);
  ServerError error = error_of(object, response.status);
  if (error.message.empty()) error.message = error_of_status(response).message;
  return error;
}

Refusal refusal_of(const ServerError& error) {
  if (error.status == 401 || error.status == 403 ||
      is_one_of(error.code, {"AUTH_REQUIRED", "INVALID_TOKEN", "FORBIDDEN"}))
    return Refusal::kAccess;
  if (error.status == 408 || error.code == "QUERY_TIMEOUT") return Refusal::kTimeout;
  if (is_one_of(error.code,
                {"INVALID_QUERY", "PARSE_ERROR", "QUERY_TOO_LARGE", "UNSUPPORTED_COMMAND"}))
    return Refusal::kQuery;
  if (error.code == "VALIDATION_ERROR") return Refusal::kRequest;
  if (error.status == 429 || error.status == 503) return Refusal::kBusy;
  return Refusal::kOther;
}

}  // namespace lynxdb::client
