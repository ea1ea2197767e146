// What S3 says in XML. Any bytes are survived: no entities beyond XML's five, no recursion, one
// pass over an answer whose size the HTTP client has bounded.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "s3/credentials.h"

namespace lynxdb::s3 {

struct ServiceError {
  std::string code;  // "NoSuchKey"; empty when the answer is no <Error>.
  std::string message;
  std::string region;      // Where the bucket is, of errors about regions.
  std::string request_id;  // For the service's operators.
};

// An error's texts are cut to a length and cleaned of control bytes: they go into messages.
ServiceError parse_service_error(std::string_view xml);

// Of ListObjectsV2 with encoding-type=url. Keys are as sent: with the bucket's prefix, unchecked.
// kParse when it is none.
Result<io::ObjectPage> parse_object_list(std::string_view xml);

// Of CreateMultipartUpload. kParse.
Result<std::string> parse_upload_id(std::string_view xml);

// Of CompleteMultipartUpload: the object's ETag without quotes. S3 may answer 200 and <Error> after
// all: then nothing. kParse.
Result<std::optional<std::string>> parse_completed_upload(std::string_view xml);

struct KeyError {
  std::string key;
  std::string code;
  std::string message;
};

// Of DeleteObjects: the keys that it could not delete. kParse.
Result<std::vector<KeyError>> parse_delete_result(std::string_view xml);

// Of STS AssumeRoleWithWebIdentity. kParse.
Result<Credentials> parse_assumed_role(std::string_view xml);

// STS puts <Error> into <ErrorResponse>.
ServiceError parse_sts_error(std::string_view xml);

// --- What we say. ---

std::string delete_request(std::span<const std::string> keys);
// ETags of parts 1, 2, ..., without quotes.
std::string complete_request(std::span<const std::string> etags);

// Without the quotes around it.
std::string_view unquoted_etag(std::string_view etag);

}  // namespace lynxdb::s3
