// The error envelope: {"error": {"code", "message", "suggestion"?, ...}}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "server/http/message.h"

namespace lynxdb::server {

struct ApiError {
  int status = 400;
  std::string_view code = "VALIDATION_ERROR";
  std::string message;
  std::string suggestion{};
  // Further members of the error object as JSON text (`"position":3,"length":5`), or empty.
  std::string more{};
  std::int64_t retry_after_s = 1;  // Of 429 and 503.
};

// 429 and 503 get a Retry-After.
Response error_response(const ApiError& error);

// What an error of a lower layer is to a client who asked for something.
ApiError api_error(const Error& error);
inline Response error_response(const Error& error) { return error_response(api_error(error)); }

Response validation_error(std::string message, std::string suggestion = "");

}  // namespace lynxdb::server
