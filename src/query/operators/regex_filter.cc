// The command `regex`: rows whose field matches.
#include <utility>

#include "query/field.h"
#include "query/operators/operators.h"
#include "query/operators/scalar_condition.h"
#include "query/regex.h"

namespace lynxdb::query {
namespace {

class RegexCondition final : public ScalarCondition {
 public:
  explicit RegexCondition(RegexPtr regex) : regex_(std::move(regex)) {}
  bool text(std::string_view text) const override { return regex_->matches(text); }
  bool number(event::ValueView number) const override { return text(event::text(number)); }
  bool timestamp(std::int64_t ns) const override {
    return text(event::text(event::ValueView::timestamp(ns)));
  }

 private:
  RegexPtr regex_;
};

class RegexTransform final : public Transform {
 public:
  RegexTransform(std::string field, bool negated, RegexPtr regex)
      : field_(std::move(field)), negated_(negated), condition_(std::move(regex)) {}

  Result<event::EventBatch> apply(event::EventBatch batch) const override {
    RowMask passing(batch.rows(), true);
    keep_passing(*resolve_field(batch, field_), condition_, passing);
    RowMask kept = passing;
    if (negated_) {
      kept = RowMask(batch.rows(), true);
      kept.subtract(passing);
    }
    if (kept.count() == batch.rows()) return batch;
    return batch.take(kept.selected());
  }

 private:
  std::string field_;
  bool negated_;
  RegexCondition condition_;
};

}  // namespace

Result<TransformPtr> make_regex(const spl2::RegexCommand& command) {
  RegexPtr regex = TRY(Regex::compile(command.regex));
  return TransformPtr(
      std::make_shared<RegexTransform>(command.field, command.negated, std::move(regex)));
}

}  // namespace lynxdb::query
