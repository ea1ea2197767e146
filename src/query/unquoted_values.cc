#include "query/unquoted_values.h"

#include <fmt/format.h>

#include <atomic>
#include <utility>

#include "query/field.h"

namespace lynxdb::query {

struct UnquotedValues::Comparison {
  std::string left;
  std::string op;
  std::string right;
  std::atomic<bool> rows{false};
  std::atomic<bool> exists{false};
};

class UnquotedValues::Watch final : public Transform {
 public:
  Watch(TransformPtr where, std::vector<std::shared_ptr<Comparison>> comparisons)
      : where_(std::move(where)), comparisons_(std::move(comparisons)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    for (const auto& comparison : comparisons_) look(batch, *comparison);
    return where_->apply(std::move(batch));
  }

 private:
  static void look(const event::EventBatch& batch, Comparison& comparison) {
    if (batch.rows() == 0 || comparison.exists.load(std::memory_order_relaxed)) return;
    comparison.rows.store(true, std::memory_order_relaxed);
    const event::ColumnPtr column = resolve_field(batch, comparison.right);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (column->is_null(row)) continue;
      comparison.exists.store(true, std::memory_order_relaxed);
      return;
    }
  }

  const TransformPtr where_;
  const std::vector<std::shared_ptr<Comparison>> comparisons_;
};

void UnquotedValues::collect(const spl2::Expr& condition,
                             std::vector<std::shared_ptr<Comparison>>& comparisons) {
  using enum spl2::ExprKind;
  if (condition.kind == kAnd || condition.kind == kOr || condition.kind == kNot) {
    for (const spl2::ExprPtr& arg : condition.args) collect(*arg, comparisons);
    return;
  }
  const bool equality = condition.kind == kCompare &&
                        (condition.op == spl2::Op::kEq || condition.op == spl2::Op::kNe);
  if (!equality || condition.args[0]->kind != kField || condition.args[1]->kind != kField) return;
  auto comparison = std::make_shared<Comparison>();
  comparison->left = condition.args[0]->name;
  comparison->op = condition.op == spl2::Op::kEq ? "=" : "!=";
  comparison->right = condition.args[1]->name;
  comparisons.push_back(std::move(comparison));
}

TransformPtr UnquotedValues::watch(const spl2::Command& command, TransformPtr where) {
  const auto* node = std::get_if<spl2::WhereCommand>(&command.node);
  if (node == nullptr) return where;
  std::vector<std::shared_ptr<Comparison>> comparisons;
  collect(*node->expr, comparisons);
  if (comparisons.empty()) return where;
  comparisons_.insert(comparisons_.end(), comparisons.begin(), comparisons.end());
  return std::make_shared<Watch>(std::move(where), std::move(comparisons));
}

std::vector<std::string> UnquotedValues::hints() const {
  std::vector<std::string> hints;
  for (const auto& comparison : comparisons_) {
    if (!comparison->rows.load() || comparison->exists.load()) continue;
    hints.push_back(fmt::format("no event has a field '{1}' (if it is text: {0}{2}\"{1}\")",
                                comparison->left, comparison->right, comparison->op));
  }
  return hints;
}

}  // namespace lynxdb::query
