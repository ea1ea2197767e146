#include "query/aggregates/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.h"
#include "query/aggregates/byte_codec.h"

namespace lynxdb::query {

namespace {

constexpr std::size_t kFirstSlots = 256;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

// Order-preserving: a < b exactly when ordered_bits(a) < ordered_bits(b) (one zero only).
std::uint64_t ordered_bits(double v) {
  const auto bits = std::bit_cast<std::uint64_t>(v + 0.0);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

}  // namespace

QuantileSketch::QuantileSketch() : slots_(kFirstSlots) {}

QuantileSketch::Cell& QuantileSketch::slot_of(std::uint64_t key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (key * 0x9e3779b97f4a7c15ULL) >> (64 - std::bit_width(mask));
  while (slots_[slot].count != 0 && slots_[slot].key != key) slot = (slot + 1) & mask;
  return slots_[slot];
}

void QuantileSketch::add_cell(double low, double high, std::uint64_t count) {
  const std::uint64_t key = ordered_bits(low) >> shift_;
  Cell& cell = slot_of(key);
  count_ += count;
  if (cell.count != 0) {
    cell.count += count;
    cell.min = std::min(cell.min, low);
    cell.max = std::max(cell.max, high);
    return;
  }
  cell = {key, count, low + 0.0, high + 0.0};
  ++cells_;
  if (cells_ > kCellsMax)
    coarsen_to(needed_shift());
  else if (cells_ * 2 > slots_.size())
    grow();
}

void QuantileSketch::grow() {
  std::vector<Cell> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Cell& cell : old)
    if (cell.count != 0) slot_of(cell.key) = cell;
}

// The smallest shift with at most kCellsMax cells: two neighbours fall together once all bits in
// which they differ are shifted out.
unsigned QuantileSketch::needed_shift() const {
  const std::vector<Cell> cells = sorted_cells();
  std::vector<std::size_t> borders(65);  // Neighbours that differ in their lowest n bits only.
  for (std::size_t i = 1; i < cells.size(); ++i)
    ++borders[static_cast<std::size_t>(std::bit_width(cells[i - 1].key ^ cells[i].key))];
  std::size_t left = cells.size();
  unsigned more = 0;
  while (left > kCellsMax) left -= borders[++more];
  return shift_ + more;
}

void QuantileSketch::coarsen_to(unsigned shift) {
  std::vector<Cell> old(slots_.size());
  old.swap(slots_);
  const unsigned more = shift - shift_;
  shift_ = shift;
  cells_ = 0;
  for (const Cell& cell : old) {
    if (cell.count == 0) continue;
    const std::uint64_t key = cell.key >> more;
    Cell& into = slot_of(key);
    if (into.count == 0) {
      into = cell;
      into.key = key;
      ++cells_;
      continue;
    }
    into.count += cell.count;
    into.min = std::min(into.min, cell.min);
    into.max = std::max(into.max, cell.max);
  }
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.shift_ > shift_) coarsen_to(other.shift_);
  for (const Cell& cell : other.slots_)
    if (cell.count != 0) add_cell(cell.min, cell.max, cell.count);
}

std::vector<QuantileSketch::Cell> QuantileSketch::sorted_cells() const {
  std::vector<Cell> cells;
  cells.reserve(cells_);
  for (const Cell& cell : slots_)
    if (cell.count != 0) cells.push_back(cell);
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.key < b.key; });
  return cells;
}

double QuantileSketch::at_rank(double rank) const {
  const auto below = static_cast<std::uint64_t>(rank);
  const auto value_of = [](const Cell& cell, std::uint64_t i) {
    if (cell.count == 1 || cell.min == cell.max) return cell.min;
    const double part = static_cast<double>(i) / static_cast<double>(cell.count - 1);
    return cell.min + (cell.max - cell.min) * part;
  };
  double low = 0;
  std::uint64_t seen = 0;
  bool found_low = false;
  for (const Cell& cell : sorted_cells()) {
    if (!found_low && below < seen + cell.count) {
      low = value_of(cell, below - seen);
      found_low = true;
    }
    if (found_low && below + 1 < seen + cell.count) {
      const double high = value_of(cell, below + 1 - seen);
      return low + (high - low) * (rank - static_cast<double>(below));
    }
    seen += cell.count;
  }
  return low;
}

void QuantileSketch::encode(std::string& out) const {
  put_varint(shift_, out);
  put_varint(cells_, out);
  for (const Cell& cell : slots_) {
    if (cell.count == 0) continue;
    put_varint(cell.count, out);
    put_float(cell.min, out);
    put_float(cell.max, out);
  }
}

Result<> QuantileSketch::decode(std::string_view& bytes) {
  const std::uint64_t shift = TRY(get_varint(bytes));
  const std::uint64_t cells = TRY(get_varint(bytes));
  if (shift > 63 || cells > kCellsMax) return corrupt_state();
  shift_ = static_cast<unsigned>(shift);
  for (std::uint64_t i = 0; i < cells; ++i) {
    const std::uint64_t count = TRY(get_varint(bytes));
    const double min = TRY(get_float(bytes));
    const double max = TRY(get_float(bytes));
    if (count == 0 || count > (std::uint64_t{1} << 62U) ||
        ordered_bits(min) >> shift_ != ordered_bits(max) >> shift_)
      return corrupt_state();
    add_cell(min, max, count);
  }
  return {};
}

}  // namespace lynxdb::query
