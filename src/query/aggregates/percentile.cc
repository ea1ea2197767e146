// perc: linear interpolation between ranks (n-1)*N/100; exact up to 10,000 values per group, then a
// sketch (quantile_sketch.h).
#include <algorithm>
#include <cmath>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/quantile_sketch.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Value;

// The values of one group; those that came since the last look at the sketch wait in a buffer, so
// that the cells of one group are visited many at a time while they are in the cache.
class Distribution {
 public:
  void add(double v) {
    values_.push_back(v);
    if (values_.size() > (sketch_ ? kBufferedMax : kGroupValuesMax)) [[unlikely]]
      flush();
  }

  void merge(const Distribution& other) {
    const bool exact =
        !sketch_ && !other.sketch_ && values_.size() + other.values_.size() <= kGroupValuesMax;
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
    if (exact) return;
    flush();
    if (other.sketch_) sketch_->merge(*other.sketch_);
  }

  Value percentile(double p) const {
    if (sketch_) flush();
    const std::uint64_t count = sketch_ ? sketch_->count() : values_.size();
    if (count == 0) return {};
    const double rank = static_cast<double>(count - 1) * p / 100;
    return Value::floating(sketch_ ? sketch_->at_rank(rank) : exact_at(rank));
  }

  void encode(std::string& out) const {
    if (sketch_) flush();
    put_varint(sketch_ ? 0 : values_.size() + 1, out);
    if (sketch_) return sketch_->encode(out);
    for (const double v : values_) put_float(v, out);
  }

  Result<> decode(std::string_view& bytes) {
    const std::uint64_t size = TRY(get_varint(bytes));
    if (size == 0) {
      sketch_ = std::make_unique<QuantileSketch>();
      return sketch_->decode(bytes);
    }
    if (size - 1 > kGroupValuesMax) return corrupt_state();
    for (std::uint64_t i = 1; i < size; ++i) values_.push_back(TRY(get_float(bytes)));
    return {};
  }

  std::size_t heap_bytes() const {
    return values_.capacity() * sizeof(double) + (sketch_ ? sketch_->memory_bytes() : 0);
  }

 private:
  static constexpr std::size_t kBufferedMax = 1024;

  double exact_at(double rank) const {
    std::vector<double> values = values_;
    const auto below = static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), values.begin() + below, values.end());
    const double low = values[static_cast<std::size_t>(below)];
    const double fraction = rank - static_cast<double>(below);
    if (fraction == 0) return low;
    const double high = *std::min_element(values.begin() + below + 1, values.end());
    return low + (high - low) * fraction;
  }

  // Brings all values into the sketch, which exists afterwards.
  void flush() const {
    const bool first = !sketch_;
    if (first) sketch_ = std::make_unique<QuantileSketch>();
    for (const double v : values_) sketch_->add(v);
    values_.clear();
    if (!first) return;
    values_.shrink_to_fit();
    values_.reserve(kBufferedMax + 1);
  }

  // Where values are kept is no part of the state: looking at it may move them.
  mutable std::vector<double> values_;
  mutable std::unique_ptr<QuantileSketch> sketch_;
};

class PercentileStates final : public ScalarStates {
 public:
  explicit PercentileStates(double percentile) : percentile_(percentile) {}

  void resize(std::size_t groups) override { states_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    const auto add = [&](std::size_t i, auto v) {
      Distribution& state = states_[groups[i]];
      const std::size_t before = state.heap_bytes();
      state.add(static_cast<double>(v) + 0.0);
      heap_bytes_ += state.heap_bytes() - before;
    };
    visit_numbers(*argument, origin.first, groups.size(), add, add);
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const PercentileStates&>(other);
    for (std::size_t g = 0; g < from.states_.size() && !interrupted(); ++g) {
      Distribution& state = states_[mapping[g]];
      const std::size_t before = state.heap_bytes();
      state.merge(from.states_[g]);
      heap_bytes_ += state.heap_bytes() - before;
    }
  }

  Value current(std::size_t group) const override { return states_[group].percentile(percentile_); }

  void encode(std::size_t group, std::string& out) const override { states_[group].encode(out); }
  Result<> decode_append(std::string_view& bytes) override {
    Distribution state;
    TRY(state.decode(bytes));
    heap_bytes_ += state.heap_bytes();
    states_.push_back(std::move(state));
    return {};
  }

  std::size_t groups() const override { return states_.size(); }
  std::size_t memory_bytes() const override {
    return states_.capacity() * sizeof(Distribution) + heap_bytes_;
  }

 private:
  const double percentile_;
  std::vector<Distribution> states_;
  std::size_t heap_bytes_ = 0;  // Of all states; wraps harmlessly when one shrinks.
};

}  // namespace

StatesPtr make_percentile_states(double percentile) {
  return std::make_unique<PercentileStates>(percentile);
}

}  // namespace lynxdb::query
