// 32 bytes of text at a time, for loops that are compiled twice: plainly, and inside a function
// with
// __attribute__((target("avx2,bmi"))), chosen at run time by `has_avx2`.
//
// Written with the compiler's vectors instead of intrinsics: the same source becomes one AVX2
// instruction or two of SSE2 (or the like elsewhere). Everything here must be inlined into its
// caller to take over the caller's target; hence the attribute, which loops built on it need too.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#define LYNXDB_INLINE __attribute__((always_inline)) inline

#if defined(__x86_64__)
#define LYNXDB_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define LYNXDB_TARGET_AVX2
#endif

namespace lynxdb::base {

// Whether functions marked LYNXDB_TARGET_AVX2 may be called on this machine. Cheap after the first
// call.
inline bool has_avx2() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
                          __builtin_cpu_supports("popcnt");
  return has;
#else
  return false;
#endif
}

inline constexpr std::size_t kBlockBytes = 32;

using ByteBlock = unsigned char __attribute__((vector_size(kBlockBytes)));
using BlockBits = bool __attribute__((ext_vector_type(kBlockBytes)));

// All of these read exactly 32 bytes at `p`; bit i of the answer stands for byte p[i].

// Bits of the lanes that are all ones in a comparison's outcome.
#define LYNXDB_BLOCK_MASK(comparison)                                               \
  ({                                                                                \
    const BlockBits lynxdb_bits = __builtin_convertvector((comparison), BlockBits); \
    std::uint32_t lynxdb_mask;                                                      \
    std::memcpy(&lynxdb_mask, &lynxdb_bits, sizeof lynxdb_mask);                    \
    lynxdb_mask;                                                                    \
  })

LYNXDB_INLINE std::uint32_t bytes_equal(const char* p, char wanted) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK(block == static_cast<unsigned char>(wanted));
}

// Bytes for which (byte | fold) is `wanted`.
LYNXDB_INLINE std::uint32_t bytes_equal_folded(const char* p, unsigned char fold,
                                               unsigned char wanted) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK((block | fold) == wanted);
}

// Bytes that end or interrupt a JSON string: quote, backslash, control characters.
LYNXDB_INLINE std::uint32_t bytes_special_in_json(const char* p) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK((block == '"') | (block == '\\') | (block < 0x20));
}

// Bytes that are no decimal digits.
LYNXDB_INLINE std::uint32_t bytes_not_digits(const char* p) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK((block - '0') > 9);
}

// Bytes up to and including the space: whitespace and control characters.
LYNXDB_INLINE std::uint32_t bytes_blank(const char* p) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK(block <= ' ');
}

// Bytes outside ASCII.
LYNXDB_INLINE std::uint32_t bytes_not_ascii(const char* p) {
  ByteBlock block;
  std::memcpy(&block, p, sizeof block);
  return LYNXDB_BLOCK_MASK(block >= 0x80);
}

// Bytes that differ from the 32 at `q`.
LYNXDB_INLINE std::uint32_t bytes_different(const char* p, const char* q) {
  ByteBlock a;
  ByteBlock b;
  std::memcpy(&a, p, sizeof a);
  std::memcpy(&b, q, sizeof b);
  return LYNXDB_BLOCK_MASK(a != b);
}

}  // namespace lynxdb::base
