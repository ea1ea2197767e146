// stats: the merged groups are the rows.
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

class StatsStage final : public AggregatingStage {
 public:
  explicit StatsStage(AggregationSpec spec)
      : spec_(std::make_shared<const AggregationSpec>(std::move(spec))) {}

  std::shared_ptr<const AggregationSpec> spec() const override { return spec_; }
  OperatorPtr finish(std::vector<std::unique_ptr<PartialAggregation>> parts,
                     Execution& execution) const override {
    return merge_aggregation(spec_, std::move(parts), execution);
  }

 private:
  std::shared_ptr<const AggregationSpec> spec_;
};

}  // namespace

Result<StagePtr> make_stage(const spl2::StatsCommand& command, const CompileContext& context) {
  AggregationSpec spec = TRY(compile_spec(command.aggregates, command.by, "stats", context));
  spec.first_rows = context.first_rows;
  return StagePtr(std::make_shared<StatsStage>(std::move(spec)));
}

}  // namespace lynxdb::query
