#include <utility>

#include "query/field.h"
#include "query/key_encoder.h"
#include "query/operators/budget_error.h"
#include "query/operators/external_sort.h"
#include "query/operators/operators.h"
#include "query/operators/ordinal.h"
#include "query/operators/search.h"
#include "query/operators/transaction_rows.h"

namespace lynxdb::query {
namespace {

constexpr std::string_view kCommand = "transaction";
// Half of the memory to bring the events into order, a quarter for the rows, the rest for the one
// transaction that is open.
constexpr std::size_t kEventShare = 2;
constexpr std::size_t kRowShare = 4;
constexpr std::size_t kBuiltBytesMax = 1U << 20U;

// Encoded keys begin with a tag byte: none of them is taken for a number by the sort.
const std::string& key_field() { return kSecondOrdinalField; }

// startswith or endswith. Immutable.
class EventCondition {
 public:
  static Result<std::optional<EventCondition>> compile_from(
      const std::optional<spl2::TransactionCommand::Condition>& condition,
      const CompileContext& context) {
    if (!condition) return std::optional<EventCondition>();
    EventCondition compiled;
    if (condition->search != nullptr)
      compiled.matcher_ = make_matcher(*condition->search, context.now_ns);
    else
      compiled.expression_ =
          TRY(compile(*condition->expr, context.now_ns, context.upstream_columns));
    return std::optional(std::move(compiled));
  }

  RowMask rows_of(const event::EventBatch& batch) const {
    if (matcher_ != nullptr) {
      RowMask mask(batch.rows(), true);
      matcher_->filter(batch, mask);
      return mask;
    }
    RowMask mask(batch.rows(), false);
    for (const std::uint32_t row : matching_rows(*expression_, batch)) mask.set(row);
    return mask;
  }

 private:
  SearchMatcherPtr matcher_;
  ExpressionPtr expression_;
};

// Sorts the events by key and time, so that only one transaction is open at a time; sorts the rows
// by time at the end.
class TransactionOperator final : public Operator {
 public:
  TransactionOperator(OperatorPtr input, const spl2::TransactionCommand& command,
                      std::optional<EventCondition> starts, std::optional<EventCondition> ends,
                      Execution& execution)
      : input_(std::move(input)),
        command_(command),
        starts_(std::move(starts)),
        ends_(std::move(ends)),
        execution_(execution),
        events_({{key_field(), false, {}}, {std::string(event::kTime), false, {}}}, execution,
                std::string(kCommand), kEventShare),
        rows_(command.fields),
        results_({{std::string(event::kTime), false, {}}, {kOrdinalField, false, {}}}, execution,
                 std::string(kCommand), kRowShare),
        open_memory_(execution.memory) {}

  Result<std::optional<event::EventBatch>> next() override {
    if (input_ != nullptr) {
      TRY(sort_events());
      TRY(group_events());
      TRY(results_.finish());
    }
    const std::optional<event::EventBatch> batch = TRY(results_.next());
    if (!batch) return batch;
    return std::optional(rows_.in_print_order(*batch));
  }

 private:
  Result<> sort_events() {
    std::int64_t row = 0;
    RowKeys keys;
    while (std::optional<event::EventBatch> batch = TRY(input_->next())) {
      set_ordinals(*batch, kOrdinalField, row);
      row += static_cast<std::int64_t>(batch->rows());
      set_keys(keys, *batch);
      TRY(events_.add(*std::move(batch)));
    }
    input_.reset();
    return events_.finish();
  }

  void set_keys(RowKeys& keys, event::EventBatch& batch) const {
    std::vector<event::ColumnPtr> columns;
    for (const std::string& field : command_.fields) columns.push_back(resolve_field(batch, field));
    keys.encode(columns, batch.rows());
    event::ColumnBuilder encoded;
    for (std::size_t row = 0; row < batch.rows(); ++row) encoded.append_string(keys.key(row));
    batch.set(key_field(), encoded.finish());
  }

  Result<> group_events() {
    while (std::optional<event::EventBatch> batch = TRY(events_.next())) {
      TRY(execution_.cancellation.check());
      TRY(group_batch(std::make_shared<const event::EventBatch>(*std::move(batch))));
    }
    if (!open_.empty()) TRY(close(!ends_));
    return flush_rows();
  }

