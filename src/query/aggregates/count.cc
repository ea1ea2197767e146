// count: rows, non-null values of a field, or rows for which a condition is true.
#include <array>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/visit.h"
#include "query/expression.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::Kind;
using event::Value;

constexpr std::size_t kFewGroups = 256;

class CountStates final : public AggregateStates {
 public:
  explicit CountStates(CountWhat what) : what_(what) {}

  void resize(std::size_t groups) override { counts_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const Column* argument,
              const RowOrigin& origin) override {
    if (what_ == CountWhat::kRows || argument == nullptr) return count_rows(groups);
    if (what_ == CountWhat::kTrue) return count_true(groups, *argument, origin.first);
    if (argument->kind() != Kind::kList && argument->kind() != Kind::kMixed &&
        !argument->has_nulls())
      return count_rows(groups);
    visit_values(*argument, origin.first, groups.size(),
                 [&](std::size_t i, event::ValueView) { ++counts_[groups[i]]; });
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const CountStates&>(other);
    const StatesAhead<std::int64_t> ahead(counts_, mapping);
    for (std::size_t g = 0; g < from.counts_.size() && !interrupted(); ++g) {
      ahead.at(g);
      counts_[mapping[g]] += from.counts_[g];
    }
  }

  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints&) const override {
    std::vector<std::int64_t> counts;
    counts.reserve(groups.size());
    for (const std::uint32_t group : groups) counts.push_back(counts_[group]);
    return Column::ints(std::move(counts));
  }
  Value current(std::size_t group) const override { return Value::integer(counts_[group]); }

  void encode(std::size_t group, std::string& out) const override {
    put_varint(static_cast<std::uint64_t>(counts_[group]), out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    counts_.push_back(static_cast<std::int64_t>(TRY(get_varint(bytes))));
    return {};
  }

  std::size_t groups() const override { return counts_.size(); }
  std::size_t memory_bytes() const override { return counts_.capacity() * sizeof(std::int64_t); }

 private:
  void count_rows(std::span<const std::uint32_t> groups) {
    if (counts_.size() == 1) {
      counts_[0] += static_cast<std::int64_t>(groups.size());
      return;
    }
    if (counts_.size() <= kFewGroups && groups.size() >= kFewGroups) return count_few(groups);
    const StatesAhead<std::int64_t> ahead(counts_, groups);
    std::int64_t* counts = counts_.data();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      ahead.at(i);
      ++counts[groups[i]];
    }
  }

  // Neighbours mostly belong to one of few groups, and a counter can be raised once in a few
  // cycles: each group has several.
  void count_few(std::span<const std::uint32_t> groups) {
    constexpr std::size_t kCounters = 4;
    std::array<std::array<std::uint32_t, kCounters>, kFewGroups> counts{};
    const std::size_t even = groups.size() - groups.size() % kCounters;
    for (std::size_t i = 0; i < even; i += kCounters)
      for (std::size_t c = 0; c < kCounters; ++c) ++counts[groups[i + c]][c];
    for (std::size_t i = even; i < groups.size(); ++i) ++counts[groups[i]][0];
    for (std::size_t g = 0; g < counts_.size(); ++g)
      for (const std::uint32_t count : counts[g]) counts_[g] += count;
  }

  void count_true(std::span<const std::uint32_t> groups, const Column& argument,
                  std::size_t first) {
    if (argument.kind() == Kind::kBool) {
      visit_internal::non_null(
          argument, argument.bool_values(), first, groups.size(),
          [&](std::size_t i, std::uint8_t v) { counts_[groups[i]] += v != 0 ? 1 : 0; });
      return;
    }
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (truth(argument.view(first + i)).value_or(false)) ++counts_[groups[i]];
  }

  const CountWhat what_;
  std::vector<std::int64_t> counts_;
};

}  // namespace

StatesPtr make_count_states(CountWhat what) { return std::make_unique<CountStates>(what); }

}  // namespace lynxdb::query
