#include "s3/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace lynxdb::s3 {
namespace {

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <typename Digest>
Digest digest_of(std::string_view bytes, const EVP_MD* algorithm) {
  Digest digest{};
  unsigned size = 0;
  LYNXDB_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) ==
                   1 &&
               size == digest.size());
  return digest;
}

}  // namespace

Sha256 sha256(std::string_view bytes) { return digest_of<Sha256>(bytes, EVP_sha256()); }

Md5 md5(std::string_view bytes) { return digest_of<Md5>(bytes, EVP_md5()); }

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 digest{};
  unsigned size = 0;
  LYNXDB_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(bytes),
                    bytes.size(), digest.data(), &size) != nullptr &&
               size == digest.size());
  return digest;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

std::string to_base64(std::string_view bytes) {
  // EVP_EncodeBlock ends with a zero.
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace lynxdb::s3