  Result<> group_batch(const std::shared_ptr<const event::EventBatch>& batch) {
    const std::optional<RowMask> starts =
        starts_ ? std::optional(starts_->rows_of(*batch)) : std::nullopt;
    const std::optional<RowMask> ends =
        ends_ ? std::optional(ends_->rows_of(*batch)) : std::nullopt;
    const event::Column& keys = **batch->find(key_field());
    const event::ColumnPtr times = resolve_field(*batch, event::kTime);
    for (std::uint32_t row = 0; row < batch->rows(); ++row) {
      const std::string_view key = keys.view(row).as_string();
      const std::optional<std::int64_t> ns = time_of(*times, row);
      const bool begins = starts && starts->test(row);
      if (!open_.empty() && (key != open_key_ || begins || is_full(ns))) {
        const bool goes_on = key == open_key_;
        TRY(close(!ends_));
        if (!goes_on && starts && !begins) continue;
      } else if (open_.empty() && starts && !begins) {
        continue;
      }
      if (open_.empty()) open_key_ = key;
      add_event(batch, row, ns);
      if (ends && ends->test(row)) TRY(close(true));
    }
    return hold_open_events();
  }

  static std::optional<std::int64_t> time_of(const event::Column& times, std::uint32_t row) {
    const event::ValueView time = times.view(row);
    if (time.type() != event::Type::kTimestamp) return std::nullopt;
    return time.as_int();
  }

  // Whether an event at that time must begin a transaction of its own.
  bool is_full(std::optional<std::int64_t> ns) const {
    if (summary_.events >= command_.maxevents) return true;
    if (!ns || !summary_.first_ns) return false;
    return exceeds(*summary_.first_ns, *ns, command_.maxspan_ns) ||
           exceeds(*summary_.last_ns, *ns, command_.maxpause_ns);
  }

  static bool exceeds(std::int64_t from_ns, std::int64_t to_ns,
                      std::optional<std::int64_t> limit_ns) {
    std::int64_t distance = 0;
    if (!limit_ns) return false;
    return __builtin_sub_overflow(to_ns, from_ns, &distance) || distance > *limit_ns;
  }

  void add_event(const std::shared_ptr<const event::EventBatch>& batch, std::uint32_t row,
                 std::optional<std::int64_t> ns) {
    if (!open_.empty() && open_.back().batch == batch && open_.back().end == row)
      ++open_.back().end;
    else
      open_.push_back({batch, row, row + 1});
    if (!summary_.first_ns) summary_.first_ns = ns;
    if (ns) summary_.last_ns = ns;
    ++summary_.events;
  }

  Result<> close(bool closed) {
    summary_.closed = closed;
    rows_.add(open_, summary_);
    open_.clear();
    summary_ = {};
    open_memory_.clear();
    if (rows_.rows() >= kBatchRows || rows_.memory_bytes() >= kBuiltBytesMax) return flush_rows();
    return {};
  }

  Result<> flush_rows() {
    if (rows_.rows() == 0) return {};
    return results_.add(rows_.take());
  }

  // The open transaction goes on in the next batch: its events stay, but not the whole batch.
  Result<> hold_open_events() {
    if (open_.empty()) return {};
    EventRange& last = open_.back();
    auto kept = std::make_shared<const event::EventBatch>(
        event::compact(last.batch->slice(last.begin, last.end - last.begin)));
    last = {kept, 0, static_cast<std::uint32_t>(kept->rows())};
    if (!open_memory_.resize(open_memory_.bytes() + kept->memory_bytes()))
      return out_of_memory(execution_.memory, kCommand);
    return {};
  }

  OperatorPtr input_;
  const spl2::TransactionCommand command_;
  const std::optional<EventCondition> starts_;
  const std::optional<EventCondition> ends_;
  Execution& execution_;

  ExternalSort events_;
  TransactionRows rows_;
  ExternalSort results_;

  // The open transaction; none when there are no events.
  std::vector<EventRange> open_;
  std::string open_key_;
  TransactionSummary summary_;
  base::MemoryReservation open_memory_;
};

}  // namespace

Result<OperatorPtr> make_transaction(OperatorPtr input, const spl2::TransactionCommand& command,
                                     const CompileContext& context, Execution& execution) {
  auto starts = TRY(EventCondition::compile_from(command.startswith, context));
  auto ends = TRY(EventCondition::compile_from(command.endswith, context));
  return OperatorPtr(std::make_unique<TransactionOperator>(
      std::move(input), command, std::move(starts), std::move(ends), execution));
}

}  // namespace lynxdb::query
