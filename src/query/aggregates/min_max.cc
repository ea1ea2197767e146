// min and max by the sort order of the data model; the value keeps its type.
#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/scalar_store.h"
#include "query/aggregates/states_base.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Column;
using event::Kind;
using event::Type;
using event::Value;
using event::ValueView;

// Of values that sort as equal (5, 5.0, "5") one must win whatever the order of the rows: the
// lowest type, then the lowest bytes.
bool precedes_among_equals(ValueView a, ValueView b) {
  if (a.type() != b.type()) return a.type() < b.type();
  return a.type() == Type::kString && a.as_string() < b.as_string();
}

template <bool kMax>
class MinMaxStates final : public ScalarStates {
 public:
  void resize(std::size_t groups) override { store_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const Column* argument,
              const RowOrigin& origin) override {
    const std::size_t rows = groups.size();
    if (argument->kind() == Kind::kInt || argument->kind() == Kind::kTimestamp) {
      const bool time = argument->kind() == Kind::kTimestamp;
      const Type type = time ? Type::kTimestamp : Type::kInt;
      visit_internal::non_null(
          *argument, argument->int_values(), origin.first, rows,
          [&](std::size_t i, std::int64_t v) {
            ScalarStore::Cell& cell = store_.cell(groups[i]);
            if (cell.type != type)
              return consider(groups[i], time ? ValueView::timestamp(v) : ValueView::integer(v));
            if (kMax ? v > cell.word : v < cell.word) cell.word = v;
          });
    } else if (argument->kind() == Kind::kFloat) {
      visit_internal::non_null(*argument, argument->float_values(), origin.first, rows,
                               [&](std::size_t i, double v) {
                                 ScalarStore::Cell& cell = store_.cell(groups[i]);
                                 if (cell.type != Type::kFloat)
                                   return consider(groups[i], ValueView::floating(v));
                                 const auto best = std::bit_cast<double>(cell.word);
                                 if (kMax ? v > best : v < best)
                                   cell.word = std::bit_cast<std::int64_t>(v + 0.0);
                               });
    } else {
      visit_values(*argument, origin.first, rows,
                   [&](std::size_t i, ValueView v) { consider(groups[i], v); });
    }
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const MinMaxStates&>(other);
    for (std::size_t g = 0; g < from.groups() && !interrupted(); ++g)
      consider(mapping[g], from.store_.view(g));
  }

  Value current(std::size_t group) const override { return store_.view(group).to_value(); }

  void encode(std::size_t group, std::string& out) const override {
    put_scalar(store_.view(group), out);
  }
  Result<> decode_append(std::string_view& bytes) override {
    const ValueView value = TRY(get_scalar(bytes));
    store_.resize(store_.size() + 1);
    store_.set(store_.size() - 1, value);
    return {};
  }

  std::size_t groups() const override { return store_.size(); }
  std::size_t memory_bytes() const override { return store_.memory_bytes(); }

 private:
  void consider(std::size_t group, ValueView value) {
    if (value.is_null()) return;
    // One zero only: -0.0 and 0.0 are equal, so the first to come would win.
    if (value.type() == Type::kFloat) value = ValueView::floating(value.as_float() + 0.0);
    const ValueView best = store_.view(group);
    if (!best.is_null()) {
      const int order = sort_compare(value, best);
      if (order == 0 ? !precedes_among_equals(value, best) : (order > 0) != kMax) return;
    }
    store_.set(group, value);
  }

  ScalarStore store_;
};

}  // namespace

StatesPtr make_min_states() { return std::make_unique<MinMaxStates<false>>(); }
StatesPtr make_max_states() { return std::make_unique<MinMaxStates<true>>(); }

}  // namespace lynxdb::query
