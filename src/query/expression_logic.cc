// AND, OR, NOT (three-valued), IS NULL and `??`.
#include <algorithm>
#include <utility>

#include "query/expression_column.h"
#include "query/expression_nodes.h"

namespace lynxdb::query {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;

namespace {

// In three-valued bytes AND is the smaller, OR the larger of its operands; `decided` is the value
// that no further operand can change.
template <typename Combine>
ColumnPtr combine_all(const std::vector<ExpressionPtr>& operands, const EventBatch& batch,
                      std::uint8_t decided, Combine combine) {
  std::vector<std::uint8_t> result = to_ternary(*operands.front()->evaluate(batch));
  for (std::size_t i = 1; i < operands.size(); ++i) {
    if (std::all_of(result.begin(), result.end(), [&](auto value) { return value == decided; }))
      break;
    const std::vector<std::uint8_t> next = to_ternary(*operands[i]->evaluate(batch));
    for (std::size_t row = 0; row < result.size(); ++row)
      result[row] = combine(result[row], next[row]);
  }
  return from_ternary(std::move(result));
}

void collect_all(const std::vector<ExpressionPtr>& operands, std::set<std::string>& fields) {
  for (const ExpressionPtr& operand : operands) operand->collect_fields(fields);
}

class And final : public Conjunction {
 public:
  explicit And(std::vector<ExpressionPtr> conditions) : conditions_(std::move(conditions)) {}
  ColumnPtr evaluate(const EventBatch& batch) const override {
    return combine_all(conditions_, batch, kFalse, [](auto a, auto b) { return std::min(a, b); });
  }
  void collect_fields(std::set<std::string>& fields) const override {
    collect_all(conditions_, fields);
  }
  const std::vector<ExpressionPtr>& conditions() const override { return conditions_; }

 private:
  std::vector<ExpressionPtr> conditions_;
};

class Or final : public Expression {
 public:
  explicit Or(std::vector<ExpressionPtr> conditions) : conditions_(std::move(conditions)) {}
  ColumnPtr evaluate(const EventBatch& batch) const override {
    return combine_all(conditions_, batch, kTrue, [](auto a, auto b) { return std::max(a, b); });
  }
  void collect_fields(std::set<std::string>& fields) const override {
    collect_all(conditions_, fields);
  }

 private:
  std::vector<ExpressionPtr> conditions_;
};

class Not final : public Expression {
 public:
  explicit Not(ExpressionPtr condition) : condition_(std::move(condition)) {}
  ColumnPtr evaluate(const EventBatch& batch) const override {
    std::vector<std::uint8_t> result = to_ternary(*condition_->evaluate(batch));
    for (std::uint8_t& value : result) value = static_cast<std::uint8_t>(kTrue - value);
    return from_ternary(std::move(result));
  }
  void collect_fields(std::set<std::string>& fields) const override {
    condition_->collect_fields(fields);
  }

 private:
  ExpressionPtr condition_;
};

class IsNull final : public Expression {
 public:
  IsNull(ExpressionPtr value, bool negated) : value_(std::move(value)), negated_(negated) {}
  ColumnPtr evaluate(const EventBatch& batch) const override {
    const ColumnPtr column = value_->evaluate(batch);
    std::vector<std::uint8_t> result(column->size(), negated_ ? 1 : 0);
    if (column->has_nulls())
      for (std::size_t row = 0; row < result.size(); ++row)
        result[row] = column->is_null(row) != negated_ ? 1 : 0;
    return Column::bools(std::move(result));
  }
  void collect_fields(std::set<std::string>& fields) const override {
    value_->collect_fields(fields);
  }

 private:
  ExpressionPtr value_;
  bool negated_;
};

class Coalesce final : public Expression {
 public:
  explicit Coalesce(std::vector<ExpressionPtr> values) : values_(std::move(values)) {}

  ColumnPtr evaluate(const EventBatch& batch) const override {
    // Columns without any value take no part; one without nulls ends the search.
    std::vector<ColumnPtr> sources;
    for (const ExpressionPtr& value : values_) {
      ColumnPtr column = value->evaluate(batch);
      const std::size_t nulls = column->null_count();
      if (nulls == column->size() && !column->size()) return column;
      if (nulls < column->size()) sources.push_back(std::move(column));
      if (nulls == 0) break;
    }
    if (sources.empty()) return Column::nulls(batch.rows());
    if (sources.size() == 1) return sources.front();
    return choose_first(sources, batch.rows());
  }

  void collect_fields(std::set<std::string>& fields) const override {
    collect_all(values_, fields);
  }

 private:
  static ColumnPtr choose_first(const std::vector<ColumnPtr>& sources, std::size_t rows) {
    std::vector<std::uint8_t> choice(rows, kNoSource);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t s = 0; s < sources.size(); ++s) {
        if (sources[s]->is_null(row)) continue;
        choice[row] = static_cast<std::uint8_t>(s);
        break;
      }
    }
    return choose(sources, choice);
  }

  std::vector<ExpressionPtr> values_;
};

}  // namespace

ExpressionPtr make_and(std::vector<ExpressionPtr> conditions) {
  return std::make_shared<And>(std::move(conditions));
}

ExpressionPtr make_or(std::vector<ExpressionPtr> conditions) {
  return std::make_shared<Or>(std::move(conditions));
}

ExpressionPtr make_not(ExpressionPtr condition) {
  return std::make_shared<Not>(std::move(condition));
}

ExpressionPtr make_is_null(ExpressionPtr value, bool negated) {
  return std::make_shared<IsNull>(std::move(value), negated);
}

ExpressionPtr make_coalesce(std::vector<ExpressionPtr> values) {
  // Choices are bytes: long lists become groups of a lesser size.
  constexpr std::size_t kGroup = 200;
  while (values.size() > kGroup) {
    std::vector<ExpressionPtr> tail(values.begin() + kGroup - 1, values.end());
    values.resize(kGroup - 1);
    values.push_back(make_coalesce(std::move(tail)));
  }
  return std::make_shared<Coalesce>(std::move(values));
}

}  // namespace lynxdb::query
