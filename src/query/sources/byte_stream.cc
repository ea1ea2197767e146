#include "query/sources/byte_stream.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace lynxdb::query {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

// Before the frames a compressor may put one to skip (pzstd does): 16 magics, the first byte is
// 0x50 to 0x5f.
constexpr std::string_view kZstdSkippableMagic = "\x50\x2a\x4d\x18";
constexpr unsigned char kZstdSkippableMask = 0xf0;

constexpr std::size_t kCompressedBytes = 128U << 10U;

// Memory that a zstd frame may ask for: 2^27 = 128 MB, what `zstd` itself accepts without a flag.
constexpr int kZstdWindowLogMax = 27;

// The input as it is, with the bytes that were read to look at its magic given back first.
class PlainStream : public ByteStream {
 public:
  PlainStream(std::shared_ptr<InputFile> input, std::vector<char> start,
              const Cancellation& cancellation)
      : input_(std::move(input)), start_(std::move(start)), cancellation_(cancellation) {}

  Result<std::size_t> read(std::span<char> out) override {
    std::size_t n = std::min(out.size(), start_.size() - start_used_);
    if (n > 0) {
      std::memcpy(out.data(), start_.data() + start_used_, n);
      start_used_ += n;
    } else {
      n = TRY(input_->read(out, cancellation_));
    }
    bytes_ += n;
    return n;
  }
  bool ready() const override { return start_used_ < start_.size() || input_->ready(); }
  std::uint64_t input_bytes() const override { return bytes_; }
  const std::string& name() const { return input_->name(); }

 private:
  std::shared_ptr<InputFile> input_;
  std::vector<char> start_;
  std::size_t start_used_ = 0;
  std::uint64_t bytes_ = 0;
  const Cancellation& cancellation_;
};

// What gzip and zstd share: a buffer of compressed bytes, refilled when it is used up.
class Decompressor : public ByteStream {
 public:
  explicit Decompressor(std::unique_ptr<PlainStream> input)
      : input_(std::move(input)), buffer_(kCompressedBytes) {}

  Result<std::size_t> read(std::span<char> out) final {
    while (true) {
      const std::size_t n = TRY(decompress(out));
      if (n > 0) return n;
      if (used_ == size_ && !TRY(refill())) {
        if (between_frames()) return std::size_t{0};
        return corruption("ends in the middle of its compressed data");
      }
    }
  }
  bool ready() const final { return used_ < size_ || input_->ready(); }
  std::uint64_t input_bytes() const final { return input_->input_bytes(); }

 protected:
  // Decompresses from pending() into `out`; calls consume. 0 = needs more input.
  virtual Result<std::size_t> decompress(std::span<char> out) = 0;
  // Whether the input may end here.
  virtual bool between_frames() const = 0;

  std::span<char> pending() { return std::span(buffer_).subspan(used_, size_ - used_); }
  void consume(std::size_t bytes) { used_ += bytes; }
  Error corruption(std::string_view what) const {
    return {ErrorCode::kCorruption, input_->name() + " " + std::string(what)};
  }

 private:
  Result<bool> refill() {
    used_ = 0;
    size_ = TRY(input_->read(buffer_));
    return size_ > 0;
  }

  std::unique_ptr<PlainStream> input_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
};

class GzipStream : public Decompressor {
 public:
  explicit GzipStream(std::unique_ptr<PlainStream> input) : Decompressor(std::move(input)) {
    constexpr int kGzipOnly = 16;
    LYNXDB_CHECK(inflateInit2(&state_, MAX_WBITS + kGzipOnly) == Z_OK);
  }
  ~GzipStream() override { inflateEnd(&state_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

 protected:
  Result<std::size_t> decompress(std::span<char> out) override {
    if (member_ended_ && !start_member()) return std::size_t{0};
    const std::span<char> in = pending();
    state_.next_in = reinterpret_cast<Bytef*>(in.data());
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1U << 30U));
    const uInt room = state_.avail_out;
    const int outcome = inflate(&state_, Z_NO_FLUSH);
    consume(in.size() - state_.avail_in);
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) {
      return corruption("has damaged gzip data");
    }
    member_ended_ = outcome == Z_STREAM_END;
    return std::size_t{room - state_.avail_out};
  }
  bool between_frames() const override { return member_ended_; }

 private:
  // A gzip file may be several one after the other (`cat a.gz b.gz`), padded with zeros (tapes).
  bool start_member() {
    while (!pending().empty() && pending().front() == '\0') consume(1);
    if (pending().empty()) return false;
    inflateReset(&state_);
    member_ended_ = false;
    return true;
  }

  z_stream state_{};
  bool member_ended_ = false;
};

