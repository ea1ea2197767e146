#include "server/http/errors.h"

#include "server/http/json_writer.h"

namespace lynxdb::server {

Response error_response(const ApiError& error) {
  Response response;
  response.status = error.status;
  JsonWriter out(response.body);
  out.begin_object().name("error").begin_object();
  out.member("code", error.code).member("message", error.message);
  if (!error.suggestion.empty()) out.member("suggestion", error.suggestion);
  if (!error.more.empty()) response.body += "," + error.more;
  out.end_object().end_object();
  response.body += '\n';
  if (error.status == 429 || error.status == 503)
    response.headers.add("Retry-After", std::to_string(error.retry_after_s));
  return response;
}

ApiError api_error(const Error& error) {
  ApiError out{.status = 400,
               .code = "VALIDATION_ERROR",
               .message = error.message,
               .suggestion = error.suggestion};
  const auto set = [&out](int status, std::string_view code) {
    out.status = status;
    out.code = code;
  };
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      break;
    case ErrorCode::kParse:
      set(400, "PARSE_ERROR");
      break;
    case ErrorCode::kNotFound:
      set(404, "NOT_FOUND");
      break;
    case ErrorCode::kConflict:
      set(409, "CONFLICT");
      break;
    case ErrorCode::kOverloaded:
      set(429, "BACKPRESSURE");
      break;
    case ErrorCode::kUnavailable:
      set(503, "UNAVAILABLE");
      break;
    case ErrorCode::kCancelled:
      set(499, "CANCELLED");
      break;
    case ErrorCode::kTimeout:
      set(408, "QUERY_TIMEOUT");
      break;
    case ErrorCode::kOutOfBudget:
      set(400, "QUERY_MEMORY_EXCEEDED");
      break;
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      set(500, "INTERNAL_ERROR");
      break;
  }
  return out;
}

Response validation_error(std::string message, std::string suggestion) {
  return error_response(
      ApiError{.message = std::move(message), .suggestion = std::move(suggestion)});
}

}  // namespace lynxdb::server
