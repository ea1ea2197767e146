#include "query/aggregation_groups.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <optional>
#include <ranges>
#include <thread>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/interrupted.h"

namespace lynxdb::query {

using event::ColumnPtr;
using event::EventBatch;

namespace {

// From here on merging the states of one aggregate takes longer than starting a thread.
constexpr std::size_t kManyGroups = std::size_t{16} << 10U;

// Rows of a batch that are added between two looks at the query; those of lists may be long.
constexpr std::size_t kRowsAtOnce = std::size_t{16} << 10U;
constexpr std::size_t kListsAtOnce = 256;

// A value for each row that repeats its event, null for the others.
ColumnPtr repeats(const ExplodedKeys& keys) {
  event::ColumnBuilder builder;
  builder.reserve(keys.repeats.size());
  for (const bool repeat : keys.repeats)
    builder.append(repeat ? event::ValueView::boolean(true) : event::ValueView());
  return builder.finish();
}

template <typename T>
void keep_first(std::span<const T> values, const FirstRows& first,
                std::vector<std::uint32_t>& groups) {
  if (first.count == 0) return groups.clear();
  std::vector<T> order(values.begin(), values.end());
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(first.count) - 1;
  if (first.descending)
    std::nth_element(order.begin(), last, order.end(), std::greater<>());
  else
    std::nth_element(order.begin(), last, order.end());
  const T border = *last;
  std::erase_if(groups, [&](std::uint32_t group) {
    return first.descending ? values[group] < border : values[group] > border;
  });
}

// Keeps the groups (each the row of its number) among the first by the order of `column`, with all
// that stand level with the last of them.
void keep_first(const event::Column& column, const FirstRows& first,
                std::vector<std::uint32_t>& groups) {
  if (column.has_nulls()) return;
  if (column.kind() == event::Kind::kInt) keep_first(column.int_values(), first, groups);
  if (column.kind() == event::Kind::kFloat) keep_first(column.float_values(), first, groups);
}

bool gives_numbers(const spl2::Aggregate& aggregate) {
  return counts(aggregate) || aggregate.function == "sum" || aggregate.function == "avg";
}

}  // namespace

GroupSet::GroupSet(std::shared_ptr<const AggregationSpec> spec)
    : spec_(std::move(spec)), table_(spec_->keys.size()) {
  for (const AggregationSpec::Call& call : spec_->calls) {
    states_.push_back(make_states(call.aggregate));
    states_.back()->resize(table_.size());
    needs_time_ = needs_time_ || needs_time(call.aggregate);
  }
}

std::vector<ColumnPtr> GroupSet::key_columns(const EventBatch& batch) const {
  std::vector<ColumnPtr> columns;
  columns.reserve(spec_->keys.size());
  for (const AggregationSpec::Key& key : spec_->keys) columns.push_back(key.expr->evaluate(batch));
  return columns;
}

void GroupSet::add(const EventBatch& batch) {
  const ExplodedKeys keys = explode_lists(key_columns(batch));
  const std::size_t rows = keys.exploded ? keys.rows.size() : batch.rows();
  groups_.resize(rows);
  table_.assign(keys.columns, 0, groups_);

  const auto argument_rows = [&](const ColumnPtr& column) {
    return keys.exploded ? event::take(column, keys.rows) : column;
  };
  const ColumnPtr time = needs_time_ ? argument_rows(resolve_field(batch, event::kTime)) : nullptr;
  RowOrigin origin{
      .sequence = batch.sequence(), .time = time.get(), .newest_first = spec_->newest_first};
  if (keys.exploded) origin.rows = keys.rows;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i]->resize(table_.size());
    if (spec_->calls[i].repeats_of_last_key) {
      if (!keys.repeats.empty()) update(*states_[i], repeats(keys).get(), origin);
      continue;
    }
    const ExpressionPtr& expr = spec_->calls[i].argument;
    const ColumnPtr argument = expr == nullptr ? nullptr : argument_rows(expr->evaluate(batch));
    update(*states_[i], argument.get(), origin);
  }
}

void GroupSet::update(AggregateStates& states, const event::Column* argument,
                      RowOrigin origin) const {
  const bool lists = argument != nullptr && (argument->kind() == event::Kind::kList ||
                                             argument->kind() == event::Kind::kMixed);
  const std::size_t step = lists ? kListsAtOnce : kRowsAtOnce;
  const std::span<const std::uint32_t> groups = groups_;
  for (std::size_t begin = 0; begin < groups.size() && !interrupted_now(); begin += step) {
    origin.first = begin;
    states.update(groups.subspan(begin, std::min(step, groups.size() - begin)), argument, origin);
  }
}

