#include "server/http/chunked_decoder.h"

#include <algorithm>

namespace lynxdb::server {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Neither line ends nor NUL may stand in extensions and trailers.
bool is_text(char c) { return c == '\t' || static_cast<unsigned char>(c) >= 0x20; }

}  // namespace

ChunkedDecoder::State ChunkedDecoder::feed(std::string_view& in, std::string& out,
                                           std::size_t out_max) {
  while (!in.empty() && phase_ != Phase::kDone && phase_ != Phase::kBad) {
    if (phase_ == Phase::kData) {
      const std::size_t take =
          static_cast<std::size_t>(std::min<std::uint64_t>({chunk_left_, in.size(), out_max}));
      if (take == 0) return State::kMore;  // No room.
      out.append(in.substr(0, take));
      in.remove_prefix(take);
      out_max -= take;
      chunk_left_ -= take;
      if (chunk_left_ == 0) phase_ = Phase::kDataCr;
      continue;
    }
    const char c = in.front();
    in.remove_prefix(1);
    step(c);
  }
  if (phase_ == Phase::kBad) return State::kBad;
  return phase_ == Phase::kDone ? State::kDone : State::kMore;
}

void ChunkedDecoder::step_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    chunk_left_ = chunk_left_ * 16 + static_cast<std::uint64_t>(digit);
    if (++digits_ > kSizeDigitsMax) phase_ = Phase::kBad;
    return;
  }
  if (digits_ == 0) {
    phase_ = Phase::kBad;
  } else if (c == ';') {
    phase_ = Phase::kExtension;
  } else {
    phase_ = c == '\r' ? Phase::kSizeLf : Phase::kBad;
  }
}

void ChunkedDecoder::step(char c) {
  const auto expect = [&](char wanted, Phase next) { phase_ = c == wanted ? next : Phase::kBad; };
  const auto text_up_to_cr = [&](Phase next) {
    if (c == '\r')
      phase_ = next;
    else if (!is_text(c) || ++extra_ > kExtensionsMax)
      phase_ = Phase::kBad;
  };
  switch (phase_) {
    case Phase::kSize:
      return step_size(c);
    case Phase::kExtension:
      return text_up_to_cr(Phase::kSizeLf);
    case Phase::kSizeLf:
      digits_ = 0;
      return expect('\n', chunk_left_ == 0 ? Phase::kTrailer : Phase::kData);
    case Phase::kDataCr:
      return expect('\r', Phase::kDataLf);
    case Phase::kDataLf:
      return expect('\n', Phase::kSize);
    case Phase::kTrailer:
      if (c == '\r') {
        phase_ = Phase::kLastLf;
        return;
      }
      phase_ = Phase::kTrailerLine;
      return text_up_to_cr(Phase::kTrailerLf);
    case Phase::kTrailerLine:
      return text_up_to_cr(Phase::kTrailerLf);
    case Phase::kTrailerLf:
      return expect('\n', Phase::kTrailer);
    case Phase::kLastLf:
      return expect('\n', Phase::kDone);
    case Phase::kData:
    case Phase::kDone:
    case Phase::kBad:
      return;
  }
}

}  // namespace lynxdb::server
