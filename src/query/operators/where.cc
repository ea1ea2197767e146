#include <utility>

#include "query/operators/operators.h"

namespace lynxdb::query {
namespace {

class WhereTransform final : public Transform {
 public:
  explicit WhereTransform(ExpressionPtr condition) : condition_(std::move(condition)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    const std::vector<std::uint32_t> rows = matching_rows(*condition_, batch);
    if (rows.size() == batch.rows()) return batch;
    return batch.take(rows);
  }
  std::string_view command() const override { return "where"; }

 private:
  ExpressionPtr condition_;
};

}  // namespace

TransformPtr make_where(ExpressionPtr condition) {
  return std::make_shared<WhereTransform>(std::move(condition));
}

}  // namespace lynxdb::query
