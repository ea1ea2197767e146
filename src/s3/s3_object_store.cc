#include "s3/s3_object_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "s3/bulk_delete.h"
#include "s3/checksum.h"
#include "s3/curl_client.h"
#include "s3/iso_time.h"
#include "s3/multipart_upload.h"
#include "s3/profile_file.h"

namespace lynxdb::s3 {
namespace {

// Room for an error's XML where little else is asked for.
constexpr std::size_t kErrorBytesMax = 64U << 10U;
// 1,000 keys of 1,024 bytes, each as %XX, and what is said about them.
constexpr std::size_t kListBytesMax = 8U << 20U;

// storage.s3_region, AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1.
Result<std::string> find_region(const S3Options& options, const S3ObjectStore::Machine& machine) {
  if (!options.region.empty()) return options.region;
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = machine.environment(variable)) return *region;
  }
  const FoundProfile found = TRY(read_profile(*machine.file_system, machine.environment));
  if (found.settings) {
    const auto region = found.settings->find("region");
    if (region != found.settings->end() && !region->second.empty()) return region->second;
  }
  return std::string("us-east-1");
}

std::unique_ptr<HttpClient> make_http(const S3ObjectStore::Machine& machine,
                                      std::size_t connections_max) {
  return std::make_unique<CurlClient>(
      CurlClient::Options{.connections_max = std::max<std::size_t>(connections_max, 1),
                          .ca_file = machine.environment("AWS_CA_BUNDLE").value_or("")});
}

Error shorter_than_asked(io::ByteRange range) {
  return Error{
      ErrorCode::kCorruption,
      fmt::format("it is shorter than what is wanted, {} bytes from {}", range.size, range.offset)};
}

}  // namespace

Result<std::unique_ptr<S3ObjectStore>> S3ObjectStore::open(const S3Options& options,
                                                           Machine machine) {
  std::string region = TRY(find_region(options, machine));
  Address address = TRY(Address::of(options, region));
  return std::unique_ptr<S3ObjectStore>(
      new S3ObjectStore(options, std::move(machine), std::move(region), std::move(address)));
}

S3ObjectStore::S3ObjectStore(const S3Options& options, Machine machine, std::string region,
                             Address address)
    : options_(options),
      machine_(std::move(machine)),
      credential_http_(make_http(machine_, 1)),
      http_(make_http(machine_, options.connections_max)),
      credentials_(default_sources({.environment = machine_.environment,
                                    .file_system = machine_.file_system,
                                    .http = credential_http_.get(),
                                    .region = std::move(region)}),
                   *machine_.clock),
      client_(options, std::move(address), *http_, credentials_, *machine_.clock) {}

S3ObjectStore::~S3ObjectStore() = default;

template <typename T>
Result<T> S3ObjectStore::finish(std::string_view operation, std::string_view key,
                                Result<T> result) {
  if (result) return result;
  if (result.error().code != ErrorCode::kNotFound) {
    errors_.fetch_add(1, std::memory_order_relaxed);
  }
  return std::move(result).error().in(fmt::format("S3 {} {}", operation, key));
}

Result<> S3ObjectStore::put(std::string_view key, std::string_view bytes) {
  TRY(io::check_object_key(key));
  return finish("put", key, put_bytes(std::string(key), bytes));
}

Result<> S3ObjectStore::put_bytes(const std::string& key, std::string_view bytes) {
  const Md5 digest = md5(bytes);
  S3Request request;
  request.method = "PUT";
  request.key = key;
  request.headers = {{"Content-MD5", to_base64(as_text(digest))},
                     {"Content-Type", "application/octet-stream"}};
  request.body = bytes;
  const S3Response response = TRY(client_.send(request));
  if (response.http.status != 200) return client_.error_of(response);
  const std::string_view etag = unquoted_etag(response.http.header("etag"));
  switch (match_etag(etag, to_hex(as_text(digest)), response.http)) {
    case Match::kSame:
      return {};
    case Match::kDifferent:
      return Error{ErrorCode::kCorruption, "the service stored it with another checksum"};
    case Match::kUnknown:
      break;
  }
  return check_length(key, bytes.size());
}

Result<> S3ObjectStore::check_length(const std::string& key, std::uint64_t size_bytes) {
  const io::ObjectInfo stored = TRY(head_object(key));
  if (stored.size_bytes == size_bytes) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the service stored {} bytes of {}", stored.size_bytes, size_bytes)};
}

Result<> S3ObjectStore::put_file(std::string_view key, io::File& file) {
  TRY(io::check_object_key(key));
  return finish("put", key, put_any_file(std::string(key), file));
}

