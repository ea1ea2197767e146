// range: the largest number minus the smallest; int when both are ints and it fits, else float.
#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Type;
using event::Value;
using event::ValueView;

int compare(ValueView a, ValueView b) {
  const int order = sort_compare(a, b);
  if (order != 0 || a.type() == b.type()) return order;
  return a.type() == Type::kInt ? -1 : 1;
}

struct State {
  ValueView min;  // Numbers, so nothing is borrowed.
  ValueView max;

  void add(ValueView low, ValueView high) {
    if (low.is_null()) return;
    if (min.is_null() || compare(low, min) < 0) min = low;
    // Among equals an int wins here, too.
    if (max.is_null() || sort_compare(high, max) > 0 ||
        (sort_compare(high, max) == 0 && high.type() == Type::kInt))
      max = high;
  }
};

double as_double(ValueView v) {
  return v.type() == Type::kInt ? static_cast<double>(v.as_int()) : v.as_float();
}

class RangeStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override { states_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    visit_numbers(
        *argument, origin.first, groups.size(),
        [&](std::size_t i, std::int64_t v) {
          states_[groups[i]].add(ValueView::integer(v), ValueView::integer(v));
        },
        [&](std::size_t i, double v) {
          states_[groups[i]].add(ValueView::floating(v + 0.0), ValueView::floating(v + 0.0));
        });
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const RangeStates&>(other);
    for (std::size_t g = 0; g < from.states_.size() && !interrupted(); ++g)
      states_[mapping[g]].add(from.states_[g].min, from.states_[g].max);
  }

  Value current(std::size_t group) const override {
    const State& state = states_[group];
    if (state.min.is_null()) return {};
    std::int64_t whole = 0;
    if (state.min.type() == Type::kInt && state.max.type() == Type::kInt &&
        !__builtin_sub_overflow(state.max.as_int(), state.min.as_int(), &whole))
      return Value::integer(whole);
    return Value::floating(as_double(state.max) - as_double(state.min));
  }

  void encode(std::size_t group, std::string& out) const override {
    put_scalar(states_[group].min, out);
    put_scalar(states_[group].max, out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    State state;
    state.min = TRY(get_number(bytes));
    state.max = TRY(get_number(bytes));
    if (state.min.is_null() != state.max.is_null()) return corrupt_state();
    states_.push_back(state);
    return {};
  }

  std::size_t groups() const override { return states_.size(); }
  std::size_t memory_bytes() const override { return states_.capacity() * sizeof(State); }

 private:
  static Result<ValueView> get_number(std::string_view& bytes) {
    const ValueView value = TRY(get_scalar(bytes));
    if (!value.is_null() && value.type() != Type::kInt && value.type() != Type::kFloat)
      return corrupt_state();
    return value;
  }

  std::vector<State> states_;
};

}  // namespace

StatesPtr make_range_states() { return std::make_unique<RangeStates>(); }

}  // namespace lynxdb::query
