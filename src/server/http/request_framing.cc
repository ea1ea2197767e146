#include "server/http/request_framing.h"

#include "server/http/errors.h"

namespace lynxdb::server {

namespace http = boost::beast::http;

std::optional<Response> check_framing(const HeadParser& parser, const Request& request,
                                      std::size_t header_bytes_max, Framing& framing) {
  const bool http_1_0 = parser.get().version() == 10;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  std::size_t head_bytes = parser.get().target().size();
  for (const auto& [name, value] : request.headers.all()) {
    head_bytes += name.size() + value.size() + 4;
    if (equals_ignoring_case(name, "Host")) ++hosts;
    if (equals_ignoring_case(name, "Content-Length")) ++lengths;
    if (equals_ignoring_case(name, "Transfer-Encoding")) ++codings;
  }
  // The parser looks at its limit only while a head is incomplete.
  if (head_bytes > header_bytes_max)
    return bad_request(431, "the head of the request is too large");
  if (hosts > 1 || (hosts == 0 && !http_1_0))
    return bad_request(400, "a request needs one Host header");
  if (lengths + codings > 1)
    return bad_request(400, "a request needs one of Content-Length and Transfer-Encoding, once");
  if (codings > 0) {
    const std::string_view coding = request.headers.get("Transfer-Encoding");
    if (http_1_0) return bad_request(400, "HTTP/1.0 has no Transfer-Encoding");
    if (!equals_ignoring_case(coding, "chunked") || !parser.chunked())
      return bad_request(501, "the only Transfer-Encoding is chunked");
    framing.chunked = true;
  }
  if (lengths > 0) {
    const auto length = parser.content_length();
    const std::string_view digits = request.headers.get("Content-Length");
    if (!length || digits.find_first_not_of("0123456789") != std::string_view::npos)
      return bad_request(400, "bad Content-Length");
    framing.length = *length;
  }
  const std::string_view expect = request.headers.get("Expect");
  if (!expect.empty() && !equals_ignoring_case(expect, "100-continue"))
    return bad_request(417, "the only expectation is 100-continue");
  return std::nullopt;
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::post:
      return Method::kPost;
    case http::verb::put:
      return Method::kPut;
    case http::verb::patch:
      return Method::kPatch;
    case http::verb::delete_:
      return Method::kDelete;
    case http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

Response bad_request(int status, std::string message) {
  Response response = error_response(
      ApiError{.status = status, .code = "BAD_REQUEST", .message = std::move(message)});
  response.close = true;
  return response;
}

Response too_large(std::size_t bytes_max, std::string_view setting) {
  std::string suggestion = "send smaller requests";
  if (!setting.empty()) suggestion.append(", or raise ").append(setting);
  Response response = error_response(
      ApiError{.status = 413,
               .code = "PAYLOAD_TOO_LARGE",
               .message = "the body is larger than " + std::to_string(bytes_max) + " bytes",
               .suggestion = std::move(suggestion)});
  response.close = true;
  return response;
}

Response header_error(const boost::system::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return bad_request(431, "the head of the request is too large");
  if (error == http::error::bad_version) return bad_request(505, "only HTTP/1.0 and HTTP/1.1");
  return bad_request(400, "not an HTTP request: " + error.message());
}

}  // namespace lynxdb::server
