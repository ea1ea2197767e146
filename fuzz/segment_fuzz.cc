// Any bytes as a segment, as a footer and as a text index: each is refused or read, no worse. Each
// input is tried as it is and with its checksums set right, because chance alone never finds one.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "segment/footer.h"
#include "segment/segment_reader.h"
#include "segment/text_index.h"
#include "segment/text_index_format.h"

namespace {

using namespace lynxdb;           // NOLINT(google-build-using-namespace)
using namespace lynxdb::segment;  // NOLINT(google-build-using-namespace)

const std::vector<std::string> kLiterals = {"refused", "GET /", "0123456789abcdef"};

// "refused [0-9.]+ ", as rex asks for it.
const base::RunPattern kPattern = [] {
  base::RunPattern::Step digits;
  for (const char digit : std::string_view("0123456789."))
    digits.bytes.bytes[static_cast<unsigned char>(digit)] = true;
  digits.behind = " ";
  return base::RunPattern{.first = "refused ", .steps = {digits}};
}();

// What is read must be within its bounds; the values themselves are for the sanitizers.
void touch(const event::EventBatch& batch) {
  std::string text;
  for (const event::Field& field : batch.fields()) {
    for (std::size_t row = 0; row < std::min<std::size_t>(batch.rows(), 1024); ++row) {
      text.clear();
      event::append_json(field.column->view(row), text);
    }
  }
}

void check_segment(const std::string& bytes) {
  const auto reader = SegmentReader::open(std::make_shared<MemoryByteSource>(bytes));
  if (!reader) return;
  const std::size_t groups = std::min<std::size_t>((*reader)->footer().row_groups.size(), 4);
  for (std::size_t i = 0; i < groups; ++i) {
    const auto batch = (*reader)->read(i, (*reader)->field_names(i));
    if (batch) touch(*batch);
    const std::uint64_t rows = (*reader)->footer().row_groups[i].rows;
    const auto some =
        (*reader)->read_rows(i, (*reader)->field_names(i), {static_cast<std::uint32_t>(rows / 2)});
    if (some) touch(*some);
    for (const std::string& field : (*reader)->field_names(i)) {
      const FieldExcerpt excerpt{field, kPattern};
      const auto part = (*reader)->read(i, std::span(&field, 1), nullptr, &excerpt);
      if (part) touch(*part);
    }
    for (const std::string& literal : kLiterals) {
      const auto found = (*reader)->rows_containing(i, std::span(&literal, 1));
      if (found) LYNXDB_CHECK(found->empty() || found->back() < rows);
    }
  }
}

std::string with_right_trailer(std::string body) {
  const std::uint32_t crc = base::crc32c(body);
  base::put_fixed(static_cast<std::uint32_t>(body.size()), body);
  base::put_fixed(crc, body);
  return body += kSegmentMagic;
}

void check_footer(const std::string& body) {
  constexpr std::uint64_t kPartsBytes = 1U << 20U;
  const std::string bytes = with_right_trailer(body);
  const auto footer = decode_footer(bytes, kPartsBytes + bytes.size());
  if (!footer) return;
  const std::string again = encode_footer(*footer);
  const auto back = decode_footer(again, kPartsBytes + again.size());
  LYNXDB_CHECK(back.has_value());
  LYNXDB_CHECK(encode_footer(*back) == again);
}

void check_index(const std::string& bytes) {
  base::ByteReader in(bytes);
  in.take(2);
  const auto rows = in.fixed<std::uint32_t>() % (kBlockRows * kBlocksMax) + 1;
  MemoryByteSource source(bytes);
  const auto found = find_in_text_index(source, {0, bytes.size()}, rows, kLiterals);
  if (found && found->rows)
    for (const std::uint32_t row : *found->rows) LYNXDB_CHECK(row < rows);
}

void set_crc(std::string& bytes, std::size_t at, std::size_t begin, std::size_t size) {
  if (begin > bytes.size() || size > bytes.size() - begin || at + 4 > bytes.size()) return;
  const std::uint32_t crc = base::crc32c(std::string_view(bytes).substr(begin, size));
  std::memcpy(bytes.data() + at, &crc, sizeof crc);
}

// An index of 1,024 slots, one page, that has everything right but its content.
std::string as_small_index(std::string page) {
  page.resize(std::max<std::size_t>(page.size(), kKindsBytes));
  page.resize(std::min<std::size_t>(page.size(), 60'000));
  std::string index;
  base::put_fixed(kTextIndexVersion, index);
  base::put_fixed(static_cast<std::uint8_t>(kSlotBitsMin), index);
  base::put_fixed(std::uint32_t{60'000}, index);
  base::put_fixed(static_cast<std::uint16_t>(page.size() + 4), index);
  const std::size_t head = index.size();
  index += std::string(8, '\0') + page;
  set_crc(index, head, 0, head);
  set_crc(index, head + 4, head + 8, page.size());
  return index;
}

void check_small_index(const std::string& page) {
  const std::string index = as_small_index(page);
  MemoryByteSource source(index);
  const auto found = find_in_text_index(source, {0, index.size()}, 60'000, kLiterals);
  if (found && found->rows)
    for (const std::uint32_t row : *found->rows) LYNXDB_CHECK(row < 60'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  check_segment(bytes);
  check_footer(bytes);
  check_index(bytes);
  check_small_index(bytes);

  // A segment whose footer was changed.
  if (size < kSegmentMagic.size() + kTrailerBytes) return 0;
  std::uint32_t body_bytes = 0;
  std::memcpy(&body_bytes, bytes.data() + size - kTrailerBytes, sizeof body_bytes);
  const std::size_t end = size - kTrailerBytes;
  if (body_bytes > end) return 0;
  check_segment(bytes.substr(0, end - body_bytes) +
                with_right_trailer(bytes.substr(end - body_bytes, body_bytes)));
  check_footer(bytes.substr(end - body_bytes, body_bytes));
  return 0;
}
