#include <algorithm>
#include <utility>

#include "query/field.h"
#include "query/operators/raw_text.h"
#include "query/operators/scalar_condition.h"
#include "query/operators/search.h"

namespace lynxdb::query {
namespace {

class AllMatcher final : public SearchMatcher {
 public:
  void filter(const event::EventBatch&, RowMask&) const override {}
};

class AndMatcher final : public SearchMatcher {
 public:
  explicit AndMatcher(std::vector<SearchMatcherPtr> parts) : parts_(std::move(parts)) {}

  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    for (const SearchMatcherPtr& part : parts_) {
      if (!mask.any()) return;
      part->filter(batch, mask);
    }
  }

 private:
  std::vector<SearchMatcherPtr> parts_;
};

class OrMatcher final : public SearchMatcher {
 public:
  explicit OrMatcher(std::vector<SearchMatcherPtr> parts) : parts_(std::move(parts)) {}

  // Each part looks only at rows that no part before it took.
  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    RowMask matching(mask.rows(), false);
    for (const SearchMatcherPtr& part : parts_) {
      if (!mask.any()) break;
      RowMask candidates = mask;
      part->filter(batch, candidates);
      matching.unite(candidates);
      mask.subtract(candidates);
    }
    mask = std::move(matching);
  }

 private:
  std::vector<SearchMatcherPtr> parts_;
};

class NotMatcher final : public SearchMatcher {
 public:
  explicit NotMatcher(SearchMatcherPtr part) : part_(std::move(part)) {}

  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    RowMask matching = mask;
    part_->filter(batch, matching);
    mask.subtract(matching);
  }

 private:
  SearchMatcherPtr part_;
};

// A condition on one field. Negated (`!=`, NOT IN, NOT LIKE): the field exists and does not fit.
class FieldMatcher final : public SearchMatcher {
 public:
  FieldMatcher(std::string field, ScalarConditionPtr condition, bool negated)
      : field_(std::move(field)), condition_(std::move(condition)), negated_(negated) {}

  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    const event::ColumnPtr column = resolve_field(batch, field_);
    if (!negated_) return keep_passing(*column, *condition_, mask);
    keep_present(*column, mask);
    RowMask passing = mask;
    keep_passing(*column, *condition_, passing);
    mask.subtract(passing);
  }

 private:
  std::string field_;
  ScalarConditionPtr condition_;
  bool negated_;
};

// `f=*`: no value is looked at. `f!=*` matches nothing.
class PresenceMatcher final : public SearchMatcher {
 public:
  explicit PresenceMatcher(std::string field) : field_(std::move(field)) {}
  void filter(const event::EventBatch& batch, RowMask& mask) const override {
    keep_present(*resolve_field(batch, field_), mask);
  }

 private:
  std::string field_;
};

bool matches_anything(const spl2::SearchPattern& pattern) {
  return pattern.has_wildcard() && std::all_of(pattern.pieces.begin(), pattern.pieces.end(),
                                               [](const auto& piece) { return piece.empty(); });
}

SearchMatcherPtr compare_matcher(const spl2::SearchExpr& expr, std::int64_t now_ns) {
  const spl2::SearchPattern& value = expr.values.front();
  if (expr.op != spl2::Op::kEq && expr.op != spl2::Op::kNe)
    return std::make_shared<FieldMatcher>(expr.field, order_condition(expr.op, value, now_ns),
                                          false);
  const bool negated = expr.op == spl2::Op::kNe;
  if (!negated && matches_anything(value)) return std::make_shared<PresenceMatcher>(expr.field);
  return std::make_shared<FieldMatcher>(expr.field, equals_condition(value, now_ns), negated);
}

// Nesting is bounded by the parser.
std::vector<SearchMatcherPtr> matchers_of(const std::vector<spl2::SearchPtr>& args,
                                          std::int64_t now_ns) {
  std::vector<SearchMatcherPtr> matchers;
  matchers.reserve(args.size());
  for (const spl2::SearchPtr& arg : args) matchers.push_back(make_matcher(*arg, now_ns));
  return matchers;
}

}  // namespace

SearchMatcherPtr make_matcher(const spl2::SearchExpr& expr, std::int64_t now_ns) {
  switch (expr.kind) {
    case spl2::SearchKind::kAll:
      return std::make_shared<AllMatcher>();
    case spl2::SearchKind::kAnd:
      return std::make_shared<AndMatcher>(matchers_of(expr.args, now_ns));
    case spl2::SearchKind::kOr:
      return std::make_shared<OrMatcher>(matchers_of(expr.args, now_ns));
    case spl2::SearchKind::kNot:
      return std::make_shared<NotMatcher>(make_matcher(*expr.args.front(), now_ns));
    case spl2::SearchKind::kText:
      if (matches_anything(expr.values.front())) return std::make_shared<AllMatcher>();
      return text_matcher(expr.values.front(), TextTerm::kSubstring);
    case spl2::SearchKind::kTerm:
      return text_matcher(expr.values.front(), TextTerm::kTerm);
    case spl2::SearchKind::kCase:
      return text_matcher(expr.values.front(), TextTerm::kExactCase);
    case spl2::SearchKind::kCompare:
      return compare_matcher(expr, now_ns);
    case spl2::SearchKind::kIn:
      return std::make_shared<FieldMatcher>(expr.field, any_of_condition(expr.values, now_ns),
                                            expr.negated);
    case spl2::SearchKind::kLike:
      return std::make_shared<FieldMatcher>(expr.field, like_condition(expr.values.front()),
                                            expr.negated);
  }
  return std::make_shared<AllMatcher>();
}

}  // namespace lynxdb::query
