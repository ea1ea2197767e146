#include "s3/client.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "s3/digest.h"
#include "s3/iso_time.h"
#include "s3/service_errors.h"
#include "s3/sigv4.h"

namespace lynxdb::s3 {
namespace {

using std::chrono::milliseconds;

// However slow the network, a request ends: a minute, and 20 s for each MB both ways.
milliseconds total_max(const S3Request& request) {
  constexpr std::size_t kBytesPerMs = 50;
  return milliseconds(60'000 + (request.body.size() + request.response_bytes_max) / kBytesPerMs) +
         (request.slow ? milliseconds(240'000) : milliseconds(0));
}

bool is_worth_repeating(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

// What a "bytes 0-9/100" promises; nothing when there is none.
std::optional<std::uint64_t> promised_bytes(const HttpResponse& response) {
  const std::string_view text = response.header("content-range");
  constexpr std::string_view kUnit = "bytes ";
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (!text.starts_with(kUnit)) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto begun = std::from_chars(text.data() + kUnit.size(), end, first);
  if (begun.ec != std::errc() || begun.ptr == end || *begun.ptr != '-') return std::nullopt;
  const auto ended = std::from_chars(begun.ptr + 1, end, last);
  if (ended.ec != std::errc() || last < first) return std::nullopt;
  return last - first + 1;
}

// Seconds; dates are not worth the trouble.
milliseconds retry_after(const HttpResponse& response) {
  const std::string_view text = response.header("retry-after");
  std::uint16_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(seconds);
}

}  // namespace

S3Client::S3Client(const S3Options& options, Address address, HttpClient& http,
                   CredentialChain& credentials, const base::Clock& clock)
    : options_(options),
      address_(std::move(address)),
      http_(http),
      credentials_(credentials),
      clock_(clock),
      backoff_(options.backoff_first, options.backoff_max) {}

void S3Client::cancel() {
  backoff_.cancel();
  http_.cancel();
}

Result<S3Response> S3Client::send(const S3Request& request) {
  bool may_fix = true;  // Credentials or clock: once.
  for (int attempt = 1;; ++attempt) {
    const Credentials credentials = TRY(credentials_.get());
    if (attempt > 1) counters_.retries.fetch_add(1, std::memory_order_relaxed);
    Result<S3Response> response = send_once(request, credentials);
    const bool is_last = attempt >= options_.attempts_max;
    if (!response) {
      if (is_last || !is_worth_repeating(response.error())) return response;
      if (!backoff_.pause(attempt)) return Error{ErrorCode::kCancelled, "stopped"};
      continue;
    }
    response->attempts = attempt;
    const Verdict verdict = judge(*response, credentials, may_fix);
    if (verdict == Verdict::kDone || is_last) return response;
    if (verdict == Verdict::kAgainSoon) {
      may_fix = false;
    } else if (!backoff_.pause(attempt, retry_after(response->http))) {
      return Error{ErrorCode::kCancelled, "stopped"};
    }
  }
}

Result<S3Response> S3Client::send_once(const S3Request& request, const Credentials& credentials) {
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  S3Response response;
  response.http = TRY(http_.send(signed_request(request, credentials)));
  counters_.bytes_sent.fetch_add(request.body.size(), std::memory_order_relaxed);
  counters_.bytes_received.fetch_add(response.http.body.size(), std::memory_order_relaxed);
  if (response.http.status >= 300) {
    response.error = parse_service_error(response.http.body);
  } else if (response.http.body.size() < promised_bytes(response.http).value_or(0)) {
    return Error{ErrorCode::kUnavailable, "the answer was cut off"};
  }
  return response;
}

HttpRequest S3Client::signed_request(const S3Request& request,
                                     const Credentials& credentials) const {
  const std::string time =
      amz_time(clock_.wall_ns() + clock_offset_ns_.load(std::memory_order_relaxed));
  SignedParts parts;
  parts.method = request.method;
  parts.path = request.key ? address_.object_path(*request.key) : address_.bucket_path();
  parts.query = request.query;
  parts.payload_sha256 = to_hex(as_text(sha256(request.body)));
  parts.headers = request.headers;
  parts.headers.emplace_back("Host", address_.authority());
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload_sha256);
  parts.headers.emplace_back("x-amz-date", time);
  if (!credentials.session_token.empty()) {
    parts.headers.emplace_back("x-amz-security-token", credentials.session_token);
  }

  HttpRequest http;
  http.method = request.method;
  http.url = address_.url(parts.path, canonical_query(request.query));
  http.headers = parts.headers;
  http.headers.emplace_back("Authorization",
                            authorization(parts, credentials, {.region = address_.region()}, time));
  http.body = request.body;
  http.response_bytes_max = request.response_bytes_max;
  http.connect_max = options_.connect_max;
  http.stall_max = request.slow ? options_.slow_stall_max : options_.stall_max;
  http.total_max = total_max(request);
  return http;
}

S3Client::Verdict S3Client::judge(const S3Response& response, const Credentials& credentials,
                                  bool may_fix) {
  switch (advice_for(response.http.status, response.error.code)) {
    case Advice::kAccept:
      return Verdict::kDone;
    case Advice::kRepeat:
      return Verdict::kAgain;
    case Advice::kRenewCredentials:
      credentials_.refuse(credentials);
      return may_fix ? Verdict::kAgainSoon : Verdict::kDone;
    case Advice::kAdjustClock:
      return may_fix && adjust_clock(response.http) ? Verdict::kAgainSoon : Verdict::kDone;
  }
  return Verdict::kDone;
}

bool S3Client::adjust_clock(const HttpResponse& response) {
  const auto theirs = parse_http_time(response.header("date"));
  if (!theirs) return false;
  clock_offset_ns_.store(*theirs - clock_.wall_ns(), std::memory_order_relaxed);
  return true;
}

Error S3Client::error_of(const S3Response& response) const {
  return error_of_service(response.http, response.error, address_);
}

}  // namespace lynxdb::s3
