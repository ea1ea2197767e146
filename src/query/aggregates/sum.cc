// sum, avg and sumsq: exact sums (exact_sum.h), rounded once.
#include <cmath>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/exact_sum.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"

namespace lynxdb::query {
namespace {

using event::Value;

enum class Kind { kSum, kAvg, kSumOfSquares };

template <Kind kKind>
class SumStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override { states_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    const StatesAhead<State> ahead(states_, groups);
    const auto add = [&](std::size_t i, auto v) {
      ahead.at(i);
      State& state = states_[groups[i]];
      ++state.count;
      const std::size_t before = state.sum.heap_bytes();
      if constexpr (kKind == Kind::kSumOfSquares)
        state.sum.add_square(v);
      else
        state.sum.add(v);
      heap_bytes_ += state.sum.heap_bytes() - before;
    };
    visit_numbers(*argument, origin.first, groups.size(), add, add);
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const SumStates&>(other);
    const StatesAhead<State> ahead(states_, mapping);
    for (std::size_t g = 0; g < from.states_.size(); ++g) {
      ahead.at(g);
      State& state = states_[mapping[g]];
      state.count += from.states_[g].count;
      const std::size_t before = state.sum.heap_bytes();
      state.sum.merge(from.states_[g].sum);
      heap_bytes_ += state.sum.heap_bytes() - before;
    }
  }

  Value current(std::size_t group) const override {
    const State& state = states_[group];
    if (state.count == 0) return {};
    if constexpr (kKind == Kind::kAvg)
      return Value::floating(state.sum.divided_by(static_cast<double>(state.count)));
    if (const auto whole = state.sum.as_int()) return Value::integer(*whole);
    return Value::floating(state.sum.to_double());
  }

  void encode(std::size_t group, std::string& out) const override {
    put_varint(states_[group].count, out);
    if (states_[group].count != 0) states_[group].sum.encode(out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    State state;
    state.count = TRY(get_varint(bytes));
    if (state.count != 0) TRY(state.sum.decode(bytes));
    heap_bytes_ += state.sum.heap_bytes();
    states_.push_back(std::move(state));
    return {};
  }

  std::size_t groups() const override { return states_.size(); }
  std::size_t memory_bytes() const override {
    return states_.capacity() * sizeof(State) + heap_bytes_;
  }

 private:
  // One line of memory.
  struct alignas(64) State {
    ExactSum sum;
    std::uint64_t count = 0;
  };

  std::vector<State> states_;
  std::size_t heap_bytes_ = 0;
};

}  // namespace

StatesPtr make_sum_states() { return std::make_unique<SumStates<Kind::kSum>>(); }
StatesPtr make_avg_states() { return std::make_unique<SumStates<Kind::kAvg>>(); }
StatesPtr make_sumsq_states() { return std::make_unique<SumStates<Kind::kSumOfSquares>>(); }

}  // namespace lynxdb::query
