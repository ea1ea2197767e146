#include "query/profile.h"

#include <chrono>

namespace lynxdb::query {
namespace {

using event::EventBatch;

class Stopwatch {
 public:
  explicit Stopwatch(StepCounters& counters) : counters_(counters) {}
  ~Stopwatch() {
    const auto elapsed = std::chrono::steady_clock::now() - start_;
    counters_.busy_ns += static_cast<std::uint64_t>(std::chrono::nanoseconds(elapsed).count());
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  StepCounters& counters_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class ProfiledTransform final : public Transform {
 public:
  ProfiledTransform(TransformPtr transform, StepCountersPtr counters)
      : transform_(std::move(transform)), counters_(std::move(counters)) {}

  Result<EventBatch> apply(EventBatch batch) const override {
    const Stopwatch watch(*counters_);
    counters_->rows_in += batch.rows();
    Result<EventBatch> result = transform_->apply(std::move(batch));
    if (result) counters_->rows_out += result->rows();
    return result;
  }
  std::string_view command() const override { return transform_->command(); }

 private:
  TransformPtr transform_;
  StepCountersPtr counters_;
};

class ProfiledOperator final : public Operator {
 public:
  ProfiledOperator(OperatorPtr op, StepCountersPtr counters)
      : op_(std::move(op)), counters_(std::move(counters)) {}

  Result<std::optional<EventBatch>> next() override {
    const Stopwatch watch(*counters_);
    Result<std::optional<EventBatch>> result = op_->next();
    if (result && *result) counters_->rows_out += (*result)->rows();
    return result;
  }

 private:
  OperatorPtr op_;
  StepCountersPtr counters_;
};

class ProfiledSource final : public Source {
 public:
  ProfiledSource(SourcePtr source, StepCountersPtr counters)
      : source_(std::move(source)), counters_(std::move(counters)) {}

  Result<std::optional<EventBatch>> next() override {
    const Stopwatch watch(*counters_);
    Result<std::optional<EventBatch>> result = source_->next();
    if (result && *result) counters_->rows_out += (*result)->rows();
    return result;
  }
  void stop() override { source_->stop(); }
  Progress progress() const override { return source_->progress(); }

 private:
  SourcePtr source_;
  StepCountersPtr counters_;
};

}  // namespace

TransformPtr profiled(TransformPtr transform, StepCountersPtr counters) {
  return std::make_shared<ProfiledTransform>(std::move(transform), std::move(counters));
}

OperatorPtr profiled(OperatorPtr op, StepCountersPtr counters) {
  return std::make_unique<ProfiledOperator>(std::move(op), std::move(counters));
}

SourcePtr profiled(SourcePtr source, StepCountersPtr counters) {
  return std::make_shared<ProfiledSource>(std::move(source), std::move(counters));
}

StepProfile read_profile(const StepCounters& counters) {
  StepProfile profile{counters.text, counters.where, counters.rows_in, counters.rows_out,
                      counters.busy_ns};
  if (counters.input != nullptr) {
    profile.rows_in = counters.input->rows_out;
    const std::uint64_t below = counters.input->busy_ns;
    profile.busy_ns = profile.busy_ns > below ? profile.busy_ns - below : 0;
  }
  return profile;
}

}  // namespace lynxdb::query
