// Row counts and busy time of every step of a running query, for --analyze.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "query/engine.h"
#include "query/operator.h"

namespace lynxdb::query {

// Counted once per batch, so that it can always be on. Thread-safe.
struct StepCounters {
  std::string text;
  std::string where;
  std::shared_ptr<const StepCounters> input;  // Whose busy time is within this one's (operators).
  std::atomic<std::uint64_t> rows_in{0};
  std::atomic<std::uint64_t> rows_out{0};
  std::atomic<std::uint64_t> busy_ns{0};
};

using StepCountersPtr = std::shared_ptr<StepCounters>;

TransformPtr profiled(TransformPtr transform, StepCountersPtr counters);
OperatorPtr profiled(OperatorPtr op, StepCountersPtr counters);
SourcePtr profiled(SourcePtr source, StepCountersPtr counters);

StepProfile read_profile(const StepCounters& counters);

}  // namespace lynxdb::query
