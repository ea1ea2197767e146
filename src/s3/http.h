// One HTTP request and its answer: the seam between what S3 means and how bytes travel.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::s3 {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  Headers headers{};
  std::string_view body{};  // Borrowed while send() runs.
  std::size_t response_bytes_max = 1U << 20U;
  std::chrono::milliseconds connect_max{5'000};
  std::chrono::milliseconds stall_max{20'000};  // Without a byte in either direction.
  std::chrono::milliseconds total_max{300'000};
  bool direct = false;  // Past any proxy of the environment.
};

struct HttpResponse {
  int status = 0;
  Headers headers{};  // Names in lower case.
  std::string body{};

  // "" when there is none; the first when there are several.
  std::string_view header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return {};
  }
};

// Thread-safe; send() blocks. Errors: kUnavailable (no connection, or it broke: the request may
// have been carried out), kTimeout, kCancelled, kCorruption (a longer body than asked for),
// kInvalidArgument (the server's certificate is not trusted). Any status is a success here.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
  // What is under way and everything later fails with kCancelled, within about a second.
  virtual void cancel() = 0;
};

}  // namespace lynxdb::s3
