// CRC-32C: a table where the CPU has no instruction for it. The instruction takes three cycles to
// answer and one to start, so long inputs are cut into three parts that are summed side by side.
#include <array>
#include <cstring>

#include "base/hash.h"

namespace lynxdb::base {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78U;  // Reflected: bit 31 stands for x^0.

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    table[i] = crc;
  }
  return table;
}();

std::uint32_t crc32c_portable(const unsigned char* p, std::size_t n, std::uint32_t crc) {
  for (; n > 0; --n, ++p) crc = (crc >> 8U) ^ kCrcTable[(crc ^ *p) & 0xffU];
  return crc;
}

#ifdef __x86_64__

// Modulo the polynomial.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = 0x80000000U; bit != 0; bit >>= 1U) {
    if ((a & bit) != 0) product ^= b;
    b = (b >> 1U) ^ ((b & 1U) != 0 ? kPolynomial : 0U);
  }
  return product;
}

// x^(8 * bytes): what a sum is multiplied with when that many zeros follow.
constexpr std::uint32_t power_of(std::size_t bytes) {
  std::uint32_t power = 0x80000000U;
  std::uint32_t square = 0x00800000U;  // x^8
  for (; bytes != 0; bytes /= 2) {
    if (bytes % 2 != 0) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

// A sum behind `Bytes` zeros: a multiplication, byte by byte of the sum.
template <std::size_t Bytes>
std::uint32_t behind_zeros(std::uint32_t crc) {
  static constexpr std::array<std::array<std::uint32_t, 256>, 4> kProducts = [] {
    std::array<std::array<std::uint32_t, 256>, 4> products{};
    for (unsigned at = 0; at < 4; ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        const std::uint32_t product = multiply(1U << (8 * at + bit), power_of(Bytes));
        for (std::uint32_t i = 1U << bit; i < 256; ++i)
          if ((i >> bit & 1U) != 0) products[at][i] ^= product;
      }
    }
    return products;
  }();
  return kProducts[0][crc & 0xffU] ^ kProducts[1][crc >> 8U & 0xffU] ^
         kProducts[2][crc >> 16U & 0xffU] ^ kProducts[3][crc >> 24U];
}

std::uint64_t word_at(const unsigned char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Takes from `p` as many times 3 * Bytes as there are in `n` bytes.
template <std::size_t Bytes>
__attribute__((target("sse4.2"))) std::uint32_t take_threes(const unsigned char*& p, std::size_t& n,
                                                            std::uint32_t crc) {
  for (; n >= 3 * Bytes; n -= 3 * Bytes, p += 3 * Bytes) {
    std::uint64_t first = crc;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t i = 0; i < Bytes; i += 8) {
      first = __builtin_ia32_crc32di(first, word_at(p + i));
      second = __builtin_ia32_crc32di(second, word_at(p + Bytes + i));
      third = __builtin_ia32_crc32di(third, word_at(p + 2 * Bytes + i));
    }
    crc =
        behind_zeros<Bytes>(static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second);
    crc = behind_zeros<Bytes>(crc) ^ static_cast<std::uint32_t>(third);
  }
  return crc;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(const unsigned char* p, std::size_t n,
                                                             std::uint32_t crc) {
  // What a part costs besides its bytes is about what 100 bytes cost.
  crc = take_threes<4096>(p, n, crc);
  crc = take_threes<256>(p, n, crc);
  std::uint64_t wide = crc;
  for (; n >= 8; n -= 8, p += 8) wide = __builtin_ia32_crc32di(wide, word_at(p));
  crc = static_cast<std::uint32_t>(wide);
  for (; n > 0; --n, ++p) crc = __builtin_ia32_crc32qi(crc, *p);
  return crc;
}

#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
#ifdef __x86_64__
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  if (has_sse42) return ~crc32c_sse42(p, bytes.size(), ~seed);
#endif
  return ~crc32c_portable(p, bytes.size(), ~seed);
}

}  // namespace lynxdb::base
