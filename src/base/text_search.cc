#include "base/text_search.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/byte_block.h"

namespace lynxdb::base {
namespace {

// Bytes by how often they stand in logs (JSON, access logs and text), the most frequent first. What
// is not named is rarer than all of these.
constexpr std::string_view kFrequent =
    "\"e 0s1:ta,2or3inc4d5-678l9mu.p_/hgbf={}ykvw;)(TMSAIRxzCjqEGLPONDHFUXK[]WB%VJYZQ";

constexpr std::array<std::uint8_t, 256> make_ranks() {
  std::array<std::uint8_t, 256> ranks{};
  for (std::size_t i = 0; i < kFrequent.size(); ++i) {
    ranks[static_cast<unsigned char>(kFrequent[i])] =
        static_cast<std::uint8_t>(kFrequent.size() - i);
  }
  // Parts of UTF-8 sequences come in crowds where they come at all.
  for (std::size_t byte = 0x80; byte < 256; ++byte) ranks[byte] = 40;
  return ranks;
}
constexpr std::array<std::uint8_t, 256> kFrequencyRanks = make_ranks();

constexpr bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The searched byte, twice: what is compared in all 32 places first.
struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;
  unsigned char first_byte = 0;
  unsigned char second_byte = 0;
  unsigned char first_fold = 0;
  unsigned char second_fold = 0;
};

// Whether any of the four blocks at `p` holds a place where both bytes fit: asked at once, without
// leaving the vector registers, because most have none.
LYNXDB_INLINE bool any_pair(const Pair& pair, const char* p) {
  ByteBlock any{};
  for (std::size_t i = 0; i < 4; ++i, p += kBlockBytes) {
    ByteBlock first;
    ByteBlock second;
    std::memcpy(&first, p + pair.first, sizeof first);
    std::memcpy(&second, p + pair.second, sizeof second);
    // Zero where both are the searched bytes.
    const ByteBlock differs = ((first | pair.first_fold) ^ pair.first_byte) |
                              ((second | pair.second_fold) ^ pair.second_byte);
    any |= static_cast<ByteBlock>(differs == 0);
  }
  return LYNXDB_BLOCK_MASK(any != 0) != 0;
}

// Places in [begin, end) from which both bytes fit. Precondition: end - begin >= 32. `fits`
// confirms.
template <typename Fits>
LYNXDB_INLINE const char* find_pair(const Pair& pair, const char* begin, const char* end,
                                    const Fits& fits) {
  constexpr std::ptrdiff_t kStrideBytes = 4 * kBlockBytes;
  const char* p = begin;
  while (true) {
    // At least one whole block is left for what follows.
    while (end - p >= kStrideBytes + static_cast<std::ptrdiff_t>(kBlockBytes) &&
           !any_pair(pair, p)) {
      p += kStrideBytes;
    }
    std::uint32_t mask = bytes_equal_folded(p + pair.first, pair.first_fold, pair.first_byte) &
                         bytes_equal_folded(p + pair.second, pair.second_fold, pair.second_byte);
    for (; mask != 0; mask &= mask - 1) {
      const char* place = p + std::countr_zero(mask);
      if (fits(place)) return place;
    }
    p += kBlockBytes;
    if (p >= end) return nullptr;
    // The last block overlaps the one before; what was refused there is refused again.
    if (end - p < static_cast<std::ptrdiff_t>(kBlockBytes)) p = end - kBlockBytes;
  }
}

LYNXDB_INLINE std::size_t count_byte_blocks(std::string_view text, char wanted) {
  std::size_t count = 0;
  std::size_t i = 0;
  for (; i + kBlockBytes <= text.size(); i += kBlockBytes) {
    count += static_cast<std::size_t>(std::popcount(bytes_equal(text.data() + i, wanted)));
  }
  for (; i < text.size(); ++i) count += text[i] == wanted ? 1 : 0;
  return count;
}

bool blank_line_from(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < text.size() && text[i] != '\n'; ++i) {
    if (static_cast<unsigned char>(text[i]) > ' ') return false;
  }
  return true;
}

// Counts line starts; only those with a blank byte are looked at more closely.
LYNXDB_INLINE std::size_t count_lines_blocks(std::string_view text) {
  std::size_t count = 0;
  std::uint32_t start_here = 1;  // Whether byte i begins a line.
  std::size_t i = 0;
  for (; i + kBlockBytes <= text.size(); i += kBlockBytes) {
    const std::uint32_t ends = bytes_equal(text.data() + i, '\n');
    const std::uint32_t starts = (ends << 1U) | start_here;
    start_here = ends >> 31U;
    const std::uint32_t doubtful = starts & bytes_blank(text.data() + i);
    count += static_cast<std::size_t>(std::popcount(starts & ~doubtful));
    for (std::uint32_t rest = doubtful; rest != 0; rest &= rest - 1) {
      const std::size_t at = i + static_cast<std::size_t>(std::countr_zero(rest));
      count += blank_line_from(text, at) ? 0 : 1;
    }
  }
  for (; i < text.size(); ++i) {
    if (start_here != 0 && !blank_line_from(text, i)) ++count;
    start_here = text[i] == '\n' ? 1 : 0;
  }
  return count;
}

