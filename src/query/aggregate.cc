#include "query/aggregate.h"

#include <array>
#include <numeric>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "query/aggregates/makers.h"

namespace lynxdb::query {

namespace {

using Make = StatesPtr (*)(const spl2::Aggregate&);

struct Family {
  std::string_view function;
  Make make;
  bool counts = false;
  bool needs_time = false;
};

StatesPtr make_count(const spl2::Aggregate& aggregate) {
  if (aggregate.argument == nullptr) return make_count_states(CountWhat::kRows);
  return make_count_states(aggregate.counts_condition ? CountWhat::kTrue : CountWhat::kValues);
}

template <StatesPtr (*kMake)()>
StatesPtr plain(const spl2::Aggregate&) {
  return kMake();
}

template <Variance kVariance>
StatesPtr variance(const spl2::Aggregate&) {
  return make_variance_states(kVariance);
}

constexpr std::array kFamilies = {
    Family{"count", make_count, true},
    Family{"sum", plain<make_sum_states>},
    Family{"avg", plain<make_avg_states>},
    Family{"min", plain<make_min_states>},
    Family{"max", plain<make_max_states>},
    Family{"dc", plain<make_dc_states>, true},
    Family{"values", plain<make_values_states>},
    Family{"list", plain<make_list_states>},
    Family{"stdev", variance<Variance::kStdev>},
    Family{"stdevp", variance<Variance::kStdevPopulation>},
    Family{"var", variance<Variance::kVariance>},
    Family{"varp", variance<Variance::kVariancePopulation>},
    Family{"perc", [](const spl2::Aggregate& a) { return make_percentile_states(a.percentile); }},
    Family{"earliest", plain<make_earliest_states>, false, true},
    Family{"latest", plain<make_latest_states>, false, true},
    Family{"first", plain<make_first_states>},
    Family{"last", plain<make_last_states>},
    Family{"mode", plain<make_mode_states>},
    Family{"range", plain<make_range_states>},
    Family{"sumsq", plain<make_sumsq_states>},
};

const Family* find(std::string_view function) {
  for (const Family& family : kFamilies)
    if (family.function == function) return &family;
  return nullptr;
}

}  // namespace

bool is_aggregate(std::string_view function) { return find(function) != nullptr; }

bool counts(const spl2::Aggregate& aggregate) {
  const Family* family = find(aggregate.function);
  return family != nullptr && family->counts;
}

bool needs_time(const spl2::Aggregate& aggregate) {
  const Family* family = find(aggregate.function);
  return family != nullptr && family->needs_time;
}

event::ColumnPtr AggregateStates::finish(Hints& hints) const {
  std::vector<std::uint32_t> all(groups());
  std::iota(all.begin(), all.end(), 0U);
  return finish(all, hints);
}

StatesPtr make_states(const spl2::Aggregate& aggregate) {
  const Family* family = find(aggregate.function);
  LYNXDB_CHECK(family != nullptr);
  return family->make(aggregate);
}

}  // namespace lynxdb::query
