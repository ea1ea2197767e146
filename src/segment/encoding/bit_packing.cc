#include "segment/encoding/bit_packing.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/byte_block.h"
#include "base/check.h"

namespace lynxdb::segment {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kSteps = kPackedGroup / kLanes;
using Lanes = std::uint32_t __attribute__((vector_size(kLanes * 4)));

constexpr std::uint64_t low_bits(unsigned width) {
  return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

// --- Groups --------------------------------------------------------------------------------------

template <unsigned Width>
LYNXDB_INLINE void unpack_group(const char* group, std::uint32_t* out) {
  if constexpr (Width == 0) {
    std::memset(out, 0, kPackedGroup * sizeof(std::uint32_t));
  } else {
    const Lanes mask = Lanes{} + static_cast<std::uint32_t>(low_bits(Width));
#pragma clang loop unroll(full)
    for (std::size_t step = 0; step < kSteps; ++step) {
      const std::size_t word = step * Width / 32;
      const unsigned shift = step * Width % 32;
      Lanes values;
      std::memcpy(&values, group + word * sizeof(Lanes), sizeof(Lanes));
      values >>= shift;
      if (shift + Width > 32) {
        Lanes high;
        std::memcpy(&high, group + (word + 1) * sizeof(Lanes), sizeof(Lanes));
        values |= high << (32 - shift);
      }
      values &= mask;
      std::memcpy(out + step * kLanes, &values, sizeof(Lanes));
    }
  }
}

template <unsigned Width>
void unpack_group_plain(const char* group, std::uint32_t* out) {
  unpack_group<Width>(group, out);
}

template <unsigned Width>
LYNXDB_TARGET_AVX2 void unpack_group_avx2(const char* group, std::uint32_t* out) {
  unpack_group<Width>(group, out);
}

using UnpackGroup = void (*)(const char*, std::uint32_t*);
using UnpackTable = std::array<UnpackGroup, 33>;

template <std::size_t... Width>
constexpr UnpackTable plain_table(std::index_sequence<Width...>) {
  return {&unpack_group_plain<Width>...};
}
template <std::size_t... Width>
constexpr UnpackTable avx2_table(std::index_sequence<Width...>) {
  return {&unpack_group_avx2<Width>...};
}

UnpackGroup group_unpacker(unsigned width) {
  static constexpr UnpackTable kPlain = plain_table(std::make_index_sequence<33>());
  static constexpr UnpackTable kAvx2 = avx2_table(std::make_index_sequence<33>());
  return base::has_avx2() ? kAvx2[width] : kPlain[width];
}

void pack_group(std::span<const std::uint64_t> values, unsigned width, char* out) {
  std::array<std::uint32_t, kLanes * 32> words{};
  for (std::size_t i = 0; i < kPackedGroup; ++i) {
    const std::size_t bit = i / kLanes * width;
    const std::uint64_t shifted = values[i] << (bit % 32);
    const std::size_t word = bit / 32 * kLanes + i % kLanes;
    words[word] |= static_cast<std::uint32_t>(shifted);
    if (bit % 32 + width > 32) words[word + kLanes] |= static_cast<std::uint32_t>(shifted >> 32U);
  }
  std::memcpy(out, words.data(), packed_group_bytes(width));
}

std::uint32_t group_value(const char* group, unsigned width, std::size_t i) {
  const std::size_t bit = i / kLanes * width;
  const std::size_t word = bit / 32 * kLanes + i % kLanes;
  std::uint32_t low;
  std::memcpy(&low, group + word * 4, 4);
  std::uint64_t both = low;
  if (bit % 32 + width > 32) {
    std::uint32_t high;
    std::memcpy(&high, group + (word + kLanes) * 4, 4);
    both |= std::uint64_t{high} << 32U;
  }
  return static_cast<std::uint32_t>((both >> (bit % 32)) & low_bits(width));
}

// --- Tails ---------------------------------------------------------------------------------------

void pack_tail(std::span<const std::uint64_t> values, unsigned width, char* out) {
  std::size_t bit = 0;
  for (const std::uint64_t value : values) {
    for (unsigned done = 0; done < width;) {
      const unsigned shift = (bit + done) % 8;
      char& byte = out[(bit + done) / 8];
      byte = static_cast<char>(static_cast<unsigned char>(byte) | ((value >> done) << shift));
      done += 8 - shift;
    }
    bit += width;
  }
}

std::uint64_t tail_value(std::string_view tail, unsigned width, std::size_t i) {
  const std::size_t bit = i * width;
  const unsigned shift = bit % 8;
  const std::string_view from = tail.substr(bit / 8);
  std::uint64_t low = 0;
  std::memcpy(&low, from.data(), std::min<std::size_t>(from.size(), 8));
  std::uint64_t value = low >> shift;
  if (shift + width > 64) {
    value |= std::uint64_t{static_cast<unsigned char>(from[8])} << (64 - shift);
  }
  return value & low_bits(width);
}

template <typename T>
void unpack_tail(std::string_view tail, unsigned width, std::span<T> out) {
  if (width == 0) {
    std::fill(out.begin(), out.end(), T{0});
    return;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<T>(tail_value(tail, width, i));
  }
}

std::size_t grouped(std::size_t count, unsigned width) {
  return width > 32 ? 0 : count - count % kPackedGroup;
}

}  // namespace

void pack(std::span<const std::uint64_t> values, unsigned width, std::string& out) {
  LYNXDB_CHECK(width <= kPackedWidthMax);
  const std::size_t begin = out.size();
  out.resize(begin + packed_bytes(values.size(), width));
  if (width == 0) return;
  char* to = out.data() + begin;
  const std::size_t in_groups = grouped(values.size(), width);
  for (std::size_t i = 0; i < in_groups; i += kPackedGroup, to += packed_group_bytes(width)) {
    pack_group(values.subspan(i, kPackedGroup), width, to);
  }
  pack_tail(values.subspan(in_groups), width, to);
}

void unpack(std::string_view packed, unsigned width, std::span<std::uint32_t> out) {
  LYNXDB_CHECK(width <= 32 && packed.size() == packed_bytes(out.size(), width));
  const UnpackGroup unpack_one = group_unpacker(width);
  const std::size_t in_groups = grouped(out.size(), width);
  for (std::size_t i = 0; i < in_groups; i += kPackedGroup) {
    unpack_one(packed.data(), out.data() + i);
    packed.remove_prefix(packed_group_bytes(width));
  }
  unpack_tail(packed, width, out.subspan(in_groups));
}

void unpack(std::string_view packed, unsigned width, std::span<std::uint64_t> out) {
  LYNXDB_CHECK(width <= kPackedWidthMax && packed.size() == packed_bytes(out.size(), width));
  std::array<std::uint32_t, kPackedGroup> group;
  const std::size_t in_groups = grouped(out.size(), width);
  for (std::size_t i = 0; i < in_groups; i += kPackedGroup) {
    group_unpacker(width)(packed.data(), group.data());
    std::copy(group.begin(), group.end(), out.begin() + static_cast<std::ptrdiff_t>(i));
    packed.remove_prefix(packed_group_bytes(width));
  }
  unpack_tail(packed, width, out.subspan(in_groups));
}

std::uint64_t packed_at(std::string_view packed, unsigned width, std::size_t count, std::size_t i) {
  LYNXDB_DCHECK(i < count && packed.size() == packed_bytes(count, width));
  if (width == 0) return 0;
  const std::size_t in_groups = grouped(count, width);
  if (i < in_groups) {
    const std::size_t group = i / kPackedGroup;
    return group_value(packed.data() + group * packed_group_bytes(width), width, i % kPackedGroup);
  }
  return tail_value(packed.substr(in_groups / kPackedGroup * packed_group_bytes(width)), width,
                    i - in_groups);
}

}  // namespace lynxdb::segment
