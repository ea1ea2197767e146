// stdev, stdevp, var and varp from exact sums of the values and of their squares: merging needs no
// order, and the one cancelling subtraction is made with about 106 bits.
#include <cmath>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/exact_sum.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Value;
using Pair = ExactSum::Pair;

// Double-double arithmetic after T. J. Dekker, "A floating-point technique for extending the
// available precision" (1971): each pair is an unevaluated sum hi + lo.
Pair two_sum(double a, double b) {
  const double sum = a + b;
  const double other = sum - a;
  return {sum, (a - (sum - other)) + (b - other)};
}

Pair square(Pair a) {
  const double hi = a.hi * a.hi;
  return two_sum(hi, std::fma(a.hi, a.hi, -hi) + 2 * a.hi * a.lo);
}

Pair divide(Pair a, double b) {
  const double hi = a.hi / b;
  return two_sum(hi, (std::fma(-hi, b, a.hi) + a.lo) / b);
}

double subtract(Pair a, Pair b) {
  const Pair hi = two_sum(a.hi, -b.hi);
  return hi.hi + (hi.lo + (a.lo - b.lo));
}

struct State {
  std::uint64_t count = 0;
  double min = 0;
  double max = 0;
  ExactSum sum;
  ExactSum squares;

  std::size_t heap_bytes() const { return sum.heap_bytes() + squares.heap_bytes(); }

  void add(auto v) {
    widen(static_cast<double>(v), static_cast<double>(v));
    ++count;
    sum.add(v);
    squares.add_square(v);
  }

  void merge(const State& other) {
    if (other.count == 0) return;
    widen(other.min, other.max);
    count += other.count;
    sum.merge(other.sum);
    squares.merge(other.squares);
  }

  // Call before `count` grows.
  void widen(double low, double high) {
    min = count == 0 ? low : std::min(min, low);
    max = count == 0 ? high : std::max(max, high);
  }
};

class VarianceStates final : public ScalarStates {
 public:
  explicit VarianceStates(Variance variance) : variance_(variance) {}

  void resize(std::size_t groups) override { states_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    const auto add = [&](std::size_t i, auto v) {
      State& state = states_[groups[i]];
      const std::size_t before = state.heap_bytes();
      state.add(v);
      heap_bytes_ += state.heap_bytes() - before;
    };
    visit_numbers(*argument, origin.first, groups.size(), add, add);
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const VarianceStates&>(other);
    for (std::size_t g = 0; g < from.states_.size() && !interrupted(); ++g) {
      State& state = states_[mapping[g]];
      const std::size_t before = state.heap_bytes();
      state.merge(from.states_[g]);
      heap_bytes_ += state.heap_bytes() - before;
    }
  }

  Value current(std::size_t group) const override {
    const State& state = states_[group];
    const bool population =
        variance_ == Variance::kStdevPopulation || variance_ == Variance::kVariancePopulation;
    if (state.count < (population ? 1U : 2U)) return {};
    const auto n = static_cast<double>(state.count);
    const double variance = squared_deviations(state) / (population ? n : n - 1);
    const bool root = variance_ == Variance::kStdev || variance_ == Variance::kStdevPopulation;
    return Value::floating(root ? std::sqrt(variance) : variance);
  }

  void encode(std::size_t group, std::string& out) const override {
    const State& state = states_[group];
    put_varint(state.count, out);
    if (state.count == 0) return;
    put_float(state.min, out);
    put_float(state.max, out);
    state.sum.encode(out);
    state.squares.encode(out);
  }

  Result<> decode_append(std::string_view& bytes) override {
    State state;
    state.count = TRY(get_varint(bytes));
    if (state.count != 0) {
      state.min = TRY(get_float(bytes));
      state.max = TRY(get_float(bytes));
      TRY(state.sum.decode(bytes));
      TRY(state.squares.decode(bytes));
    }
    heap_bytes_ += state.heap_bytes();
    states_.push_back(std::move(state));
    return {};
  }

  std::size_t groups() const override { return states_.size(); }
  std::size_t memory_bytes() const override {
    return states_.capacity() * sizeof(State) + heap_bytes_;
  }

 private:
  static double squared_deviations(const State& state) {
    // Equal values have no deviation; 106 bits would leave a trace of one.
    if (state.min == state.max) return 0;
    const Pair mean_part = divide(square(state.sum.to_pair()), static_cast<double>(state.count));
    return std::max(0.0, subtract(state.squares.to_pair(), mean_part));
  }

  const Variance variance_;
  std::vector<State> states_;
  std::size_t heap_bytes_ = 0;
};

}  // namespace

StatesPtr make_variance_states(Variance variance) {
  return std::make_unique<VarianceStates>(variance);
}

}  // namespace lynxdb::query
