// Quantiles of any number of values in bounded memory, the same whatever the order of additions and
// merges: two threads, ten segments or three nodes give one answer.
//
// Values are counted in cells. Doubles are mapped to integers in their order; a cell is all
// integers that agree but for their lowest `shift` bits. While there are at most kCellsMax distinct
// values shift is 0 and the sketch is exact. Beyond, it is the smallest shift with at most
// kCellsMax cells: a property of the set of values alone, which is why no order can show. Each cell
// knows its count, minimum and maximum, and ranks inside are interpolated.
//
// It is the uniform collapse of I. Epicoco et al., "UDDSketch: accurate tracking of quantiles in
// data streams" (IEEE Access 2020; after DDSketch, C. Masson et al., VLDB 2019), on the bits of the
// double as HdrHistogram (G. Tene) has it. A t-digest (T. Dunning) is as small, but its result
// depends on the order of merges.
//
// Error: values spread over d octaves (powers of two) have about kCellsMax / d cells per octave, so
// a result is off by at most 0.04 * d % of its value before interpolation, far less after it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lynxdb::query {

class QuantileSketch {
 public:
  static constexpr std::size_t kCellsMax = 2048;

  QuantileSketch();

  void add(double v) { add_cell(v, v, 1); }  // Finite.
  void merge(const QuantileSketch& other);

  std::uint64_t count() const { return count_; }
  // The value at `rank`, 0 <= rank <= count() - 1; between whole ranks linearly interpolated.
  double at_rank(double rank) const;

  void encode(std::string& out) const;
  Result<> decode(std::string_view& bytes);
  std::size_t memory_bytes() const { return sizeof(*this) + slots_.capacity() * sizeof(Cell); }

 private:
  struct Cell {
    std::uint64_t key = 0;
    std::uint64_t count = 0;  // 0 = a free slot.
    double min = 0;
    double max = 0;
  };

  // `low` and `high` lie in one cell.
  void add_cell(double low, double high, std::uint64_t count);
  Cell& slot_of(std::uint64_t key);
  void grow();
  void coarsen_to(unsigned shift);
  unsigned needed_shift() const;
  std::vector<Cell> sorted_cells() const;

  std::vector<Cell> slots_;
  std::size_t cells_ = 0;
  std::uint64_t count_ = 0;
  unsigned shift_ = 0;
};

}  // namespace lynxdb::query
