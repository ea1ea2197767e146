// first and last: the first and last non-null value in pipeline order, which is the order of
// batches and of the rows in them, whoever worked on which batch.
#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/scalar_store.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Value;
using event::ValueView;

struct Position {
  std::uint64_t sequence = 0;
  std::uint32_t row = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

template <bool kLast>
class PositionalStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override {
    store_.resize(groups);
    positions_.resize(groups);
  }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    visit_values(*argument, origin.first, groups.size(), [&](std::size_t i, ValueView value) {
      consider(groups[i], {origin.sequence, origin.row(i)}, value);
    });
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const PositionalStates&>(other);
    for (std::size_t g = 0; g < from.groups() && !interrupted(); ++g)
      consider(mapping[g], from.positions_[g], from.store_.view(g));
  }

  Value current(std::size_t group) const override { return store_.view(group).to_value(); }

  void encode(std::size_t group, std::string& out) const override {
    put_varint(positions_[group].sequence, out);
    put_varint(positions_[group].row, out);
    put_scalar(store_.view(group), out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    Position position;
    position.sequence = TRY(get_varint(bytes));
    position.row = static_cast<std::uint32_t>(TRY(get_varint(bytes)));
    const ValueView value = TRY(get_scalar(bytes));
    resize(groups() + 1);
    positions_.back() = position;
    store_.set(groups() - 1, value);
    return {};
  }

  std::size_t groups() const override { return positions_.size(); }
  std::size_t memory_bytes() const override {
    return positions_.capacity() * sizeof(Position) + store_.memory_bytes();
  }

 private:
  // Elements of one list have one position and come in their order: the later one is last.
  void consider(std::size_t group, Position position, ValueView value) {
    if (value.is_null()) return;
    const bool empty = store_.cell(group).type == event::Type::kNull;
    if (!empty && (kLast ? position < positions_[group] : position >= positions_[group])) return;
    positions_[group] = position;
    store_.set(group, value);
  }

  ScalarStore store_;
  std::vector<Position> positions_;
};

}  // namespace

StatesPtr make_first_states() { return std::make_unique<PositionalStates<false>>(); }
StatesPtr make_last_states() { return std::make_unique<PositionalStates<true>>(); }

}  // namespace lynxdb::query
