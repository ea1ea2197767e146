#include "query/operators/search.h"

#include <algorithm>
#include <utility>

#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

// More literals than these make a scan hardly more selective, but cost a search each.
constexpr std::size_t kLiteralsMax = 4;

class SearchTransform final : public Transform {
 public:
  explicit SearchTransform(SearchMatcherPtr matcher) : matcher_(std::move(matcher)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    RowMask mask(batch.rows(), true);
    matcher_->filter(batch, mask);
    if (mask.count() == batch.rows()) return batch;
    return batch.take(mask.selected());
  }

 private:
  SearchMatcherPtr matcher_;
};

bool is_text(spl2::SearchKind kind) {
  return kind == spl2::SearchKind::kText || kind == spl2::SearchKind::kTerm ||
         kind == spl2::SearchKind::kCase;
}

// Nesting is bounded by the parser.
void collect_literals(const spl2::SearchExpr& expr, std::vector<std::string>& out) {
  if (expr.kind == spl2::SearchKind::kAnd) {
    for (const spl2::SearchPtr& arg : expr.args) collect_literals(*arg, out);
    return;
  }
  if (!is_text(expr.kind)) return;
  for (const std::string& piece : expr.values.front().pieces)
    if (!piece.empty()) out.push_back(piece);
}

}  // namespace

std::vector<std::string> required_literals(const spl2::SearchExpr& expr) {
  std::vector<std::string> literals;
  collect_literals(expr, literals);
  std::sort(literals.begin(), literals.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
  if (literals.size() > kLiteralsMax) literals.resize(kLiteralsMax);
  return literals;
}

Result<TransformPtr> make_search(const spl2::SearchExpr& expr, std::int64_t now_ns) {
  return TransformPtr(std::make_shared<SearchTransform>(make_matcher(expr, now_ns)));
}

}  // namespace lynxdb::query
