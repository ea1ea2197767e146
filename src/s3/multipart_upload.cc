#include "s3/multipart_upload.h"

#include <algorithm>
#include <utility>

#include "s3/checksum.h"

namespace lynxdb::s3 {

std::uint64_t part_size_for(std::uint64_t file_bytes, std::uint64_t wished_bytes) {
  return std::max(wished_bytes, file_bytes / kPartsMax + 1);
}

Result<bool> MultipartUpload::run(io::File& file, std::uint64_t file_bytes,
                                  std::uint64_t part_bytes) {
  TRY(begin());
  auto sent = send_parts(file, file_bytes, part_bytes);
  if (!sent) {
    abort();
    return std::move(sent).error();
  }
  auto completed = complete();
  if (!completed) abort();
  return completed;
}

Result<> MultipartUpload::begin() {
  S3Request request;
  request.method = "POST";
  request.key = key_;
  request.query = {{"uploads", ""}};
  request.headers = {{"Content-Type", "application/octet-stream"}};
  const S3Response response = TRY(client_.send(request));
  if (response.http.status != 200) return client_.error_of(response);
  upload_id_ = TRY(parse_upload_id(response.http.body));
  return {};
}

Result<> MultipartUpload::send_parts(io::File& file, std::uint64_t file_bytes,
                                     std::uint64_t part_bytes) {
  std::string part(static_cast<std::size_t>(part_bytes), '\0');
  for (std::uint64_t offset = 0; offset < file_bytes;) {
    const std::uint64_t size = std::min(part_bytes, file_bytes - offset);
    part.resize(static_cast<std::size_t>(size));
    const auto got = TRY(file.read_at(offset, std::as_writable_bytes(std::span(part))));
    if (got != size) {
      return Error{ErrorCode::kCorruption, "the file became shorter while it was read"};
    }
    TRY(send_part(part));
    offset += size;
  }
  return {};
}

Result<> MultipartUpload::send_part(std::string_view bytes) {
  const Md5 digest = md5(bytes);
  S3Request request;
  request.method = "PUT";
  request.key = key_;
  request.query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}};
  request.headers = {{"Content-MD5", to_base64(as_text(digest))},
                     {"Content-Type", "application/octet-stream"}};
  request.body = bytes;
  const S3Response response = TRY(client_.send(request));
  if (response.http.status != 200) {
    Error error = client_.error_of(response);
    // The object is not what is missing: somebody gave up our upload.
    if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kUnavailable;
    return error;
  }
  std::string etag(unquoted_etag(response.http.header("etag")));
  if (match_etag(etag, to_hex(as_text(digest)), response.http) == Match::kDifferent) {
    return Error{ErrorCode::kCorruption, "the service stored a part with another checksum"};
  }
  etags_.push_back(std::move(etag));
  digests_.push_back(digest);
  return {};
}

Result<bool> MultipartUpload::complete() {
  const std::string body = complete_request(etags_);
  S3Request request;
  request.method = "POST";
  request.key = key_;
  request.query = {{"uploadId", upload_id_}};
  request.headers = {{"Content-Type", "application/xml"}};
  request.body = body;
  request.slow = true;
  const S3Response response = TRY(client_.send(request));
  if (response.http.status == 404) return was_completed();
  if (response.http.status != 200) return client_.error_of(response);
  const auto etag = TRY(parse_completed_upload(response.http.body));
  if (!etag) {
    return Error{ErrorCode::kUnavailable, "the service could not put the parts together: " +
                                              parse_service_error(response.http.body).code};
  }
  const Match match = match_etag(*etag, multipart_etag(digests_), response.http);
  if (match == Match::kDifferent) {
    return Error{ErrorCode::kCorruption, "the service stored an object with another checksum"};
  }
  return match == Match::kSame;
}

Result<bool> MultipartUpload::was_completed() {
  S3Request request;
  request.method = "HEAD";
  request.key = key_;
  const S3Response response = TRY(client_.send(request));
  const std::string_view etag = unquoted_etag(response.http.header("etag"));
  // Only a checksum tells ours from an older object under the same key.
  if (response.http.status == 200 && etag == multipart_etag(digests_)) return true;
  return Error{ErrorCode::kUnavailable, "the service lost the upload before it was complete"};
}

void MultipartUpload::abort() {
  S3Request request;
  request.method = "DELETE";
  request.key = key_;
  request.query = {{"uploadId", upload_id_}};
  (void)client_.send(request);
}

}  // namespace lynxdb::s3
