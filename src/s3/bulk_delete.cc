#include "s3/bulk_delete.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "s3/digest.h"
#include "s3/service_errors.h"

namespace lynxdb::s3 {
namespace {

constexpr std::size_t kKeysMax = 1'000;  // S3 takes no more at once.

Result<std::vector<KeyError>> send(S3Client& client, std::span<const std::string> bucket_keys) {
  const std::string body = delete_request(bucket_keys);
  S3Request request;
  request.method = "POST";
  request.query = {{"delete", ""}};
  request.headers = {{"Content-MD5", to_base64(as_text(md5(body)))},
                     {"Content-Type", "application/xml"}};
  request.body = body;
  request.slow = true;
  request.response_bytes_max = 8U << 20U;
  const S3Response response = TRY(client.send(request));
  if (response.http.status != 200) return client.error_of(response);
  return parse_delete_result(response.http.body);
}

// A key's failure as if it had been asked for alone.
Error error_of(const S3Client& client, const KeyError& failed) {
  S3Response response;
  response.http.status = failed.code == "AccessDenied" ? 403 : 400;
  response.error.code = failed.code;
  response.error.message = failed.message;
  return client.error_of(response);
}

// Of at most kKeysMax.
Result<> delete_some(S3Client& client, std::vector<std::string> bucket_keys, int attempts_max) {
  for (int attempt = 1;; ++attempt) {
    const std::vector<KeyError> failed = TRY(send(client, bucket_keys));
    if (failed.empty()) return {};
    bucket_keys.clear();
    for (const KeyError& key : failed) {
      if (key.code == "NoSuchKey") continue;
      if (attempt >= attempts_max || advice_for(400, key.code) != Advice::kRepeat) {
        return error_of(client, key);
      }
      bucket_keys.push_back(key.key);
    }
    if (bucket_keys.empty()) return {};
    if (!client.pause(attempt)) return Error{ErrorCode::kCancelled, "stopped"};
  }
}

}  // namespace

Result<> delete_objects(S3Client& client, std::span<const std::string> keys, int attempts_max) {
  while (!keys.empty()) {
    const std::span<const std::string> some = keys.first(std::min(keys.size(), kKeysMax));
    keys = keys.subspan(some.size());
    std::vector<std::string> bucket_keys;
    bucket_keys.reserve(some.size());
    for (const std::string& key : some) bucket_keys.push_back(client.address().bucket_key(key));
    TRY(delete_some(client, std::move(bucket_keys), attempts_max));
  }
  return {};
}

}  // namespace lynxdb::s3
