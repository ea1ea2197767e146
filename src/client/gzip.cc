#include "client/gzip.h"

#include <zlib.h>

#include "base/check.h"

namespace lynxdb::client {

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // +16: gzip's header, not zlib's.
  constexpr int kMemory = 8;
  z_stream stream{};
  LYNXDB_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory,
                            Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib's interface is not const, but it does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  LYNXDB_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace lynxdb::client
