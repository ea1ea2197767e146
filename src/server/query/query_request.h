// What a client asks of /query, /query/stream and /query/explain, from a JSON body or parameters.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/http/message.h"
#include "server/query/query_service.h"

namespace lynxdb::server {

enum class ResultFormat : std::uint8_t { kJson, kNdjson, kCsv, kTsv, kRaw };

struct QueryRequest {
  std::string text;
  std::string from;  // Time expressions; empty = no bound.
  std::string to;
  std::optional<std::uint64_t> limit;
  std::uint64_t offset = 0;
  std::optional<std::chrono::nanoseconds> wait;
  ResultFormat format = ResultFormat::kJson;
  bool has_format = false;
  std::optional<bool> partial_results;
};

enum class QueryRoute : std::uint8_t { kQuery, kStream };

// What a query string may hold (Route::parameters); `more`: one of the route's own.
std::vector<std::string_view> query_parameters(std::string_view more = "");

// Errors: kParse (the body is no JSON object: INVALID_JSON), kInvalidArgument (VALIDATION_ERROR).
Result<QueryRequest> read_query_request(const Request& request, QueryRoute route);

}  // namespace lynxdb::server
