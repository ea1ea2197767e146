#include "segment/encoding/integers.h"

#include <algorithm>
#include <array>

#include "base/byte_block.h"
#include "base/check.h"
#include "segment/encoding/bit_packing.h"
#include "segment/encoding/integers_format.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr unsigned kPatchRowBits = 10;
// Up to this many values of a block are fetched one by one; more are cheaper all at once.
constexpr std::size_t kSinglesMax = 16;

// values[i] = origin + scale * (base + from[i]), modulo 2^64.
LYNXDB_INLINE void scale_values(const std::uint64_t* from, std::size_t count, std::uint64_t offset,
                                std::uint64_t scale, std::int64_t* values) {
  if (scale == 1) {
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<std::int64_t>(offset + from[i]);
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<std::int64_t>(offset + scale * from[i]);
    }
  }
}

void scale_plain(const std::uint64_t* from, std::size_t count, std::uint64_t offset,
                 std::uint64_t scale, std::int64_t* values) {
  scale_values(from, count, offset, scale, values);
}

LYNXDB_TARGET_AVX2 void scale_avx2(const std::uint64_t* from, std::size_t count,
                                   std::uint64_t offset, std::uint64_t scale,
                                   std::int64_t* values) {
  scale_values(from, count, offset, scale, values);
}

}  // namespace

// --- Parsing -------------------------------------------------------------------------------------

Result<Integers> Integers::parse(base::ByteReader& in, std::size_t count) {
  return parse_form(in, count, false);
}

Result<Integers> Integers::parse_form(base::ByteReader& in, std::size_t count, bool nested) {
  const auto form = in.fixed<std::uint8_t>();
  if (in.failed()) return corrupt("integers end early");
  switch (form) {
    case kConstantForm: {
      Integers result;
      result.count_ = count;
      result.origin_ = in.fixed<std::uint64_t>();
      if (in.failed()) return corrupt("integers end early");
      if (count > kFreeValuesMax) return corrupt("one integer for too many rows");
      return result;
    }
    case kFramesForm:
      return parse_blocks(in, count, Form::kFrames);
    case kDeltasForm:
      return parse_blocks(in, count, Form::kDeltas);
    case kDictionaryForm:
      if (!nested) return parse_dictionary(in, count);
      break;
    case kRunsForm:
      if (!nested) return parse_runs(in, count);
      break;
    default:
      break;
  }
  return corrupt("unknown form of integers");
}

Result<Integers> Integers::parse_blocks(base::ByteReader& in, std::size_t count, Form form) {
  Integers result;
  result.form_ = form;
  result.count_ = count;
  result.origin_ = in.fixed<std::uint64_t>();
  result.scale_ = in.varint();
  const std::size_t blocks = (count + kIntegerBlock - 1) / kIntegerBlock;
  const std::size_t head_bytes = form == Form::kDeltas ? 20 : 12;
  base::ByteReader heads(in.take(blocks * head_bytes));
  if (in.failed()) return corrupt("integers end early");
  result.blocks_.resize(blocks);
  for (std::size_t i = 0; i < blocks; ++i) {
    Block& block = result.blocks_[i];
    block.base = heads.fixed<std::uint64_t>();
    if (form == Form::kDeltas) block.step = heads.fixed<std::uint64_t>();
    block.width = heads.fixed<std::uint8_t>();
    block.patch_width = heads.fixed<std::uint8_t>();
    block.patches = heads.fixed<std::uint16_t>();
    const std::size_t rows = result.block_rows(i);
    if (block.width + block.patch_width > kPackedWidthMax || block.patches > rows) {
      return corrupt("a block of integers with impossible widths");
    }
    block.packed = in.take(packed_bytes(rows, block.width));
    block.patch_rows = in.take(packed_bytes(block.patches, kPatchRowBits));
    block.patch_bits = in.take(packed_bytes(block.patches, block.patch_width));
    if (in.failed()) return corrupt("integers end early");
  }
  return result;
}

Result<Integers> Integers::parse_dictionary(base::ByteReader& in, std::size_t count) {
  const std::uint64_t size = in.varint();
  if (in.failed() || size > count) return corrupt("a dictionary of integers of impossible size");
  Integers result;
  result.form_ = Form::kDictionary;
  result.count_ = count;
  const Integers entries = TRY(parse_form(in, static_cast<std::size_t>(size), true));
  result.values_.resize(entries.size());
  TRY(entries.decode(result.values_));
  result.code_width_ = in.fixed<std::uint8_t>();
  if (in.failed() || result.code_width_ > 32) return corrupt("codes of impossible width");
  result.codes_ = in.take(packed_bytes(count, result.code_width_));
  if (in.failed()) return corrupt("codes of integers end early");
  return result;
}

Result<Integers> Integers::parse_runs(base::ByteReader& in, std::size_t count) {
  const std::uint64_t runs = in.varint();
  if (in.failed() || runs > count || count > kFreeValuesMax) {
    return corrupt("an impossible number of runs");
  }
  Integers result;
  result.form_ = Form::kRuns;
  result.count_ = count;
  const Integers values = TRY(parse_form(in, static_cast<std::size_t>(runs), true));
  const Integers lengths = TRY(parse_form(in, static_cast<std::size_t>(runs), true));
  result.values_.resize(values.size());
  result.ends_.resize(lengths.size());
  TRY(values.decode(result.values_));
  TRY(lengths.decode(result.ends_));
  std::uint64_t end = 0;
  for (std::int64_t& length : result.ends_) {
    if (length <= 0 || static_cast<std::uint64_t>(length) > count - end) {
      return corrupt("a run of impossible length");
    }
    end += static_cast<std::uint64_t>(length);
    length = static_cast<std::int64_t>(end);
  }
  if (end != count) return corrupt("runs that do not cover all rows");
  return result;
}

