// Typed loops over the rows of an argument column: one switch per batch, none per row.
//
// `count` rows from `first` are visited; `i` counts from 0. Nulls are skipped, a list gives each of
// its elements (with the same i), in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "event/column.h"

namespace lynxdb::query {

// Brings the states of the rows to come from memory, where they are too many for the cache. For
// loops that add row i to states[groups[i]], with i ascending.
template <typename State>
class StatesAhead {
 public:
  StatesAhead(const std::vector<State>& states, std::span<const std::uint32_t> groups)
      : states_(states.data()),
        groups_(groups),
        many_(states.size() * sizeof(State) > kCachedBytes) {}

  void at(std::size_t i) const {
    if (many_ && i + kRows < groups_.size()) __builtin_prefetch(states_ + groups_[i + kRows], 1);
  }

 private:
  static constexpr std::size_t kRows = 16;
  static constexpr std::size_t kCachedBytes = 64U << 10U;

  const State* states_;
  std::span<const std::uint32_t> groups_;
  bool many_;
};

namespace visit_internal {

template <typename Values, typename F>
void non_null(const event::Column& column, const Values& values, std::size_t first,
              std::size_t count, F&& f) {
  if (!column.null_bitmap().any()) {
    for (std::size_t i = 0; i < count; ++i) f(i, values[first + i]);
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    if (!column.null_bitmap().test(first + i)) f(i, values[first + i]);
}

template <typename F>
void scalar_or_elements(event::ValueView value, std::size_t i, F&& f) {
  if (value.is_null()) return;
  if (value.type() != event::Type::kList) {
    f(i, value);
    return;
  }
  for (std::size_t e = 0; e < value.list_size(); ++e) {
    const event::ValueView element = value.list_at(e);
    if (!element.is_null()) f(i, element);
  }
}

template <typename OnInt, typename OnFloat>
void number(std::size_t i, event::ValueView value, OnInt&& on_int, OnFloat&& on_float) {
  const event::ValueView n = event::to_number(value);
  if (n.type() == event::Type::kInt) on_int(i, n.as_int());
  if (n.type() == event::Type::kFloat) on_float(i, n.as_float());
}

}  // namespace visit_internal

// f(i, ValueView): every value, whatever its type. Borrowed from the column.
template <typename F>
void visit_values(const event::Column& column, std::size_t first, std::size_t count, F&& f) {
  using event::ValueView;
  switch (column.kind()) {
    case event::Kind::kNull:
      return;
    case event::Kind::kInt:
      return visit_internal::non_null(
          column, column.int_values(), first, count,
          [&](std::size_t i, std::int64_t v) { f(i, ValueView::integer(v)); });
    case event::Kind::kTimestamp:
      return visit_internal::non_null(
          column, column.int_values(), first, count,
          [&](std::size_t i, std::int64_t v) { f(i, ValueView::timestamp(v)); });
    case event::Kind::kFloat:
      return visit_internal::non_null(
          column, column.float_values(), first, count,
          [&](std::size_t i, double v) { f(i, ValueView::floating(v)); });
    case event::Kind::kString:
      return visit_internal::non_null(
          column, column.string_values(), first, count,
          [&](std::size_t i, std::string_view v) { f(i, ValueView::string(v)); });
    case event::Kind::kBool:
    case event::Kind::kDictionary:
    case event::Kind::kList:
    case event::Kind::kMixed:
      for (std::size_t i = 0; i < count; ++i)
        visit_internal::scalar_or_elements(column.view(first + i), i, f);
      return;
  }
}

// on_int(i, std::int64_t) and on_float(i, double): numbers and what stands for one (numeric
// strings, bools as 1/0, timestamps as epoch seconds); other text is skipped.
template <typename OnInt, typename OnFloat>
void visit_numbers(const event::Column& column, std::size_t first, std::size_t count,
                   OnInt&& on_int, OnFloat&& on_float) {
  using event::Kind;
  if (column.kind() == Kind::kInt)
    return visit_internal::non_null(column, column.int_values(), first, count, on_int);
  if (column.kind() == Kind::kFloat)
    return visit_internal::non_null(column, column.float_values(), first, count, on_float);
  if (column.kind() == Kind::kDictionary && column.dictionary()->size() <= count) {
    // Each text is parsed once, not once per row.
    const event::Column& texts = *column.dictionary();
    std::vector<event::ValueView> numbers(texts.size());
    for (std::size_t code = 0; code < texts.size(); ++code)
      numbers[code] = event::to_number(texts.view(code));
    return visit_internal::non_null(column, column.codes(), first, count,
                                    [&](std::size_t i, std::uint32_t code) {
                                      visit_internal::number(i, numbers[code], on_int, on_float);
                                    });
  }
  visit_values(column, first, count, [&](std::size_t i, event::ValueView value) {
    visit_internal::number(i, value, on_int, on_float);
  });
}

}  // namespace lynxdb::query
