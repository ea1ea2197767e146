// values: the distinct values of a group in sort order, the smallest 10,000. mode: the most
// frequent value, the smallest of several.
#include <algorithm>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/value_counts.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Value;

class ValuesStates final : public ValueCountStates {
 public:
  void resize(std::size_t groups) override {
    ValueCountStates::resize(groups);
    cut_.resize(groups);
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    ValueCountStates::merge(other, mapping);
    const auto& from = static_cast<const ValuesStates&>(other);
    for (std::size_t g = 0; g < from.cut_.size() && !interrupted(); ++g)
      if (from.cut_[g] != 0) cut_[mapping[g]] = 1;
  }

  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints& hints) const override {
    std::vector<Value> lists;
    lists.reserve(groups.size());
    for (const std::uint32_t group : groups)
      lists.push_back(interrupted() ? Value() : current(group));
    bool any_cut = false;
    for (const std::uint32_t group : groups)
      any_cut = any_cut || cut_[group] != 0 || codes(group).size() > kGroupValuesMax;
    if (any_cut)
      hints.add(
          "values(): a group has more than 10000 distinct values; the smallest 10000 are kept");
    return event::Column::mixed(std::move(lists));
  }

  Value current(std::size_t group) const override {
    std::vector<Value> list;
    for (const std::uint32_t code : sorted_codes(group)) {
      if (list.size() == kGroupValuesMax) break;
      list.push_back(value(group, code));
    }
    return Value::list(std::move(list));
  }

  void encode(std::size_t group, std::string& out) const override {
    out.push_back(static_cast<char>(cut_[group]));
    ValueCountStates::encode(group, out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    cut_.push_back(TRY(get_varint(bytes)) != 0 ? 1 : 0);
    return ValueCountStates::decode_append(bytes);
  }

 private:
  // The smallest values stay whatever the order in which they came. Twice as many are let in, so
  // that the others are looked for once for many new values.
  void grown(std::size_t group) override {
    if (codes(group).size() <= 2 * kGroupValuesMax) return;
    if (interrupted_now()) return;
    keep_only(group, smallest_codes(group, kGroupValuesMax));
    cut_[group] = 1;
  }

  std::vector<std::uint8_t> cut_;
};

class ModeStates final : public ValueCountStates {
 public:
  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints&) const override {
    event::ColumnBuilder builder;
    for (const std::uint32_t group : groups) builder.append(current(group));
    return builder.finish();
  }

  Value current(std::size_t group) const override {
    std::uint64_t most = 0;
    for (const std::uint32_t code : codes(group)) most = std::max(most, seen(group, code).count);
    Value best;
    std::string best_text;
    for (const std::uint32_t code : codes(group)) {
      if (seen(group, code).count != most) continue;
      Value candidate = value(group, code);
      const int order = best.is_null() ? -1 : sort_compare(candidate, best);
      if (order > 0 || (order == 0 && event::text(candidate) >= best_text)) continue;
      best_text = event::text(candidate);
      best = std::move(candidate);
    }
    return best;
  }
};

}  // namespace

StatesPtr make_values_states() { return std::make_unique<ValuesStates>(); }
StatesPtr make_mode_states() { return std::make_unique<ModeStates>(); }

}  // namespace lynxdb::query
