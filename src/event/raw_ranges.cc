#include "event/raw_ranges.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "event/packed_integers.h"

namespace lynxdb::event {
namespace {

Error corrupt_range(std::string_view what) {
  return Error{ErrorCode::kCorruption, std::string(what)};
}

// 0 when `text` does not stand in `raw`. Empty strings stand nowhere, so that the bytes written do
// not depend on where they point.
std::uint64_t begin_in(std::string_view raw, std::string_view text) {
  const auto raw_begin = reinterpret_cast<std::uintptr_t>(raw.data());
  const auto text_begin = reinterpret_cast<std::uintptr_t>(text.data());
  if (text.empty() || text_begin < raw_begin) return 0;
  const std::uintptr_t before = text_begin - raw_begin;
  return before <= raw.size() && text.size() <= raw.size() - before ? before + 1 : 0;
}

}  // namespace

RawRanges find_raw_ranges(const Column& column, const Column& raw) {
  RawRanges ranges;
  ranges.begins.resize(column.size());
  std::uint64_t most = 0;
  std::size_t bytes_inside = 0;
  const auto texts = column.string_values();
  const auto raws = raw.string_values();
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (column.is_null(row) || raw.is_null(row)) continue;
    const std::uint64_t begin = begin_in(raws[row], texts[row]);
    ranges.begins[row] = begin;
    most |= begin;
    if (begin != 0) bytes_inside += texts[row].size();
  }
  ranges.worthwhile = bytes_inside > texts.size() * packed_width(most);
  return ranges;
}

void put_raw_ranges(const Column& column, const RawRanges& ranges, std::string& out) {
  const auto texts = column.string_values();
  const auto text = [&](std::size_t row) {
    return column.is_null(row) ? std::string_view() : texts[row];
  };
  put_packed(texts.size(), [&](std::size_t row) { return ranges.begins[row]; }, out);
  put_packed(texts.size(), [&](std::size_t row) { return text(row).size(); }, out);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (ranges.begins[row] == 0) out.append(text(row));
  }
}

Result<std::vector<std::string_view>> take_raw_ranges(base::ByteReader& in, std::size_t rows,
                                                      const Column& raw) {
  const auto begins = take_packed<std::uint64_t>(in, rows);
  const auto lengths = take_packed<std::uint64_t>(in, rows);
  if (in.failed()) return corrupt_range("places in _raw end early");
  std::vector<std::string_view> values(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (begins[row] == 0) {
      values[row] = in.take(lengths[row]);
      continue;
    }
    const std::string_view text = raw.is_null(row) ? std::string_view() : raw.string_values()[row];
    const std::uint64_t begin = begins[row] - 1;
    if (begin > text.size() || lengths[row] > text.size() - begin) {
      return corrupt_range("a place outside of _raw");
    }
    values[row] = text.substr(static_cast<std::size_t>(begin), lengths[row]);
  }
  if (in.failed()) return corrupt_range("strings end early");
  return values;
}

std::size_t bytes_inside_raw(const Column& column, const Column& raw) {
  const auto texts = column.string_values();
  const auto raws = raw.string_values();
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (begin_in(raws[row], texts[row]) != 0) bytes += texts[row].size();
  }
  return bytes;
}

ColumnPtr compact_beside_raw(const ColumnPtr& column, const Column& raw,
                             const Column& compacted_raw) {
  const RawRanges ranges = find_raw_ranges(*column, raw);
  if (!ranges.worthwhile) return compact(column);
  const auto texts = column->string_values();
  std::size_t bytes = 0;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (ranges.begins[row] == 0 && !column->is_null(row)) bytes += texts[row].size();
  }
  const std::shared_ptr<char[]> block = std::make_shared_for_overwrite<char[]>(bytes);
  char* place = block.get();
  std::vector<std::string_view> moved(texts.size());
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const std::string_view text = texts[row];
    if (text.empty() || column->is_null(row)) continue;
    if (const std::uint64_t begin = ranges.begins[row]; begin != 0) {
      moved[row] = compacted_raw.string_values()[row].substr(begin - 1, text.size());
      continue;
    }
    place = std::copy(text.begin(), text.end(), place);
    moved[row] = {place - text.size(), text.size()};
  }
  std::vector<Column::Owner> owners = compacted_raw.owners();
  if (bytes != 0) owners.push_back(block);
  return Column::strings(std::move(moved), std::move(owners), column->null_bitmap());
}

}  // namespace lynxdb::event
