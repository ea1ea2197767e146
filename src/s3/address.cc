#include "s3/address.h"

#include <algorithm>

#include <fmt/format.h>

#include "io/object_store.h"

namespace lynxdb::s3 {
namespace {

// S3's rules, and old buckets' upper case and underscores.
bool is_bucket(std::string_view name) {
  if (name.size() < 3 || name.size() > 255 || name.front() == '.' || name.back() == '.') {
    return false;
  }
  if (name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

// It becomes part of a host name and of a header.
bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 64 &&
         std::all_of(region.begin(), region.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

Error invalid(std::string message, std::string suggestion) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::move(suggestion)};
}

Result<std::string> checked_prefix(std::string_view prefix) {
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty()) return std::string();
  constexpr std::size_t kBytesMax = 100;  // With our keys it stays below S3's 1,024.
  if (prefix.size() > kBytesMax || !io::check_object_key(prefix)) {
    return invalid("bad S3 prefix \"" + std::string(prefix.substr(0, kBytesMax)) + "\"",
                   "storage.s3_prefix has at most 100 bytes; no part of it is empty or begins "
                   "with a dot");
  }
  return std::string(prefix) + "/";
}

std::string aws_host(std::string_view region) {
  return fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
}

// Whether the bucket can be a part of the host name that DNS and certificates accept.
bool fits_host(std::string_view bucket, const Url& endpoint) {
  const bool is_label =
      bucket.size() <= 63 && bucket.find('_') == std::string_view::npos &&
      std::none_of(bucket.begin(), bucket.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const bool has_dot = bucket.find('.') != std::string_view::npos;
  return is_label && !(endpoint.tls && has_dot) && !is_ip_address(endpoint.host) &&
         endpoint.host != "localhost";
}

}  // namespace

Result<Address> Address::of(const S3Options& options, std::string_view region) {
  if (!is_bucket(options.bucket)) {
    return invalid("bad S3 bucket name",
                   "storage.s3_bucket is the bucket's name alone, such as "
                   "my-logs: no s3://, no slash");
  }
  if (!is_region(region)) return invalid("bad S3 region", "a region is a word such as eu-west-1");
  Address address;
  address.region_ = region;
  address.bucket_ = options.bucket;
  address.prefix_ = TRY(checked_prefix(options.prefix));
  auto url = parse_url(options.endpoint.empty() ? "https://" + aws_host(region) : options.endpoint);
  if (!url) return std::move(url).error().in("storage.s3_endpoint");
  address.url_ = std::move(*url);
  if (!options.force_path_style && fits_host(options.bucket, address.url_)) {
    address.url_.host = options.bucket + "." + address.url_.host;
  } else {
    address.url_.path += "/" + options.bucket;
  }
  return address;
}

std::string Address::object_path(std::string_view key) const {
  return url_.path + "/" + percent_encode_path(bucket_key(key));
}

std::string Address::bucket_path() const { return url_.path.empty() ? "/" : url_.path; }

std::string Address::url(std::string_view path, std::string_view query) const {
  std::string text = url_.origin() + std::string(path);
  if (!query.empty()) text += "?" + std::string(query);
  return text;
}

}  // namespace lynxdb::s3
