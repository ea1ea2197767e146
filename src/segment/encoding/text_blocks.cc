#include "segment/encoding/text_blocks.h"

#include <utility>

#include "base/stop_scope.h"
#include "segment/encoding/limits.h"

namespace lynxdb::segment {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;

// Cuts `text` into the strings of one block. False when they are not as long as the block.
bool cut(const char* text, std::size_t size, std::span<const std::int64_t> lengths,
         std::string_view* out) {
  std::size_t at = 0;
  for (const std::int64_t length : lengths) {
    if (static_cast<std::size_t>(length) > size - at) return false;
    *out++ = std::string_view(text + at, static_cast<std::size_t>(length));
    at += static_cast<std::size_t>(length);
  }
  return at == size;
}

std::shared_ptr<char[]> room_for(std::size_t bytes) {
  return std::make_shared_for_overwrite<char[]>(bytes);
}

}  // namespace

void put_text_blocks(std::span<const std::string_view> values, Compression compression,
                     std::string& out) {
  std::vector<std::int64_t> lengths;
  std::vector<std::int64_t> block_rows;
  std::string blocks;
  std::string text;
  lengths.reserve(values.size());
  std::size_t first = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    lengths.push_back(static_cast<std::int64_t>(values[i].size()));
    text += values[i];
    if (text.size() < kBlockBytes && i + 1 < values.size()) continue;
    put_compressed(text, compression, blocks);
    text.clear();
    block_rows.push_back(static_cast<std::int64_t>(i + 1 - first));
    first = i + 1;
  }
  put_integers(lengths, out);
  base::put_varint(block_rows.size(), out);
  put_integers(block_rows, out);
  out += blocks;
}

Result<TextBlocks> TextBlocks::parse(base::ByteReader& in, std::size_t count) {
  TextBlocks result(TRY(Integers::parse(in, count)));
  const std::uint64_t blocks = in.varint();
  if (in.failed() || blocks > in.remaining() || blocks > count) {
    return corrupt("an impossible number of text blocks");
  }
  result.block_rows_.resize(static_cast<std::size_t>(blocks));
  TRY(TRY(Integers::parse(in, result.block_rows_.size())).decode(result.block_rows_));
  std::size_t text_bytes = 0;
  std::uint64_t rows = 0;
  for (const std::int64_t block_rows : result.block_rows_) {
    if (block_rows <= 0 || static_cast<std::uint64_t>(block_rows) > count - rows) {
      return corrupt("a text block with an impossible number of rows");
    }
    rows += static_cast<std::uint64_t>(block_rows);
    result.blocks_.push_back(TRY(take_compressed(in, kTextBytesMax - text_bytes)));
    text_bytes += result.blocks_.back().size;
  }
  if (rows != count) return corrupt("text blocks that do not cover all rows");
  return result;
}

Result<std::vector<std::int64_t>> TextBlocks::checked_lengths() const {
  std::vector<std::int64_t> lengths(lengths_.size());
  TRY(lengths_.decode(lengths));
  for (const std::int64_t length : lengths) {
    if (length < 0) return corrupt("a string of negative length");
  }
  return lengths;
}

Result<TextValues> TextBlocks::all() const {
  const std::vector<std::int64_t> lengths = TRY(checked_lengths());
  std::size_t bytes = 0;
  for (const CompressedBlock& block : blocks_) bytes += block.size;
  const std::shared_ptr<char[]> room = room_for(bytes);
  TextValues result{std::vector<std::string_view>(lengths.size()), room};
  char* text = room.get();
  std::size_t row = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (base::must_stop()) return stopped_decoding();
    TRY(decompress(blocks_[i], text));
    const auto rows = static_cast<std::size_t>(block_rows_[i]);
    if (!cut(text, blocks_[i].size, std::span(lengths).subspan(row, rows),
             result.values.data() + row)) {
      return corrupt("strings that do not fill their block");
    }
    text += blocks_[i].size;
    row += rows;
  }
  return result;
}

Result<TextValues> TextBlocks::at(std::span<const std::uint32_t> rows) const {
  const std::vector<std::int64_t> lengths = TRY(checked_lengths());
  const auto rooms = std::make_shared<std::vector<std::unique_ptr<char[]>>>();
  TextValues result{std::vector<std::string_view>(rows.size()), rooms};
  std::vector<std::string_view> strings;
  std::size_t first = 0;
  std::size_t i = 0;
  for (std::size_t block = 0; block < blocks_.size() && i < rows.size(); ++block) {
    const auto count = static_cast<std::size_t>(block_rows_[block]);
    if (rows[i] < first + count) {
      rooms->push_back(std::make_unique_for_overwrite<char[]>(blocks_[block].size));
      TRY(decompress(blocks_[block], rooms->back().get()));
      strings.resize(count);
      if (!cut(rooms->back().get(), blocks_[block].size, std::span(lengths).subspan(first, count),
               strings.data())) {
        return corrupt("strings that do not fill their block");
      }
      for (; i < rows.size() && rows[i] < first + count; ++i) {
        result.values[i] = strings[rows[i] - first];
      }
    }
    first += count;
  }
  return result;
}

}  // namespace lynxdb::segment