std::vector<std::uint32_t> GroupSet::groups_of(const EventBatch& batch) {
  const ExplodedKeys keys = explode_lists(key_columns(batch));
  std::vector<std::uint32_t> groups(keys.exploded ? keys.rows.size() : batch.rows());
  table_.assign(keys.columns, 0, groups);
  if (!keys.exploded) return groups;
  std::vector<std::uint32_t> first(batch.rows());
  for (std::size_t i = groups.size(); i > 0; --i) first[keys.rows[i - 1]] = groups[i - 1];
  return first;
}

std::vector<ColumnPtr> GroupSet::first_keys(const EventBatch& batch) const {
  ExplodedKeys keys = explode_lists(key_columns(batch));
  if (!keys.exploded) return std::move(keys.columns);
  std::vector<std::uint32_t> first(batch.rows(), event::kNoRow);
  for (std::size_t i = keys.rows.size(); i > 0; --i)
    first[keys.rows[i - 1]] = static_cast<std::uint32_t>(i - 1);
  for (ColumnPtr& column : keys.columns) column = event::take(column, first);
  return std::move(keys.columns);
}

void GroupSet::merge(const GroupSet& other, Execution* execution) {
  const std::vector<std::uint32_t> mapping = table_.merge(other.table_);
  if (interrupted()) return;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < states_.size(); i = next++) {
      states_[i]->resize(table_.size());
      states_[i]->merge(*other.states_[i], mapping);
    }
  };
  std::vector<std::thread> others;
  if (execution != nullptr && other.size() >= kManyGroups)
    for (std::size_t i = 1; i < std::min(execution->threads, states_.size()); ++i)
      others.emplace_back([&] {
        const ExpressionMemory scope(*execution);  // For interrupted().
        work();
      });
  work();
  for (std::thread& thread : others) thread.join();
}

void GroupSet::merge_as(std::span<const ColumnPtr> keys, const GroupSet& other) {
  groups_.assign(other.size(), 0);
  const std::span<std::uint32_t> groups = groups_;
  for (std::size_t begin = 0; begin < groups.size() && !interrupted_now(); begin += kRowsAtOnce)
    table_.assign(keys, begin, groups.subspan(begin, std::min(kRowsAtOnce, groups.size() - begin)));
  if (interrupted()) return;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i]->resize(table_.size());
    states_[i]->merge(*other.states_[i], groups_);
  }
}

void GroupSet::encode(std::uint32_t group, std::string& out) const {
  table_.encode_key(group, out);
  for (const auto& states : states_) states->encode(group, out);
}

Result<> GroupSet::merge_encoded(std::string_view entries) {
  std::vector<std::uint32_t> mapping;
  std::vector<std::unique_ptr<AggregateStates>> decoded;
  for (const AggregationSpec::Call& call : spec_->calls)
    decoded.push_back(make_states(call.aggregate));
  while (!entries.empty()) {
    mapping.push_back(TRY(table_.decode_key(entries)));
    for (const auto& states : decoded) TRY(states->decode_append(entries));
    // An entry without key and states has no bytes; nothing can follow it.
    if (spec_->keys.empty() && spec_->calls.empty()) break;
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i]->resize(table_.size());
    states_[i]->merge(*decoded[i], mapping);
  }
  return {};
}

std::vector<std::uint32_t> GroupSet::first_groups() const {
  std::vector<std::uint32_t> groups(size());
  std::iota(groups.begin(), groups.end(), 0U);
  const std::optional<FirstRows>& first = spec_->first_rows;
  if (!first || groups.size() <= first->count) return groups;
  const auto call = std::ranges::find(spec_->calls, first->column, [](const auto& c) {
    return std::string_view(c.aggregate.output);
  });
  if (call == spec_->calls.end() || !gives_numbers(call->aggregate)) return groups;
  Hints unused;
  const ColumnPtr column =
      states_[static_cast<std::size_t>(call - spec_->calls.begin())]->finish(groups, unused);
  keep_first(*column, *first, groups);
  return groups;
}

EventBatch GroupSet::rows(std::span<const std::uint32_t> groups, Hints& hints) const {
  EventBatch batch(groups.size());
  for (std::size_t k = 0; k < spec_->keys.size(); ++k)
    batch.set(spec_->keys[k].output, table_.key_column(k, groups), true);
  for (std::size_t i = 0; i < states_.size(); ++i)
    batch.set(spec_->calls[i].aggregate.output, states_[i]->finish(groups, hints), true);
  batch.set_ordered(true);
  return batch;
}

std::size_t GroupSet::memory_bytes() const {
  std::size_t bytes = table_.memory_bytes();
  for (const auto& states : states_) bytes += states->memory_bytes();
  return bytes;
}

}  // namespace lynxdb::query
