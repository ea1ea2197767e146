// The chunked coding of a request body (RFC 9112, 7.1), strict: what other servers may read
// differently is refused, so that no request can hide in another's body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lynxdb::server {

// Belongs to one connection. Holds no body bytes.
class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { kMore, kDone, kBad };

  // Reads from the front of `in`, removes what it has read, and appends body bytes to `out`, at
  // most `out_max` per call. kMore: give it more bytes, or more room. kDone: what is left of `in`
  // belongs to the next request. kBad: the framing is broken, the connection is of no use.
  State feed(std::string_view& in, std::string& out, std::size_t out_max);

 private:
  enum class Phase : std::uint8_t {
    kSize,       // Hex digits.
    kExtension,  // Behind ';', up to CR.
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,  // At the start of a line behind the last chunk.
    kTrailerLine,
    kTrailerLf,
    kLastLf,
    kDone,
    kBad,
  };

  void step(char c);
  void step_size(char c);

  static constexpr int kSizeDigitsMax = 15;            // 60 bits: no overflow.
  static constexpr std::size_t kExtensionsMax = 4096;  // Bytes of extensions and trailers together.

  Phase phase_ = Phase::kSize;
  std::uint64_t chunk_left_ = 0;
  int digits_ = 0;
  std::size_t extra_ = 0;
};

}  // namespace lynxdb::server
