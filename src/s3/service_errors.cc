#include "s3/service_errors.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lynxdb::s3 {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view code, const std::array<std::string_view, N>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Statuses below 500 that pass, too.
constexpr std::array<std::string_view, 8> kBusy = {
    "SlowDown",         "RequestTimeout",         "OperationAborted", "Throttling",
    "RequestThrottled", "ConcurrentModification", "InternalError",    "ServiceUnavailable"};
constexpr std::array<std::string_view, 4> kStaleCredentials = {
    "ExpiredToken", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId"};

// What a person can do about it.
std::string suggestion_for(std::string_view code, int status) {
  if (code == "NoSuchBucket") return "create the bucket, or correct storage.s3_bucket";
  if (code == "SignatureDoesNotMatch") {
    return "the secret key is not that of the access key, or a proxy changed the request";
  }
  if (is_one_of(code, kStaleCredentials)) {
    return "the service does not know these credentials: check the access key, and that it "
           "belongs to this endpoint";
  }
  if (code == "RequestTimeTooSkewed") {
    return "this machine's clock and the service's differ: set the clock (NTP)";
  }
  if (code == "AccessDenied" || status == 403) {
    return "the credentials need s3:GetObject, s3:PutObject, s3:DeleteObject, "
           "s3:AbortMultipartUpload on the objects and s3:ListBucket on the bucket";
  }
  return {};
}

std::string region_of(const HttpResponse& response, const ServiceError& error) {
  return error.region.empty() ? std::string(response.header("x-amz-bucket-region")) : error.region;
}

// A redirection, or a signature for another region.
bool is_elsewhere(const HttpResponse& response, const ServiceError& error) {
  return (response.status >= 300 && response.status < 400) ||
         error.code == "AuthorizationHeaderMalformed";
}

Error elsewhere(const Address& address, const std::string& region) {
  if (region.empty() || region == address.region()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the bucket \"{}\" is at another address", address.bucket()),
                 "check storage.s3_region, storage.s3_endpoint and storage.s3_force_path_style"};
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the bucket \"{}\" is in the region {}, not in {}", address.bucket(),
                           region.substr(0, 64), address.region()),
               "set storage.s3_region to " + region.substr(0, 64)};
}

ErrorCode code_for(int status, std::string_view code) {
  if (advice_for(status, code) == Advice::kRepeat) return ErrorCode::kUnavailable;
  // Without a body (HEAD) a missing bucket looks as a missing object does.
  if (status == 404 && code != "NoSuchBucket") return ErrorCode::kNotFound;
  return ErrorCode::kInvalidArgument;
}

}  // namespace

Advice advice_for(int status, std::string_view code) {
  if (status < 300) return Advice::kAccept;
  if (code == "RequestTimeTooSkewed") return Advice::kAdjustClock;
  if (is_one_of(code, kStaleCredentials)) return Advice::kRenewCredentials;
  if (code == "NotImplemented" || status == 501) return Advice::kAccept;
  // To HEAD there are no words; it may be any of the above.
  if (code.empty() && (status == 400 || status == 403)) return Advice::kRenewCredentials;
  if (status >= 500 || status == 429 || status == 408) return Advice::kRepeat;
  return is_one_of(code, kBusy) ? Advice::kRepeat : Advice::kAccept;
}

Error error_of_service(const HttpResponse& response, const ServiceError& error,
                       const Address& address) {
  const bool is_answer = advice_for(response.status, error.code) == Advice::kAccept;
  if (is_answer && is_elsewhere(response, error)) {
    return elsewhere(address, region_of(response, error));
  }
  std::string message = fmt::format("the service answers {}", response.status);
  if (!error.code.empty()) message += " " + error.code;
  if (!error.message.empty()) message += ": " + error.message;
  if (error.code == "NoSuchBucket") message += fmt::format(" (\"{}\")", address.bucket());
  if (!error.request_id.empty()) message += " (request " + error.request_id + ")";
  return Error{code_for(response.status, error.code), std::move(message),
               suggestion_for(error.code, response.status)};
}

}  // namespace lynxdb::s3
