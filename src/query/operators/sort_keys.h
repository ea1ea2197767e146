// Sort keys of a batch, extracted so that most comparisons are one of two 64-bit numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "event/event_batch.h"
#include "query/execution.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// Order of 1.4 (event::sort_compare), nulls first ascending and last descending. Immutable; keeps
// the key columns alive.
class SortKeys {
 public:
  SortKeys() = default;
  SortKeys(const event::EventBatch& batch, std::span<const spl2::SortKey> keys);

  // <0, 0, >0 for a row of `a` and one of `b`; both have the same keys.
  static int compare(const SortKeys& a, std::uint32_t a_row, const SortKeys& b,
                     std::uint32_t b_row) {
    for (std::size_t k = 0; k < a.keys_.size(); ++k) {
      const Key& x = a.keys_[k];
      const Key& y = b.keys_[k];
      if (x.prefixes[a_row] != y.prefixes[b_row])
        return x.prefixes[a_row] < y.prefixes[b_row] ? -1 : 1;
      if (x.exact && y.exact) continue;
      if (const int order = compare_behind_prefix(x, a_row, y, b_row)) return order;
    }
    return 0;
  }

  // All rows in order, equal ones as they stand. Errors: kCancelled, kTimeout.
  Result<std::vector<std::uint32_t>> sorted_rows(const Cancellation& cancellation) const;

  // Bytes that extraction and sorting of a row take, apart from the batch.
  static std::size_t bytes_per_row(std::size_t keys) { return keys * 8 + 24; }

 private:
  // prefix := rank (3 bits) and the leading bits of the value, complemented for descending keys:
  // a smaller prefix means an earlier row, equal ones decide nothing unless both keys are `exact`.
  struct Key {
    event::ColumnPtr column;
    std::vector<std::uint64_t> prefixes;
    bool descending = false;
    bool exact = false;
  };
  static Key extract(event::ColumnPtr column, bool descending);
  static int compare_behind_prefix(const Key& a, std::uint32_t a_row, const Key& b,
                                   std::uint32_t b_row);

  std::size_t rows_ = 0;
  std::vector<Key> keys_;
};

}  // namespace lynxdb::query
