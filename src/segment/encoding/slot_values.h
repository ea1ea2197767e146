// The values of one template slot, and how they are written as text.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "segment/chunk_codec.h"
#include "segment/encoding/compression.h"
#include "segment/encoding/integers.h"
#include "segment/encoding/template_format.h"
#include "segment/encoding/texts.h"

namespace lynxdb::segment {

// Whether a slot may look like this: a known kind, a size that fits it.
bool is_possible(const SlotSpec& spec, std::size_t siblings);

// Values of a slot, decoded: only what its kind needs. For references: none.
struct SlotData {
  std::vector<std::int64_t> numbers;
  std::string bytes;  // Of kHex.
  TextValues texts;

  std::size_t count(const SlotSpec& spec) const;
};

void put_slot(const SlotSpec& spec, const SlotData& data, bool inner_dictionary,
              Compression compression, std::string& out);

// Encoded values. Borrows its bytes. Thread-safe. Errors: kCorruption.
class SlotValues {
 public:
  static Result<SlotValues> parse(base::ByteReader& in, const SlotSpec& spec,
                                  bool inner_dictionary);

  std::size_t size() const { return count_; }
  Result<SlotData> all() const;
  // By position: ascending, each below size().
  Result<SlotData> at(std::span<const std::uint32_t> positions) const;
  // Which values of `stretch` may hold the literal; only of kText and kHex. `begun`: as
  // LiteralQuery::hits_of_hex.
  Result<TextHits> hits(const LiteralQuery& query, Stretch stretch, std::uint64_t begun) const;

 private:
  SlotValues() = default;

  // The bytes of all values of kHex, decompressed in `room` where they need be.
  Result<std::string_view> hex_values(std::string& room) const;

  std::size_t count_ = 0;
  std::size_t hex_bytes_ = 0;  // Of each value.
  std::optional<Integers> numbers_;
  std::optional<Texts> texts_;
  CompressedBlock bytes_;
};

}  // namespace lynxdb::segment
