// sum, avg and sumsq: exact sums (exact_sum.h), rounded once.
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/exact_sum.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Value;

enum class SumKind { kSum, kAvg, kSumOfSquares };

// One group: half a line of memory while its values are all ints, or all floats that 128 bits can
// add up. Others have an ExactSum.
struct alignas(32) SumState {
  enum Form : std::uint32_t { kInts, kFloats, kExact };

  Int128 sum = 0;  // Of floats: in units of 2^-64.
  std::uint64_t count = 0;
  Form form = kInts;
  std::uint32_t exact = 0;  // Which of them.
};

template <SumKind kKind>
class SumStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override { states_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    const StatesAhead<SumState> ahead(states_, groups);
    const auto add = [&](std::size_t i, auto v) {
      ahead.at(i);
      SumState& state = states_[groups[i]];
      if (!add_short(state, v)) [[unlikely]]
        add_exactly(state, v);
      ++state.count;
    };
    visit_numbers(*argument, origin.first, groups.size(), add, add);
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const SumStates&>(other);
    const StatesAhead<SumState> ahead(states_, mapping);
    for (std::size_t g = 0; g < from.states_.size() && !interrupted(); ++g) {
      ahead.at(g);
      const SumState& share = from.states_[g];
      if (share.count == 0) continue;
      SumState& state = states_[mapping[g]];
      if (!merge_short(state, share)) [[unlikely]]
        merge_exactly(state, from, share);
      state.count += share.count;
    }
  }

  Value current(std::size_t group) const override {
    const SumState& state = states_[group];
    if (state.count == 0) return {};
    return with_sum(state, [&](const ExactSum& sum) {
      if constexpr (kKind == SumKind::kAvg)
        return Value::floating(sum.divided_by(static_cast<double>(state.count)));
      if (const auto whole = sum.as_int()) return Value::integer(*whole);
      return Value::floating(sum.to_double());
    });
  }

  void encode(std::size_t group, std::string& out) const override {
    const SumState& state = states_[group];
    put_varint(state.count, out);
    if (state.count != 0) with_sum(state, [&](const ExactSum& sum) { sum.encode(out); });
  }
  Result<> decode_append(std::string_view& bytes) override {
    SumState state;
    state.count = TRY(get_varint(bytes));
    if (state.count != 0) {
      ExactSum sum;
      TRY(sum.decode(bytes));
      keep(state, std::move(sum));
    }
    states_.push_back(state);
    return {};
  }

  std::size_t groups() const override { return states_.size(); }
  std::size_t memory_bytes() const override {
    return states_.capacity() * sizeof(SumState) + exact_.capacity() * sizeof(ExactSum) +
           heap_bytes_;
  }

 private:
  // False, with nothing done, where the short form does not do.
  static bool add_short(SumState& state, std::int64_t v) {
    if (state.form != SumState::kInts) return false;
    if constexpr (kKind == SumKind::kSumOfSquares)
      return add_to(state.sum, static_cast<Int128>(v) * v);
    state.sum += v;  // 2^64 additions cannot overflow.
    return true;
  }
  static bool add_short(SumState& state, double v) {
    if constexpr (kKind == SumKind::kSumOfSquares) return false;
    Int128 fixed = 0;
    if (!becomes(state, SumState::kFloats) || !ExactSum::to_fixed(v, fixed)) return false;
    return add_to(state.sum, fixed);
  }
  static bool merge_short(SumState& state, const SumState& share) {
    return share.form != SumState::kExact && becomes(state, share.form) &&
           add_to(state.sum, share.sum);
  }
  static bool add_to(Int128& sum, Int128 v) {
    Int128 total = 0;
    if (__builtin_add_overflow(sum, v, &total)) return false;
    sum = total;
    return true;
  }
  // Whether the state has that form; one without values may take any.
  static bool becomes(SumState& state, SumState::Form form) {
    if (state.count == 0 && state.form != SumState::kExact) state.form = form;
    return state.form == form;
  }

  template <typename V>
  void add_exactly(SumState& state, V v) {
    change(state, [&](ExactSum& sum) {
      if constexpr (kKind == SumKind::kSumOfSquares)
        sum.add_square(v);
      else
        sum.add(v);
    });
  }
  void merge_exactly(SumState& state, const SumStates& from, const SumState& share) {
    change(state, [&](ExactSum& sum) {
      from.with_sum(share, [&](const ExactSum& other) { sum.merge(other); });
    });
  }

  // Calls change(ExactSum&) with the sum of the group, which has one of its own from then on.
  template <typename Change>
  void change(SumState& state, Change&& change) {
    if (state.form != SumState::kExact) {
      exact_.push_back(ExactSum(state.count == 0 ? ExactSum::Parts() : parts_of(state)));
      state = {.count = state.count,
               .form = SumState::kExact,
               .exact = static_cast<std::uint32_t>(exact_.size() - 1)};
    }
    ExactSum& sum = exact_[state.exact];
    const std::size_t before = sum.heap_bytes();
    change(sum);
    heap_bytes_ += sum.heap_bytes() - before;
  }

  void keep(SumState& state, ExactSum sum) {
    const std::optional<ExactSum::Parts> parts = sum.parts();
    if (parts && (parts->ints == 0 || !parts->floats)) {
      state.form = parts->floats ? SumState::kFloats : SumState::kInts;
      state.sum = parts->floats ? parts->fixed : parts->ints;
      return;
    }
    state.form = SumState::kExact;
    state.exact = static_cast<std::uint32_t>(exact_.size());
    heap_bytes_ += sum.heap_bytes();
    exact_.push_back(std::move(sum));
  }

  static ExactSum::Parts parts_of(const SumState& state) {
    if (state.form == SumState::kInts) return {.ints = state.sum};
    return {.fixed = state.sum, .floats = true};
  }
  template <typename Use>
  auto with_sum(const SumState& state, Use&& use) const {
    if (state.form == SumState::kExact) return use(exact_[state.exact]);
    return use(ExactSum(parts_of(state)));
  }

  std::vector<SumState> states_;
  std::vector<ExactSum> exact_;  // Of the groups that need one.
  std::size_t heap_bytes_ = 0;   // Of these.
};

}  // namespace

StatesPtr make_sum_states() { return std::make_unique<SumStates<SumKind::kSum>>(); }
StatesPtr make_avg_states() { return std::make_unique<SumStates<SumKind::kAvg>>(); }
StatesPtr make_sumsq_states() { return std::make_unique<SumStates<SumKind::kSumOfSquares>>(); }

}  // namespace lynxdb::query
