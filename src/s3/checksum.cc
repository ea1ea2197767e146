#include "s3/checksum.h"

#include <algorithm>

namespace lynxdb::s3 {
namespace {

constexpr std::size_t kMd5Digits = 32;

// "d41d8cd98f00b204e9800998ecf8427e", perhaps with "-12" behind.
bool looks_like_md5(std::string_view etag, bool in_parts) {
  if (etag.size() < kMd5Digits || (etag.size() > kMd5Digits) != in_parts) return false;
  if (in_parts && etag[kMd5Digits] != '-') return false;
  return std::all_of(etag.begin(), etag.begin() + kMd5Digits,
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_encrypted_with_keys(const HttpResponse& response) {
  return response.header("x-amz-server-side-encryption").starts_with("aws:kms") ||
         !response.header("x-amz-server-side-encryption-customer-algorithm").empty();
}

}  // namespace

Match match_etag(std::string_view etag, std::string_view md5_hex, const HttpResponse& response) {
  if (etag == md5_hex) return Match::kSame;
  const bool in_parts = md5_hex.size() > kMd5Digits;
  if (!looks_like_md5(etag, in_parts) || is_encrypted_with_keys(response)) return Match::kUnknown;
  return Match::kDifferent;
}

std::string multipart_etag(std::span<const Md5> parts) {
  std::string digests;
  for (const Md5& part : parts) digests += as_text(part);
  return to_hex(as_text(md5(digests))) + "-" + std::to_string(parts.size());
}

}  // namespace lynxdb::s3