// --- Blocks --------------------------------------------------------------------------------------

std::size_t Integers::block_rows(std::size_t block) const {
  return std::min(kIntegerBlock, count_ - block * kIntegerBlock);
}

Result<void> Integers::unpack_block(std::size_t index, std::span<std::uint64_t> out) const {
  const Block& block = blocks_[index];
  unpack(block.packed, block.width, out);
  for (std::size_t i = 0; i < block.patches; ++i) {
    const std::uint64_t row = packed_at(block.patch_rows, kPatchRowBits, block.patches, i);
    if (row >= out.size()) return corrupt("a patch outside of its block");
    const std::uint64_t bits = packed_at(block.patch_bits, block.patch_width, block.patches, i);
    if (block.width < 64) out[row] |= bits << block.width;
  }
  return {};
}

Result<void> Integers::decode_block(std::size_t index, std::span<std::int64_t> out) const {
  const Block& block = blocks_[index];
  std::array<std::uint64_t, kIntegerBlock> room;
  const std::span<std::uint64_t> unpacked = std::span(room).first(out.size());
  TRY(unpack_block(index, unpacked));
  std::uint64_t offset = origin_ + scale_ * block.base;
  if (form_ == Form::kDeltas) {
    offset = origin_;
    std::uint64_t value = block.base - block.step;
    for (std::uint64_t& distance : unpacked) distance = value += distance + block.step;
  }
  const auto scale = base::has_avx2() ? scale_avx2 : scale_plain;
  scale(unpacked.data(), unpacked.size(), offset, scale_, out.data());
  return {};
}

Result<std::vector<std::int64_t>> Integers::at_blocks(std::span<const std::uint32_t> rows) const {
  std::vector<std::int64_t> result(rows.size());
  std::array<std::int64_t, kIntegerBlock> values;
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::size_t index = rows[begin] / kIntegerBlock;
    std::size_t end = begin;
    while (end < rows.size() && rows[end] / kIntegerBlock == index) ++end;
    const Block& block = blocks_[index];
    const std::size_t size = block_rows(index);
    if (form_ == Form::kFrames && block.patches == 0 && end - begin <= kSinglesMax) {
      for (; begin < end; ++begin) {
        const std::uint64_t distance =
            packed_at(block.packed, block.width, size, rows[begin] % kIntegerBlock);
        result[begin] = static_cast<std::int64_t>(origin_ + scale_ * (block.base + distance));
      }
      continue;
    }
    TRY(decode_block(index, std::span(values).first(size)));
    for (; begin < end; ++begin) result[begin] = values[rows[begin] % kIntegerBlock];
  }
  return result;
}

// Block by block, so that codes stay in the nearest cache.
Result<void> Integers::decode_codes(std::span<std::int64_t> out) const {
  static_assert(kIntegerBlock % kPackedGroup == 0);
  std::array<std::uint32_t, kIntegerBlock> room;
  std::string_view packed = codes_;
  while (!out.empty()) {
    const std::span<std::uint32_t> codes = std::span(room).first(std::min(out.size(), room.size()));
    const std::size_t bytes = packed_bytes(codes.size(), code_width_);
    unpack(packed.substr(0, bytes), code_width_, codes);
    packed.remove_prefix(bytes);
    std::uint32_t most = 0;
    for (const std::uint32_t code : codes) most = std::max(most, code);
    if (most >= values_.size()) return corrupt("a code outside of its dictionary");
    for (std::size_t i = 0; i < codes.size(); ++i) out[i] = values_[codes[i]];
    out = out.subspan(codes.size());
  }
  return {};
}

// --- Reading -------------------------------------------------------------------------------------

Result<void> Integers::decode(std::span<std::int64_t> out) const {
  LYNXDB_CHECK(out.size() == count_);
  switch (form_) {
    case Form::kConstant:
      std::fill(out.begin(), out.end(), static_cast<std::int64_t>(origin_));
      break;
    case Form::kFrames:
    case Form::kDeltas:
      for (std::size_t i = 0; i < blocks_.size(); ++i) {
        TRY(decode_block(i, out.subspan(i * kIntegerBlock, block_rows(i))));
      }
      break;
    case Form::kDictionary:
      return decode_codes(out);
    case Form::kRuns: {
      std::size_t row = 0;
      for (std::size_t run = 0; run < ends_.size(); ++run) {
        while (row < static_cast<std::size_t>(ends_[run])) out[row++] = values_[run];
      }
      break;
    }
  }
  return {};
}

Result<std::vector<std::int64_t>> Integers::at(std::span<const std::uint32_t> rows) const {
  if (form_ == Form::kFrames || form_ == Form::kDeltas) return at_blocks(rows);
  std::vector<std::int64_t> result(rows.size(), static_cast<std::int64_t>(origin_));
  if (form_ == Form::kConstant) return result;
  std::size_t run = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (form_ == Form::kRuns) {
      while (rows[i] >= static_cast<std::uint64_t>(ends_[run])) ++run;
      result[i] = values_[run];
    } else {
      const std::uint64_t code = packed_at(codes_, code_width_, count_, rows[i]);
      if (code >= values_.size()) return corrupt("a code outside of its dictionary");
      result[i] = values_[code];
    }
  }
  return result;
}

}  // namespace lynxdb::segment