class ZstdStream : public Decompressor {
 public:
  explicit ZstdStream(std::unique_ptr<PlainStream> input)
      : Decompressor(std::move(input)), state_(ZSTD_createDStream()) {
    LYNXDB_CHECK(state_ != nullptr);
    ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ~ZstdStream() override { ZSTD_freeDStream(state_); }
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;

 protected:
  Result<std::size_t> decompress(std::span<char> out) override {
    const std::span<char> compressed = pending();
    if (compressed.empty() && !output_left_) return std::size_t{0};
    ZSTD_inBuffer in{.src = compressed.data(), .size = compressed.size(), .pos = 0};
    ZSTD_outBuffer decompressed{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t outcome = ZSTD_decompressStream(state_, &decompressed, &in);
    consume(in.pos);
    if (ZSTD_isError(outcome) != 0) {
      return corruption(std::string("has damaged zstd data: ") + ZSTD_getErrorName(outcome));
    }
    frame_ended_ = outcome == 0;
    output_left_ = outcome != 0 && decompressed.pos == decompressed.size;
    return decompressed.pos;
  }
  bool between_frames() const override { return frame_ended_; }

 private:
  ZSTD_DStream* state_;
  bool frame_ended_ = false;
  bool output_left_ = false;  // The frame may have more to give without further input.
};

bool starts_like(std::string_view start, std::string_view magic) {
  const std::size_t n = std::min(start.size(), magic.size());
  return start.substr(0, n) == magic.substr(0, n);
}

}  // namespace

CompressionGuess guess_compression(std::span<const char> bytes) {
  std::string start(bytes.data(), bytes.size());
  for (const auto& [magic, compression] :
       {std::pair{kGzipMagic, Compression::kGzip}, std::pair{kZstdMagic, Compression::kZstd},
        std::pair{kZstdSkippableMagic, Compression::kZstd}}) {
    if (magic == kZstdSkippableMagic && !start.empty())
      start[0] = static_cast<char>(static_cast<unsigned char>(start[0]) & kZstdSkippableMask);
    if (!starts_like(start, magic)) continue;
    if (start.size() >= magic.size()) return {.compression = compression};
    return {.more_could_tell = true};
  }
  return {};
}

Result<std::unique_ptr<ByteStream>> open_stream(std::shared_ptr<InputFile> input,
                                                const Cancellation& cancellation) {
  std::array<char, 4> start{};
  std::size_t size = 0;
  CompressionGuess guess{.more_could_tell = true};
  while (guess.more_could_tell && size < start.size()) {
    const std::size_t n = TRY(input->read(std::span(start).subspan(size), cancellation));
    if (n == 0) break;
    size += n;
    guess = guess_compression(std::span(start).first(size));
  }
  auto plain = std::make_unique<PlainStream>(
      std::move(input),
      std::vector<char>(start.begin(), start.begin() + static_cast<std::ptrdiff_t>(size)),
      cancellation);
  std::unique_ptr<ByteStream> stream;
  if (guess.compression == Compression::kGzip) {
    stream = std::make_unique<GzipStream>(std::move(plain));
  } else if (guess.compression == Compression::kZstd) {
    stream = std::make_unique<ZstdStream>(std::move(plain));
  } else {
    stream = std::move(plain);
  }
  return stream;
}

}  // namespace lynxdb::query
