// The families of aggregates, one file each; aggregate.cc picks by name.
#pragma once

#include <memory>

#include "query/aggregate.h"

namespace lynxdb::query {

using StatesPtr = std::unique_ptr<AggregateStates>;

enum class CountWhat { kRows, kValues, kTrue };
enum class Variance { kStdev, kStdevPopulation, kVariance, kVariancePopulation };

StatesPtr make_count_states(CountWhat what);
StatesPtr make_sum_states();
StatesPtr make_avg_states();
StatesPtr make_sumsq_states();
StatesPtr make_variance_states(Variance variance);
StatesPtr make_min_states();
StatesPtr make_max_states();
StatesPtr make_range_states();
StatesPtr make_dc_states();
StatesPtr make_values_states();
StatesPtr make_mode_states();
StatesPtr make_list_states();
StatesPtr make_percentile_states(double percentile);
StatesPtr make_first_states();
StatesPtr make_last_states();
StatesPtr make_earliest_states();
StatesPtr make_latest_states();

}  // namespace lynxdb::query
