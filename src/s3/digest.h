// The hashes that S3 signs and checks with, over OpenSSL.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace lynxdb::s3 {

using Sha256 = std::array<unsigned char, 32>;
using Md5 = std::array<unsigned char, 16>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
Md5 md5(std::string_view bytes);

// Lower case.
std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);

template <std::size_t N>
std::string_view as_text(const std::array<unsigned char, N>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace lynxdb::s3
