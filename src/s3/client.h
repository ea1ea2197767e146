// Signed requests to one bucket: sent again while that may help, and their failures told in words
// that help a person.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "s3/address.h"
#include "s3/backoff.h"
#include "s3/credential_chain.h"
#include "s3/http.h"
#include "s3/options.h"
#include "s3/xml.h"

namespace lynxdb::s3 {

struct S3Request {
  std::string method = "GET";
  std::optional<std::string> key{};  // Ours; nothing: the bucket itself.
  Query query{};
  Headers headers{};        // Beside those that every request has; all are signed.
  std::string_view body{};  // Borrowed while send() runs.
  std::size_t response_bytes_max = 1U << 20U;
  bool slow = false;  // The service may be silent for long before it answers.
};

struct S3Response {
  HttpResponse http;
  ServiceError error{};  // Of a status of 300 and above, with the body parsed.
  int attempts = 1;      // More than one: an earlier one may have been carried out.
};

// Thread-safe.
class S3Client {
 public:
  struct Counters {
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> retries{0};
    std::atomic<std::uint64_t> bytes_sent{0};
    std::atomic<std::uint64_t> bytes_received{0};
  };

  // All must outlive the client.
  S3Client(const S3Options& options, Address address, HttpClient& http,
           CredentialChain& credentials, const base::Clock& clock);

  // The last answer, whatever its status. Errors: those of HttpClient and of CredentialChain.
  Result<S3Response> send(const S3Request& request);

  // The error that a response of status 300 and above means: kNotFound, kUnavailable, else
  // kInvalidArgument.
  Error error_of(const S3Response& response) const;

  void cancel();
  // False when it was cancelled: for those who repeat more than one request.
  bool pause(int attempt) { return backoff_.pause(attempt); }

  const Address& address() const { return address_; }
  const Counters& counters() const { return counters_; }

 private:
  enum class Verdict { kDone, kAgain, kAgainSoon };

  Result<S3Response> send_once(const S3Request& request, const Credentials& credentials);
  HttpRequest signed_request(const S3Request& request, const Credentials& credentials) const;
  Verdict judge(const S3Response& response, const Credentials& credentials, bool may_fix);
  bool adjust_clock(const HttpResponse& response);

  const S3Options options_;
  const Address address_;
  HttpClient& http_;
  CredentialChain& credentials_;
  const base::Clock& clock_;
  Backoff backoff_;
  Counters counters_;
  std::atomic<std::int64_t> clock_offset_ns_{
      0};  // The service's clock minus ours, once it complained.
};

}  // namespace lynxdb::s3
