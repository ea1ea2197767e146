// The search language on batches: which rows match (docs/guide/search.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "query/operators/row_mask.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// A compiled search expression. Immutable, thread-safe.
class SearchMatcher {
 public:
  virtual ~SearchMatcher() = default;
  // Takes the rows that do not match out of `mask`; looks at rows of the mask only.
  virtual void filter(const event::EventBatch& batch, RowMask& mask) const = 0;
};

using SearchMatcherPtr = std::shared_ptr<const SearchMatcher>;

// `now_ns` gives relative times (`_time>-1h`) their meaning.
SearchMatcherPtr make_matcher(const spl2::SearchExpr& expr, std::int64_t now_ns);

// Strings that the `_raw` of every matching event contains, ASCII case ignored: the longest few
// pieces of text terms that all must match. Empty when nothing is certain.
std::vector<std::string> required_literals(const spl2::SearchExpr& expr);

}  // namespace lynxdb::query
