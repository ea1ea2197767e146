// earliest and latest: the non-null value at the lowest and highest `_time`. Of events with one
// time the one that was stored earlier is earlier. Rows without a time do not count.
#include <optional>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/scalar_store.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"
#include "query/operators/time_value.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

// When an event happened, as far as it can be told. `order` and `row` are those of the pipeline,
// complemented when it runs from new to old, so that a smaller one is always the earlier event.
struct Moment {
  std::int64_t time_ns = 0;
  std::uint64_t order = 0;
  std::uint32_t row = 0;
  friend auto operator<=>(const Moment&, const Moment&) = default;
};

template <bool kLatest>
class ChronologicalStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override {
    store_.resize(groups);
    moments_.resize(groups);
  }

  void update(std::span<const std::uint32_t> groups, const Column* argument,
              const RowOrigin& origin) override {
    if (origin.time == nullptr) return;
    const Column& times = *origin.time;
    const bool plain = times.kind() == Kind::kTimestamp && !times.null_bitmap().any();
    visit_values(*argument, origin.first, groups.size(), [&](std::size_t i, ValueView value) {
      const std::size_t row = origin.first + i;
      const auto time =
          plain ? std::optional(times.int_values()[row]) : time_from_value(times.view(row));
      if (time) consider(groups[i], moment(*time, origin, i), value);
    });
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const ChronologicalStates&>(other);
    for (std::size_t g = 0; g < from.groups() && !interrupted(); ++g)
      consider(mapping[g], from.moments_[g], from.store_.view(g));
  }

  Value current(std::size_t group) const override { return store_.view(group).to_value(); }

  void encode(std::size_t group, std::string& out) const override {
    put_fixed(static_cast<std::uint64_t>(moments_[group].time_ns), out);
    put_fixed(moments_[group].order, out);
    put_varint(moments_[group].row, out);
    put_scalar(store_.view(group), out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    Moment moment;
    moment.time_ns = static_cast<std::int64_t>(TRY(get_fixed(bytes)));
    moment.order = TRY(get_fixed(bytes));
    moment.row = static_cast<std::uint32_t>(TRY(get_varint(bytes)));
    const ValueView value = TRY(get_scalar(bytes));
    resize(groups() + 1);
    moments_.back() = moment;
    store_.set(groups() - 1, value);
    return {};
  }

  std::size_t groups() const override { return moments_.size(); }
  std::size_t memory_bytes() const override {
    return moments_.capacity() * sizeof(Moment) + store_.memory_bytes();
  }

 private:
  static Moment moment(std::int64_t time_ns, const RowOrigin& origin, std::size_t i) {
    if (origin.newest_first) return {time_ns, ~origin.sequence, ~origin.row(i)};
    return {time_ns, origin.sequence, origin.row(i)};
  }

  // Elements of a list are of one moment: the first one is earliest, the last one latest.
  void consider(std::size_t group, const Moment& moment, ValueView value) {
    if (value.is_null()) return;
    const bool empty = store_.cell(group).type == Type::kNull;
    if (!empty && (kLatest ? moment < moments_[group] : moment >= moments_[group])) return;
    moments_[group] = moment;
    store_.set(group, value);
  }

  ScalarStore store_;
  std::vector<Moment> moments_;
};

}  // namespace

StatesPtr make_earliest_states() { return std::make_unique<ChronologicalStates<false>>(); }
StatesPtr make_latest_states() { return std::make_unique<ChronologicalStates<true>>(); }

}  // namespace lynxdb::query
