#include "server/http/compression.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/check.h"

namespace lynxdb::server {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;
constexpr int kRawWindow = -15;
// Fast: answers are made while somebody waits.
constexpr int kLevel = 1;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

Bytef* bytes_of(std::string_view text) {
  // zlib's input is const in all but its type.
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

// An inflating z_stream.
class Inflater {
 public:
  explicit Inflater(int window) { LYNXDB_CHECK(::inflateInit2(&stream_, window) == Z_OK); }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

Error malformed() { return Error{ErrorCode::kInvalidArgument, "the compressed body is malformed"}; }

// Room for what may come next: doubled, so that a bomb costs no more than it unpacks to.
void grow(std::string& out, std::size_t bytes_max) {
  constexpr std::size_t kFirst = 64U << 10U;
  out.resize(std::min(bytes_max + 1, std::max(kFirst, out.size() * 2)));
}

Result<std::string> inflate_all(std::string_view packed, int window, std::size_t bytes_max) {
  Inflater in(window);
  in->next_in = bytes_of(packed);
  in->avail_in = static_cast<uInt>(packed.size());
  std::string out;
  std::size_t size = 0;
  while (true) {
    if (size == out.size()) grow(out, bytes_max);
    in->next_out = reinterpret_cast<Bytef*>(out.data() + size);
    in->avail_out = static_cast<uInt>(out.size() - size);
    const int status = ::inflate(in.get(), Z_NO_FLUSH);
    size = out.size() - in->avail_out;
    if (size > bytes_max)
      return Error{ErrorCode::kOverloaded,
                   "the body is larger than " + std::to_string(bytes_max) + " bytes unpacked"};
    if (status == Z_STREAM_END) {
      if (in->avail_in == 0) break;
      // Another gzip member; anything else behind the end is none of the body.
      if (window != kGzipWindow || ::inflateReset(in.get()) != Z_OK) return malformed();
    } else if (status != Z_OK || (in->avail_in == 0 && in->avail_out != 0)) {
      return malformed();
    }
  }
  out.resize(size);
  return out;
}

}  // namespace

Result<ContentCoding> content_coding(std::string_view header) {
  const std::string coding = lower(trimmed(header));
  if (coding.empty() || coding == "identity") return ContentCoding::kIdentity;
  if (coding == "gzip" || coding == "x-gzip") return ContentCoding::kGzip;
  if (coding == "deflate") return ContentCoding::kDeflate;
  return Error{ErrorCode::kInvalidArgument, "unsupported Content-Encoding '" + coding + "'",
               "send gzip, deflate, or no Content-Encoding"};
}

Result<std::string> unpack(std::string_view packed, ContentCoding coding, std::size_t bytes_max,
                           std::size_t padding) {
  std::string out;
  if (coding == ContentCoding::kIdentity) {
    out = packed;
  } else if (coding == ContentCoding::kGzip) {
    out = TRY(inflate_all(packed, kGzipWindow, bytes_max));
  } else {
    // "deflate" means zlib, but some send it without the frame.
    auto zlib = inflate_all(packed, kZlibWindow, bytes_max);
    if (!zlib.has_value() && zlib.error().code == ErrorCode::kInvalidArgument)
      zlib = inflate_all(packed, kRawWindow, bytes_max);
    out = TRY(std::move(zlib));
  }
  out.append(padding, '\0');
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::size_t comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string name = lower(trimmed(item.substr(0, semicolon)));
    if (name != "gzip" && name != "*") continue;
    std::string quality(item.substr(semicolon));
    std::erase(quality, ' ');
    return !(quality.starts_with(";q=0") &&
             quality.find_first_not_of("0.", 3) == std::string::npos);
  }
  return false;
}

struct GzipStream::Impl {
  z_stream stream{};

  std::string run(std::string_view bytes, int flush) {
    constexpr std::size_t kPiece = 64U << 10U;
    stream.next_in = bytes_of(bytes);
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    int status = Z_OK;
    do {
      const std::size_t size = out.size();
      out.resize(size + kPiece);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      stream.avail_out = kPiece;
      status = ::deflate(&stream, flush);
      LYNXDB_CHECK(status != Z_STREAM_ERROR);
      out.resize(out.size() - stream.avail_out);
    } while (stream.avail_out == 0 || (flush == Z_FINISH && status != Z_STREAM_END));
    return out;
  }
};

GzipStream::GzipStream() : impl_(std::make_unique<Impl>()) {
  constexpr int kMemoryLevel = 8;
  LYNXDB_CHECK(::deflateInit2(&impl_->stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                              Z_DEFAULT_STRATEGY) == Z_OK);
}
GzipStream::~GzipStream() { ::deflateEnd(&impl_->stream); }

std::string GzipStream::add(std::string_view bytes) { return impl_->run(bytes, Z_SYNC_FLUSH); }
std::string GzipStream::finish() { return impl_->run({}, Z_FINISH); }

std::string gzip(std::string_view bytes) {
  GzipStream stream;
  // zlib counts in 32 bits.
  constexpr std::size_t kPiece = 256U << 20U;
  std::string out;
  for (; bytes.size() > kPiece; bytes.remove_prefix(kPiece))
    out += stream.add(bytes.substr(0, kPiece));
  out += stream.add(bytes);
  return out + stream.finish();
}

}  // namespace lynxdb::server
