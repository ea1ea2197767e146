// What a server says when it refuses: the error envelope, and what it means for the caller.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "client/http_client.h"

namespace lynxdb::client {

struct ServerError {
  int status = 0;    // 0: the error came within a stream.
  std::string code;  // "INVALID_QUERY"; made from the status when the body names none.
  std::string message;
  std::string suggestion;
  std::optional<std::size_t> position;  // In the query, bytes.
  std::size_t length = 0;
};

// Of any answer that is no success, whatever its body is.
ServerError read_server_error(const Response& response);
// `{"code":...,"message":...}`: the object within an envelope or within `__error` of a stream.
ServerError read_error_object(std::string_view json, int status);

enum class Refusal : std::uint8_t {
  kQuery,    // The query does not parse or plan.
  kRequest,  // Another value is wrong.
  kTimeout,  // The server's limit for queries.
  kAccess,   // No key, a wrong one, or one that may not do this.
  kBusy,     // Retry later: 429, 503.
  kOther,
};
Refusal refusal_of(const ServerError& error);

}  // namespace lynxdb::client
