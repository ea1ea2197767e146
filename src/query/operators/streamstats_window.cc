#include "query/operators/streamstats_window.h"

#include <algorithm>
#include <array>

#include "query/aggregates/byte_codec.h"

namespace lynxdb::query {

namespace {

constexpr std::array<std::uint32_t, 1> kOnlyGroup = {0};

// Beside what the states count themselves.
constexpr std::size_t kObjectBytes = 128;

std::size_t bytes_of(const AggregateStates& states) { return states.memory_bytes() + kObjectBytes; }

}  // namespace

std::unique_ptr<AggregateStates> SlidingAggregate::fresh() const {
  std::unique_ptr<AggregateStates> states = make_states(*aggregate_);
  states->resize(1);
  return states;
}

void SlidingAggregate::push(const event::Column* argument, const RowOrigin& origin) {
  newer_.push_back(fresh());
  newer_.back()->update(kOnlyGroup, argument, origin);
  newer_total_->update(kOnlyGroup, argument, origin);
  bytes_ += bytes_of(*newer_.back());
}

bool SlidingAggregate::pop(std::size_t bytes_max) {
  if (older_.empty() && !turn(bytes_max)) return false;
  bytes_ -= std::min(bytes_, bytes_of(*older_.back()));
  older_.pop_back();
  return true;
}

bool SlidingAggregate::turn(std::size_t bytes_max) {
  bytes_ = 0;
  for (std::size_t i = newer_.size(); i-- > 0;) {
    if (i + 1 < newer_.size()) newer_[i]->merge(*newer_[i + 1], kOnlyGroup);
    bytes_ += bytes_of(*newer_[i]);
    if (bytes_ > bytes_max) return false;
  }
  older_ = std::move(newer_);
  std::reverse(older_.begin(), older_.end());
  newer_.clear();
  newer_total_ = fresh();
  return true;
}

void SlidingAggregate::encode(std::string& out) const {
  for (const auto* stack : {&older_, &newer_}) {
    put_varint(stack->size(), out);
    for (const auto& states : *stack) states->encode(0, out);
  }
  newer_total_->encode(0, out);
}

Result<std::unique_ptr<AggregateStates>> SlidingAggregate::decode_one(
    std::string_view& bytes) const {
  std::unique_ptr<AggregateStates> states = make_states(*aggregate_);
  TRY(states->decode_append(bytes));
  return states;
}

Result<> SlidingAggregate::decode(std::string_view& bytes) {
  bytes_ = 0;
  for (auto* stack : {&older_, &newer_}) {
    const std::uint64_t count = TRY(get_varint(bytes));
    for (std::uint64_t i = 0; i < count; ++i) {
      stack->push_back(TRY(decode_one(bytes)));
      bytes_ += bytes_of(*stack->back());
    }
  }
  newer_total_ = TRY(decode_one(bytes));
  return {};
}

event::Value SlidingAggregate::current() const {
  if (older_.empty()) return newer_total_->current(0);
  if (newer_.empty()) return older_.back()->current(0);
  const std::unique_ptr<AggregateStates> both = fresh();
  both->merge(*older_.back(), kOnlyGroup);
  both->merge(*newer_total_, kOnlyGroup);
  return both->current(0);
}

}  // namespace lynxdb::query
