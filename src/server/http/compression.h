// Compressed bodies: requests are unpacked within a limit, responses packed when the client asks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lynxdb::server {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kDeflate };

// Of a Content-Encoding header. kInvalidArgument for codings we do not read.
Result<ContentCoding> content_coding(std::string_view header);

// The whole body, `padding` zero bytes behind it. Errors: kOverloaded when it is longer than
// `bytes_max` (never more than that is unpacked), kInvalidArgument when it is malformed or cut.
// Several gzip members may follow each other.
Result<std::string> unpack(std::string_view packed, ContentCoding coding, std::size_t bytes_max,
                           std::size_t padding);

// Whether an Accept-Encoding header asks for gzip.
bool accepts_gzip(std::string_view accept_encoding);

std::string gzip(std::string_view bytes);

// A gzip stream piece by piece. Belongs to one thread.
class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  // Everything so far can be unpacked by who has the answers so far.
  std::string add(std::string_view bytes);
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lynxdb::server