Result<> S3ObjectStore::put_any_file(const std::string& key, io::File& file) {
  const std::uint64_t size = TRY(file.size());
  const std::uint64_t part_bytes = part_size_for(size, options_.part_bytes);
  if (size > part_bytes) {
    const bool is_checked = TRY(MultipartUpload(client_, key).run(file, size, part_bytes));
    return is_checked ? Result<>() : check_length(key, size);
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (TRY(file.read_at(0, std::as_writable_bytes(std::span(bytes)))) != size) {
    return Error{ErrorCode::kCorruption, "the file became shorter while it was read"};
  }
  return put_bytes(key, bytes);
}

Result<std::string> S3ObjectStore::get(std::string_view key, io::ByteRange range) {
  TRY(io::check_object_key(key));
  return finish("get", key, get_range(std::string(key), range));
}

Result<std::string> S3ObjectStore::get_range(const std::string& key, io::ByteRange range) {
  if (range.size == 0) {  // HTTP cannot ask for nothing.
    const io::ObjectInfo stored = TRY(head_object(key));
    return stored.size_bytes < range.offset ? Result<std::string>(shorter_than_asked(range))
                                            : Result<std::string>(std::string());
  }
  const std::uint64_t last = range.offset + range.size - 1;
  if (last < range.offset) return shorter_than_asked(range);
  S3Request request;
  request.key = key;
  request.headers = {{"Range", fmt::format("bytes={}-{}", range.offset, last)}};
  request.response_bytes_max =
      static_cast<std::size_t>(std::max<std::uint64_t>(range.size, kErrorBytesMax));
  S3Response response = TRY(client_.send(request));
  if (response.http.status == 416) return shorter_than_asked(range);
  if (response.http.status >= 300) return client_.error_of(response);
  std::string bytes = std::move(response.http.body);
  // A service may answer the whole object to those who ask for all of it.
  const bool is_range = response.http.status == 206 || range.offset == 0;
  if (!is_range || bytes.size() != range.size) return shorter_than_asked(range);
  return bytes;
}

Result<io::ObjectInfo> S3ObjectStore::head(std::string_view key) {
  TRY(io::check_object_key(key));
  return finish("head", key, head_object(std::string(key)));
}

Result<io::ObjectInfo> S3ObjectStore::head_object(const std::string& key) {
  S3Request request;
  request.method = "HEAD";
  request.key = key;
  const S3Response response = TRY(client_.send(request));
  if (response.http.status != 200) return client_.error_of(response);
  io::ObjectInfo info;
  info.key = key;
  const std::string_view length = response.http.header("content-length");
  const auto [stop, error] =
      std::from_chars(length.data(), length.data() + length.size(), info.size_bytes);
  const auto modified = parse_http_time(response.http.header("last-modified"));
  if (error != std::errc() || stop != length.data() + length.size() || !modified) {
    return Error{ErrorCode::kParse, "the answer tells no length or time"};
  }
  info.modified_ns = *modified;
  return info;
}

Result<io::ObjectPage> S3ObjectStore::list(std::string_view prefix, std::string_view after,
                                           std::size_t limit) {
  if (limit == 0 || limit > kListMax) {
    return Error{ErrorCode::kInvalidArgument, "list: the limit is 1 to 1000"};
  }
  return finish("list", prefix, list_page(prefix, after, limit));
}

Result<io::ObjectPage> S3ObjectStore::list_page(std::string_view prefix, std::string_view after,
                                                std::size_t limit) {
  const std::string& ours = client_.address().prefix();
  S3Request request;
  request.query = {{"list-type", "2"},
                   {"encoding-type", "url"},
                   {"max-keys", std::to_string(limit)},
                   {"prefix", ours + std::string(prefix)}};
  if (!after.empty()) request.query.emplace_back("start-after", ours + std::string(after));
  request.response_bytes_max = kListBytesMax;
  const S3Response response = TRY(client_.send(request));
  if (response.http.status != 200) {
    Error error = client_.error_of(response);
    // There is no object to be found: whatever is missing, a person must look.
    if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kInvalidArgument;
    return error;
  }
  io::ObjectPage page = TRY(parse_object_list(response.http.body));
  for (io::ObjectInfo& object : page.objects) {
    if (!object.key.starts_with(ours)) return Error{ErrorCode::kParse, "a key outside the prefix"};
    object.key.erase(0, ours.size());
  }
  // Callers go on after the last key.
  if (page.more && (page.objects.empty() || page.objects.back().key <= after)) {
    return Error{ErrorCode::kParse, "a list that does not get on"};
  }
  return page;
}

Result<> S3ObjectStore::remove(std::span<const std::string> keys) {
  for (const std::string& key : keys) TRY(io::check_object_key(key));
  if (keys.empty()) return {};
  const std::string which = keys.size() == 1 ? keys.front() : std::to_string(keys.size()) + " keys";
  return finish("delete", which, delete_objects(client_, keys, options_.attempts_max));
}

void S3ObjectStore::cancel() {
  credential_http_->cancel();
  client_.cancel();
}

io::ObjectStoreStats S3ObjectStore::stats() const {
  const S3Client::Counters& counters = client_.counters();
  io::ObjectStoreStats stats;
  stats.requests = counters.requests.load(std::memory_order_relaxed);
  stats.retries = counters.retries.load(std::memory_order_relaxed);
  stats.errors = errors_.load(std::memory_order_relaxed);
  stats.bytes_sent = counters.bytes_sent.load(std::memory_order_relaxed);
  stats.bytes_received = counters.bytes_received.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace lynxdb::s3
