// A sort that a cancelled query need not wait for.
#pragma once

#include <algorithm>
#include <cstdint>

#include "query/execution.h"

namespace lynxdb::query {

// As std::sort. Errors: kCancelled, kTimeout, looked for every few milliseconds; then the elements
// are all there, in no order. `less` must not throw; elements must be cheap to move.
template <typename Iterator, typename Less>
Result<> interruptible_sort(Iterator begin, Iterator end, const Cancellation& cancellation,
                            Less less) {
  struct Interrupted {};
  constexpr std::uint32_t kComparisons = 1U << 14U;  // Between two looks; a power of two.
  std::uint32_t comparisons = 0;
  // An exception is the only way out of std::sort that leaves the elements whole; it does not leave
  // this function.
  try {
    std::sort(begin, end, [&](const auto& a, const auto& b) {
      if ((++comparisons & (kComparisons - 1)) == 0 && !cancellation.check()) throw Interrupted();
      return less(a, b);
    });
  } catch (const Interrupted&) {  // NOLINT(bugprone-empty-catch): it has done its work.
  }
  return cancellation.check();
}

}  // namespace lynxdb::query
