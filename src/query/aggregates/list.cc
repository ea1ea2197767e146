// list: the values of a group in row order, the first 10,000.
#include <algorithm>
#include <tuple>

#include "query/aggregates/byte_codec.h"
#include "query/aggregates/makers.h"
#include "query/aggregates/visit.h"
#include "query/interrupted.h"

namespace lynxdb::query {
namespace {

using event::Type;
using event::Value;
using event::ValueView;

struct Item {
  std::uint64_t sequence = 0;
  std::uint32_t row = 0;
  std::uint32_t element = 0;  // Of a row that is a list.
  ValueView value;            // Text is in the arena.

  bool before(const Item& other) const {
    return std::tie(sequence, row, element) < std::tie(other.sequence, other.row, other.element);
  }
};

struct List {
  std::vector<Item> items;
  bool sorted = true;
  bool cut = false;
};

class ListStates final : public AggregateStates {
 public:
  void resize(std::size_t groups) override { lists_.resize(groups); }

  void update(std::span<const std::uint32_t> groups, const event::Column* argument,
              const RowOrigin& origin) override {
    std::size_t last = groups.size();
    std::uint32_t element = 0;
    visit_values(*argument, origin.first, groups.size(), [&](std::size_t i, ValueView value) {
      element = i == last ? element + 1 : 0;
      last = i;
      add(lists_[groups[i]], {origin.sequence, origin.row(i), element, value});
    });
  }

  void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) override {
    const auto& from = static_cast<const ListStates&>(other);
    for (std::size_t g = 0; g < from.lists_.size() && !interrupted(); ++g) {
      List& list = lists_[mapping[g]];
      for (const Item& item : from.lists_[g].items) add(list, item);
      list.cut = list.cut || from.lists_[g].cut;
    }
  }

  using AggregateStates::finish;
  event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints& hints) const override {
    std::vector<Value> values;
    values.reserve(groups.size());
    for (const std::uint32_t group : groups)
      values.push_back(interrupted() ? Value() : current(group));
    bool any_cut = false;
    for (const std::uint32_t group : groups)
      any_cut = any_cut || lists_[group].cut || lists_[group].items.size() > kGroupValuesMax;
    if (any_cut) hints.add("list(): a group has more than 10000 values; the first 10000 are kept");
    return event::Column::mixed(std::move(values));
  }

  Value current(std::size_t group) const override {
    List list = lists_[group];
    sort(list);
    std::vector<Value> values;
    for (const Item& item : list.items) {
      if (values.size() == kGroupValuesMax) break;
      values.push_back(item.value.to_value());
    }
    return Value::list(std::move(values));
  }

  void encode(std::size_t group, std::string& out) const override {
    const List& list = lists_[group];
    out.push_back(list.cut ? 1 : 0);
    put_varint(list.items.size(), out);
    for (const Item& item : list.items) {
      put_varint(item.sequence, out);
      put_varint(item.row, out);
      put_varint(item.element, out);
      put_scalar(item.value, out);
    }
  }

  Result<> decode_append(std::string_view& bytes) override {
    lists_.emplace_back();
    lists_.back().cut = TRY(get_varint(bytes)) != 0;
    for (std::uint64_t left = TRY(get_varint(bytes)); left > 0; --left) {
      Item item;
      item.sequence = TRY(get_varint(bytes));
      item.row = static_cast<std::uint32_t>(TRY(get_varint(bytes)));
      item.element = static_cast<std::uint32_t>(TRY(get_varint(bytes)));
      item.value = TRY(get_scalar(bytes));
      if (item.value.is_null()) return corrupt_state();
      add(lists_.back(), item);
    }
    return {};
  }

  std::size_t groups() const override { return lists_.size(); }
  std::size_t memory_bytes() const override {
    return lists_.capacity() * sizeof(List) + items_bytes_ + texts_.memory_bytes();
  }

 private:
  void add(List& list, Item item) {
    // Full with earlier rows, which is how rows usually come: nothing to copy.
    if (list.items.size() >= kGroupValuesMax && list.sorted &&
        !item.before(list.items[kGroupValuesMax - 1])) {
      list.cut = true;
      return;
    }
    if (item.value.type() == Type::kString)
      item.value = ValueView::string(texts_.copy(item.value.as_string()));
    if (!list.items.empty() && item.before(list.items.back())) list.sorted = false;
    items_bytes_ -= list.items.capacity() * sizeof(Item);
    list.items.push_back(item);
    if (list.items.size() > 2 * kGroupValuesMax) {
      sort(list);
      list.items.resize(kGroupValuesMax);
      list.cut = true;
    }
    items_bytes_ += list.items.capacity() * sizeof(Item);
  }

  static void sort(List& list) {
    if (list.sorted) return;
    std::sort(list.items.begin(), list.items.end(),
              [](const Item& a, const Item& b) { return a.before(b); });
    list.sorted = true;
  }

  std::vector<List> lists_;
  std::size_t items_bytes_ = 0;
  event::Arena texts_;
};

}  // namespace

StatesPtr make_list_states() { return std::make_unique<ListStates>(); }

}  // namespace lynxdb::query
