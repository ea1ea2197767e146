// What a request says and what it is answered with: plain data, without sockets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::server {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view to_string(Method method);

// Header fields in order. Names compare without case.
class Headers {
 public:
  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  // The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

// Names and values from the query string, or from a path pattern; decoded.
class Parameters {
 public:
  void add(std::string name, std::string value) {
    values_.emplace_back(std::move(name), std::move(value));
  }
  // The first of that name.
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return values_; }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// "%41+b" -> "A b"; a broken escape stays as it is. `plus_is_space` in query strings only.
std::string percent_decoded(std::string_view text, bool plus_is_space);
Parameters parse_query_string(std::string_view text);

// The parsers read up to this many bytes beyond a body.
inline constexpr std::size_t kBodyPaddingBytes = 64;

struct Request {
  Method method = Method::kGet;
  std::string method_text;
  std::string path;  // As sent (segments are decoded by the router), without query string.
  Parameters query;
  Headers headers;
  std::string client;  // IP address.
  std::string id;      // X-Request-ID: the client's, or made here.
  Parameters path_parameters;
  // Never null; kBodyPaddingBytes zero bytes follow the body itself, whose size is body_bytes.
  std::shared_ptr<std::string> body = std::make_shared<std::string>(kBodyPaddingBytes, '\0');
  std::size_t body_bytes = 0;
  bool too_large = false;  // Larger than the route takes: only to be refused in detail.

  std::string_view body_view() const { return std::string_view(*body).substr(0, body_bytes); }
};

// Splits "path?query", with or without "http://host" before it, into the request.
// Errors: kInvalidArgument when the target is neither.
Result<> set_target(std::string_view target, Request& request);

class BodyStream;  // body_stream.h

inline constexpr std::string_view kJson = "application/json; charset=utf-8";
inline constexpr std::string_view kNdjson = "application/x-ndjson; charset=utf-8";
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

struct Response {
  int status = 200;
  std::string content_type{kJson};
  Headers headers;
  std::string body;
  // When set, the body is what comes out of it, chunked; `body` is not used.
  std::shared_ptr<BodyStream> stream;
  bool close = false;  // The connection ends behind it.
};

std::string_view reason_phrase(int status);

}  // namespace lynxdb::server