LYNXDB_INLINE std::size_t find_special_blocks(std::string_view text, std::size_t from) {
  std::size_t i = from;
  for (; i + kBlockBytes <= text.size(); i += kBlockBytes) {
    const std::uint32_t mask = bytes_special_in_json(text.data() + i);
    if (mask != 0) return i + static_cast<std::size_t>(std::countr_zero(mask));
  }
  for (; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '"' || byte == '\\' || byte < 0x20) return i;
  }
  return text.size();
}

template <typename Fits>
LYNXDB_TARGET_AVX2 const char* find_pair_avx2(const Pair& pair, const char* begin, const char* end,
                                              const Fits& fits) {
  return find_pair(pair, begin, end, fits);
}
LYNXDB_TARGET_AVX2 std::size_t count_byte_avx2(std::string_view text, char wanted) {
  return count_byte_blocks(text, wanted);
}
LYNXDB_TARGET_AVX2 std::size_t count_lines_avx2(std::string_view text) {
  return count_lines_blocks(text);
}
LYNXDB_TARGET_AVX2 std::size_t find_special_avx2(std::string_view text, std::size_t from) {
  return find_special_blocks(text, from);
}

}  // namespace

SubstringFinder::SubstringFinder(std::string_view needle, LetterCase letter_case)
    : needle_(needle),
      folds_(needle.size(), '\0'),
      folding_(letter_case == LetterCase::kIgnoreAscii),
      avx2_(has_avx2()) {
  for (std::size_t i = 0; folding_ && i < needle_.size(); ++i) {
    if (!is_ascii_letter(needle_[i])) continue;
    needle_[i] = static_cast<char>(needle_[i] | 0x20);
    folds_[i] = 0x20;
  }
  // The rarest byte, then the rarest one of another value.
  const auto rank = [this](std::size_t i) {
    return kFrequencyRanks[static_cast<unsigned char>(needle_[i])];
  };
  for (std::size_t i = 1; i < needle_.size(); ++i) {
    if (rank(i) < rank(first_)) first_ = i;
  }
  second_ = first_;
  for (std::size_t i = 0; i < needle_.size(); ++i) {
    if (needle_[i] == needle_[first_]) continue;
    if (second_ == first_ || rank(i) < rank(second_)) second_ = i;
  }
  if (second_ < first_) std::swap(first_, second_);
}

bool SubstringFinder::fits_at(const char* p) const {
  if (!folding_) return std::memcmp(p, needle_.data(), needle_.size()) == 0;
  for (std::size_t i = 0; i < needle_.size(); ++i) {
    if ((p[i] | folds_[i]) != needle_[i]) return false;
  }
  return true;
}

std::size_t SubstringFinder::find_naive(std::string_view haystack, std::size_t from) const {
  for (std::size_t at = from; at + needle_.size() <= haystack.size(); ++at) {
    if (fits_at(haystack.data() + at)) return at;
  }
  return npos;
}

std::size_t SubstringFinder::find(std::string_view haystack, std::size_t from) const {
  if (from > haystack.size() || haystack.size() - from < needle_.size()) return npos;
  if (needle_.empty()) return from;
  const std::size_t places = haystack.size() - from - needle_.size() + 1;
  if (places < kBlockBytes) return find_naive(haystack, from);

  const Pair pair{.first = first_,
                  .second = second_,
                  .first_byte = static_cast<unsigned char>(needle_[first_]),
                  .second_byte = static_cast<unsigned char>(needle_[second_]),
                  .first_fold = static_cast<unsigned char>(folds_[first_]),
                  .second_fold = static_cast<unsigned char>(folds_[second_])};
  const char* begin = haystack.data() + from;
  const auto fits = [this](const char* p) { return fits_at(p); };
  const char* found = avx2_ ? find_pair_avx2(pair, begin, begin + places, fits)
                            : find_pair(pair, begin, begin + places, fits);
  return found == nullptr ? npos : static_cast<std::size_t>(found - haystack.data());
}

std::size_t count_byte(std::string_view text, char wanted) {
  return has_avx2() ? count_byte_avx2(text, wanted) : count_byte_blocks(text, wanted);
}

std::size_t count_lines_not_blank(std::string_view text) {
  return has_avx2() ? count_lines_avx2(text) : count_lines_blocks(text);
}

std::size_t find_json_special(std::string_view text, std::size_t from) {
  return has_avx2() ? find_special_avx2(text, from) : find_special_blocks(text, from);
}

std::size_t TextSearchAccess::count_byte_plain(std::string_view text, char wanted) {
  return count_byte_blocks(text, wanted);
}
std::size_t TextSearchAccess::count_lines_not_blank_plain(std::string_view text) {
  return count_lines_blocks(text);
}
std::size_t TextSearchAccess::find_json_special_plain(std::string_view text, std::size_t from) {
  return find_special_blocks(text, from);
}

}  // namespace lynxdb::base
