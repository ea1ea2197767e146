#include "segment/encoding/slot_values.h"

#include <utility>

#include "segment/encoding/limits.h"

namespace lynxdb::segment {

bool is_possible(const SlotSpec& spec, std::size_t siblings) {
  switch (spec.kind) {
    case SlotKind::kInteger:
    case SlotKind::kAddress:
    case SlotKind::kText:
      return true;
    case SlotKind::kPadded:
    case SlotKind::kDecimal:
      return spec.size >= 1 && spec.size <= kNumberDigitsMax;
    case SlotKind::kHex:
      return spec.size >= 1 && spec.size <= kHexBytesMax;
    case SlotKind::kTime:
      return spec.size <= kTimeDigitsMax;
    case SlotKind::kSameText:
    case SlotKind::kSameJson:
      return spec.sibling < siblings;
    case SlotKind::kSameDecimal:
      return spec.sibling < siblings && spec.size >= 1 && spec.size <= kNumberDigitsMax;
    case SlotKind::kSameTime:
      return spec.sibling < siblings && spec.size <= kTimeDigitsMax;
  }
  return false;
}

std::size_t SlotData::count(const SlotSpec& spec) const {
  if (spec.kind == SlotKind::kText) return texts.values.size();
  return spec.kind == SlotKind::kHex ? bytes.size() / spec.size : numbers.size();
}

// count:varint, then the values as their kind has them.
void put_slot(const SlotSpec& spec, const SlotData& data, bool inner_dictionary,
              Compression compression, std::string& out) {
  base::put_varint(data.count(spec), out);
  if (spec.kind == SlotKind::kText) {
    put_inner_texts(data.texts.values, {.dictionary = inner_dictionary, .templates = false},
                    compression, out);
  } else if (spec.kind == SlotKind::kHex) {
    put_compressed(data.bytes, compression, out);
  } else {
    put_integers(data.numbers, out);
  }
}

Result<SlotValues> SlotValues::parse(base::ByteReader& in, const SlotSpec& spec,
                                     bool inner_dictionary) {
  SlotValues result;
  const std::uint64_t count = in.varint();
  if (in.failed() || count > kTextBytesMax ||
      !plausible_count(static_cast<std::size_t>(count), in.remaining())) {
    return corrupt("an impossible number of slot values");
  }
  result.count_ = static_cast<std::size_t>(count);
  if (spec.kind == SlotKind::kText) {
    result.texts_ = TRY(
        Texts::parse(in, result.count_, {.dictionary = inner_dictionary, .templates = false}, 0));
  } else if (spec.kind == SlotKind::kHex) {
    result.hex_bytes_ = spec.size;
    result.bytes_ = TRY(take_compressed(in, kTextBytesMax));
    if (result.bytes_.size != result.count_ * spec.size) {
      return corrupt("hexadecimal values of another number");
    }
  } else {
    result.numbers_ = TRY(Integers::parse(in, result.count_));
  }
  return result;
}

Result<SlotData> SlotValues::all() const {
  SlotData data;
  if (texts_) {
    data.texts = TRY(texts_->all({}));
  } else if (hex_bytes_ != 0) {
    data.bytes.resize(bytes_.size);
    TRY(decompress(bytes_, data.bytes.data()));
  } else {
    data.numbers.resize(count_);
    TRY(numbers_->decode(data.numbers));
  }
  return data;
}

Result<std::string_view> SlotValues::hex_values(std::string& room) const {
  if (bytes_.method == Compression::kNone) return bytes_.stored;
  room.resize(bytes_.size);
  TRY(decompress(bytes_, room.data()));
  return std::string_view(room);
}

Result<TextHits> SlotValues::hits(const LiteralQuery& query, Stretch stretch,
                                  std::uint64_t begun) const {
  if (texts_) return texts_->hits(query, stretch, {}, {});
  std::string room;
  const std::string_view all = TRY(hex_values(room));
  return query.hits_of_hex(all.substr(stretch.begin * hex_bytes_, stretch.size() * hex_bytes_),
                           2 * hex_bytes_, begun);
}

Result<SlotData> SlotValues::at(std::span<const std::uint32_t> positions) const {
  SlotData data;
  if (texts_) {
    data.texts = TRY(texts_->at(positions, {}));
  } else if (hex_bytes_ != 0) {
    std::string room;
    const std::string_view from = TRY(hex_values(room));
    for (const std::uint32_t position : positions) {
      data.bytes.append(from.substr(position * hex_bytes_, hex_bytes_));
    }
  } else {
    data.numbers = TRY(numbers_->at(positions));
  }
  return data;
}

}  // namespace lynxdb::segment
