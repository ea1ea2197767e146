// Hashes by purpose: fnv32a for the sharding key (part of the cluster's contract), xxh3 for hash
// tables, crc32c for bytes on disk and wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lynxdb::base {

// FNV-1a, 32 bits (Fowler, Noll, Vo; offset basis 2166136261, prime 16777619).
constexpr std::uint32_t fnv32a(std::string_view bytes) {
  std::uint32_t hash = 2166136261U;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 16777619U;
  }
  return hash;
}

// XXH3 64 bits. In-memory use only: not a promise across versions.
std::uint64_t xxh3(std::string_view bytes);
std::uint64_t xxh3(std::string_view bytes, std::uint64_t seed);

// Mixes an integer into a well-spread 64-bit hash.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 32U;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32U;
  x *= 0xd6e8feb86659fd93ULL;
  x ^= x >> 32U;
  return x;
}

// CRC-32C (Castagnoli), hardware accelerated where the CPU has it. `seed` continues a running crc:
// crc32c(b, crc32c(a)) == crc32c(ab).
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0);
inline std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0) {
  return crc32c(std::as_bytes(std::span(bytes)), seed);
}

}  // namespace lynxdb::base
