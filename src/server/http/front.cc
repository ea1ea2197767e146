#include "server/http/front.h"

#include <algorithm>
#include <random>

#include "server/http/compression.h"
#include "server/http/errors.h"
#include "server/http/known_parameters.h"

namespace lynxdb::server {
namespace {

constexpr std::size_t kCompressBytesMin = 1024;
constexpr std::size_t kRequestIdBytesMax = 128;

// A client's id goes into a header and into logs: printable ASCII only.
bool is_request_id(std::string_view id) {
  return !id.empty() && id.size() <= kRequestIdBytesMax &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f; });
}

Response not_found(std::string_view path, std::string_view nearest) {
  constexpr std::size_t kShownMax = 256;
  return error_response(
      ApiError{.status = 404,
               .code = "NOT_FOUND",
               .message = "no route " + std::string(path.substr(0, kShownMax)),
               .suggestion = nearest.empty() ? "" : "did you mean " + std::string(nearest) + "?"});
}

Response method_not_allowed(const Request& request, std::string_view allowed) {
  Response response = error_response(ApiError{.status = 405,
                                              .code = "METHOD_NOT_ALLOWED",
                                              .message = "no " + request.method_text + " here",
                                              .suggestion = "allowed: " + std::string(allowed)});
  response.headers.add("Allow", allowed);
  return response;
}

bool is_compressible(std::string_view content_type) {
  return content_type.starts_with("application/") || content_type.starts_with("text/");
}

}  // namespace

std::string make_request_id() {
  static thread_local std::mt19937_64 random(std::random_device{}());
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id;
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = random();
    for (int digit = 0; digit < 16; ++digit, bits >>= 4U) id += kHex[bits & 15U];
  }
  return id;
}

Front::Plan Front::plan(Request& head) const {
  const std::string_view sent_id = head.headers.get("X-Request-ID");
  head.id = is_request_id(sent_id) ? std::string(sent_id) : make_request_id();
  Router::Match match = router_.find(head.method, head.path);
  if (match.route != nullptr) {
    head.path_parameters = std::move(match.parameters);
    if (shutting_down() && match.route->hangs_up)
      return {.route = nullptr, .answer = std::nullopt, .hangs_up = true};
    if (shutting_down() && !match.route->always) {
      Response response = error_response(ApiError{
          .status = 503, .code = "SHUTTING_DOWN", .message = "the server is shutting down"});
      response.close = true;
      return {.route = nullptr, .answer = std::move(response), .hangs_up = false};
    }
    if (match.route->parameters)
      if (const auto known = check_parameters(head.query, *match.route->parameters); !known)
        return {.route = nullptr, .answer = error_response(known.error()), .hangs_up = false};
    return {.route = match.route, .answer = std::nullopt, .hangs_up = false};
  }
  if (match.allowed.empty() && head.path != "*")
    return {.route = nullptr, .answer = not_found(head.path, match.nearest), .hangs_up = false};
  if (head.method == Method::kOptions) {
    Response response;
    response.status = 204;
    response.headers.add("Allow", match.allowed);
    return {.route = nullptr, .answer = std::move(response), .hangs_up = false};
  }
  return {.route = nullptr, .answer = method_not_allowed(head, match.allowed), .hangs_up = false};
}

void Front::finish(const Request& request, Response& response) const {
  if (!request.id.empty()) response.headers.add("X-Request-ID", request.id);
  add_cors(request, response);
  if (response.stream == nullptr) compress(request, response);
}

bool Front::allows_origin(std::string_view origin) const {
  return std::ranges::any_of(cors_origins_, [&](const std::string& allowed) {
    return allowed == "*" || equals_ignoring_case(allowed, origin);
  });
}

void Front::add_cors(const Request& request, Response& response) const {
  if (cors_origins_.empty()) return;
  response.headers.add("Vary", "Origin");
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty() || !allows_origin(origin)) return;
  response.headers.add("Access-Control-Allow-Origin", origin);
  response.headers.add("Access-Control-Expose-Headers", "X-Request-ID, X-Query-ID, Retry-After");
  if (request.method != Method::kOptions) return;
  response.headers.add("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
  const std::string_view wanted = request.headers.get("Access-Control-Request-Headers");
  if (!wanted.empty()) response.headers.add("Access-Control-Allow-Headers", wanted);
  response.headers.add("Access-Control-Max-Age", "600");
}

void Front::compress(const Request& request, Response& response) {
  if (response.body.size() <= kCompressBytesMin || !is_compressible(response.content_type) ||
      response.headers.find("Content-Encoding") ||
      !accepts_gzip(request.headers.get("Accept-Encoding")))
    return;
  response.body = gzip(response.body);
  response.headers.add("Content-Encoding", "gzip");
  response.headers.add("Vary", "Accept-Encoding");
}

}  // namespace lynxdb::server
