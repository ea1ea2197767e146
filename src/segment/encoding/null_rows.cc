#include "segment/encoding/null_rows.h"

#include <bit>

#include "segment/encoding/compression.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr std::uint8_t kNone = 0;
constexpr std::uint8_t kBits = 1;
constexpr std::uint8_t kCompressedBits = 2;

}  // namespace

void put_null_rows(const event::Column& column, Compression compression, std::string& out) {
  if (!column.has_nulls()) {
    out.push_back(static_cast<char>(kNone));
    return;
  }
  std::string bits((column.size() + 7) / 8, '\0');
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!column.is_null(row)) continue;
    char& byte = bits[row / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << (row % 8));
  }
  std::string smaller;
  put_compressed(bits, compression, smaller);
  if (smaller.size() < bits.size()) {
    out.push_back(static_cast<char>(kCompressedBits));
    out += smaller;
  } else {
    out.push_back(static_cast<char>(kBits));
    out += bits;
  }
}

Result<NullRows> NullRows::parse(base::ByteReader& in, std::size_t rows) {
  NullRows result;
  result.rows_ = rows;
  const std::size_t size = (rows + 7) / 8;
  const auto form = in.fixed<std::uint8_t>();
  std::string room;
  std::string_view bits;
  if (form == kNone && !in.failed()) return result;
  if (form == kBits) {
    bits = in.take(size);
  } else if (form == kCompressedBits) {
    const CompressedBlock block = TRY(take_compressed(in, size));
    if (block.size != size) return corrupt("null bits for another number of rows");
    room.resize(size);
    TRY(decompress(block, room.data()));
    bits = room;
  } else {
    return corrupt("unknown form of null rows");
  }
  if (in.failed()) return corrupt("null bits end early");
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (unsigned byte = static_cast<unsigned char>(bits[i]); byte != 0; byte &= byte - 1) {
      result.bitmap_.set(i * 8 + static_cast<std::size_t>(std::countr_zero(byte)));
      ++result.nulls_;
    }
  }
  if (rows % 8 != 0 && static_cast<unsigned char>(bits.back()) >> (rows % 8) != 0) {
    return corrupt("null bits behind the last row");
  }
  return result;
}

std::vector<std::uint32_t> NullRows::present_rows() const {
  std::vector<std::uint32_t> result;
  result.reserve(present());
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!test(row)) result.push_back(static_cast<std::uint32_t>(row));
  }
  return result;
}

std::size_t NullRows::present_before(std::size_t row) const {
  std::size_t nulls = 0;
  const std::span<const std::uint64_t> words = bitmap_.words();
  for (std::size_t word = 0; word < words.size() && word * 64 < row; ++word) {
    const std::size_t bits = row - word * 64;
    const std::uint64_t before = bits < 64 ? (std::uint64_t{1} << bits) - 1 : ~std::uint64_t{0};
    nulls += static_cast<std::size_t>(std::popcount(words[word] & before));
  }
  return row - nulls;
}

NullRows::Selection NullRows::select(std::span<const std::uint32_t> rows) const {
  Selection result;
  result.positions.reserve(rows.size());
  result.targets.reserve(rows.size());
  const std::span<const std::uint64_t> words = bitmap_.words();
  std::size_t nulls_before = 0;  // In the words before `word`.
  std::size_t word = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t row = rows[i];
    if (test(row)) {
      result.nulls.set(i);
      continue;
    }
    for (; word < row / 64 && word < words.size(); ++word) {
      nulls_before += static_cast<std::size_t>(std::popcount(words[word]));
    }
    std::size_t before = nulls_before;
    if (word < words.size() && word == row / 64) {
      const std::uint64_t below = (std::uint64_t{1} << (row % 64)) - 1;
      before += static_cast<std::size_t>(std::popcount(words[word] & below));
    }
    result.positions.push_back(static_cast<std::uint32_t>(row - before));
    result.targets.push_back(static_cast<std::uint32_t>(i));
  }
  return result;
}

}  // namespace lynxdb::segment
