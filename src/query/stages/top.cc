// top and rare: counts per (group, value), the most or least common values of each group.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "query/aggregation_partitions.h"
#include "query/operators/operators.h"
#include "query/operators/ordinal.h"
#include "query/stages/compile_spec.h"

namespace lynxdb::query {
namespace {

using event::EventBatch;
using event::ValueView;

constexpr std::string_view kCount = "count";
constexpr std::string_view kPercent = "percent";

// How many keys before agree: rows of equal rank k share the texts of the keys up to k.
std::string rank_field(std::size_t key) { return kOrdinalField + std::to_string(key); }

// Reads (g..., f, count, repeats) rows: a group's rows are neighbours, its values ascend. The
// groups themselves come by text; each row carries the ranks of its keys, to be sorted by.
class TopOperator final : public Operator {
 public:
  TopOperator(std::unique_ptr<MergedGroups> groups, const spl2::TopCommand& command)
      : groups_(std::move(groups)),
        command_(command),
        execution_(groups_->execution()),
        builders_(2 * command.by.size() + 3),
        ranks_(command.by.size()) {}

  Result<std::optional<EventBatch>> next() override {
    if (counts_ == nullptr) TRY(start());
    while (!ended_ && built_ < kBatchRows) {
      TRY(execution_.cancellation.check());
      const std::optional<EventBatch> batch = TRY(counts_->next());
      if (batch) {
        for (std::size_t row = 0; row < batch->rows(); ++row) add(*batch, row);
      } else {
        close_group();
        ended_ = true;
      }
    }
    if (built_ == 0) return std::optional<EventBatch>();
    return std::optional(build());
  }

 private:
  struct Candidate {
    event::Value value;
    std::int64_t count = 0;
    std::uint64_t arrived = 0;
  };
  static constexpr std::size_t kSlack =
      1000;  // Candidates beyond the wanted ones between two sorts.

  // Without BY only the best groups come as rows (AggregationSpec::first_rows), so the total of all
  // is taken before.
  Result<> start() {
    TRY(groups_->prepare());
    if (command_.by.empty()) {
      total_of_all_ = 0;
      for (std::size_t p = 0; p < groups_->partitions(); ++p)
        *total_of_all_ += total_of(*TRY(groups_->load(p)));
    }
    counts_ = sorted_rows(std::move(groups_));
    return {};
  }

  static std::int64_t total_of(const GroupSet& groups) {
    Hints unused;
    const event::ColumnPtr counts = groups.states(0).finish(unused);
    const event::ColumnPtr repeats = groups.states(1).finish(unused);
    std::int64_t total = 0;
    for (std::uint32_t group = 0; group < groups.size(); ++group)
      if (!groups.table().interner(0).is_null(groups.table().code(0, group)))
        total += counts->int_values()[group] - repeats->int_values()[group];
    return total;
  }

  void add(const EventBatch& batch, std::size_t row) {
    const ValueView value = batch.fields()[command_.by.size()].column->view(row);
    if (value.is_null()) return;  // Events without the field do not count.
    if (!same_group(batch, row)) {
      close_group();
      open_group(batch, row);
    } else {
      lower_types(batch, row);
    }
    const std::int64_t count = batch.fields()[command_.by.size() + 1].column->view(row).as_int();
    total_ += count - batch.fields()[command_.by.size() + 2].column->view(row).as_int();
    candidates_.push_back({value.to_value(), count, arrived_++});
    if (command_.limit != 0 && candidates_.size() >= 2 * command_.limit + kSlack) keep_best();
  }

  // Best first; of equal counts the smaller value, which came first.
  void keep_best() {
    std::sort(candidates_.begin(), candidates_.end(),
              [this](const Candidate& a, const Candidate& b) {
                if (a.count != b.count)
                  return command_.rare ? a.count < b.count : a.count > b.count;
                return a.arrived < b.arrived;
              });
    if (command_.limit != 0 && candidates_.size() > command_.limit)
      candidates_.resize(command_.limit);
  }

  bool same_group(const EventBatch& batch, std::size_t row) const {
    return open_ && same_keys(batch, row) == group_.size();
  }

  // How many of the first keys are those of the open group, by text form: a group's key may have
  // another type in each row.
  std::size_t same_keys(const EventBatch& batch, std::size_t row) const {
    for (std::size_t k = 0; k < group_.size(); ++k) {
      const ValueView value = batch.fields()[k].column->view(row);
      if (value.is_null() != group_[k].is_null() || event::text(value) != group_texts_[k]) return k;
    }
    return group_.size();
  }

  void open_group(const EventBatch& batch, std::size_t row) {
    for (std::size_t k = same_keys(batch, row); k < ranks_.size(); ++k) ++ranks_[k];
    open_ = true;
    group_.clear();
    group_texts_.clear();
    for (std::size_t k = 0; k < command_.by.size(); ++k) {
      group_.push_back(batch.fields()[k].column->value(row));
      group_texts_.push_back(event::text(group_.back()));
    }
  }

  // A group prints the lowest type of its key (500, not "500").
  void lower_types(const EventBatch& batch, std::size_t row) {
    for (std::size_t k = 0; k < group_.size(); ++k) {
      const ValueView value = batch.fields()[k].column->view(row);
      if (value.type() < group_[k].type()) group_[k] = value.to_value();
    }
  }

  void close_group() {
    keep_best();
    for (const Candidate& candidate : candidates_) {
      std::size_t c = 0;
      for (const event::Value& key : group_) builders_[c++].append(key);
      builders_[c++].append(candidate.value);
      builders_[c++].append_int(candidate.count);
      builders_[c++].append_float(100.0 * static_cast<double>(candidate.count) /
                                  static_cast<double>(total_of_all_.value_or(total_)));
      for (const std::int64_t rank : ranks_) builders_[c++].append_int(rank);
      ++built_;
    }
    candidates_.clear();
    total_ = 0;
  }

  EventBatch build() {
    EventBatch batch(built_);
    std::size_t c = 0;
    for (const std::string& key : command_.by) batch.set(key, builders_[c++].finish(), true);
    batch.set(command_.field, builders_[c++].finish(), true);
    batch.set(kCount, builders_[c++].finish(), true);
    batch.set(kPercent, builders_[c++].finish(), true);
    for (std::size_t k = 0; k < ranks_.size(); ++k)
      batch.set(rank_field(k), builders_[c++].finish());
    batch.set_ordered(true);
    batch.set_sequence(sequence_++);
    built_ = 0;
    return batch;
  }

  std::unique_ptr<MergedGroups> groups_;  // Until the first pull.
  OperatorPtr counts_;
  const spl2::TopCommand command_;
  Execution& execution_;
  bool open_ = false;
  std::vector<event::Value> group_;
  std::vector<std::string> group_texts_;
  std::vector<Candidate> candidates_;
  std::uint64_t arrived_ = 0;
  std::int64_t total_ = 0;  // Events of the open group that have the field.
  std::optional<std::int64_t> total_of_all_;
  std::vector<event::ColumnBuilder> builders_;
  std::vector<std::int64_t> ranks_;  // Of the open group's keys.
  std::size_t built_ = 0;
  std::uint64_t sequence_ = 0;
  bool ended_ = false;
};

class TopStage final : public AggregatingStage {
 public:
  TopStage(AggregationSpec spec, spl2::TopCommand command)
      : spec_(std::make_shared<const AggregationSpec>(std::move(spec))),
        command_(std::move(command)) {}

  std::shared_ptr<const AggregationSpec> spec() const override { return spec_; }
  OperatorPtr finish(std::vector<std::unique_ptr<PartialAggregation>> parts,
                     Execution& execution) const override {
    auto groups = std::make_unique<MergedGroups>(spec_, std::move(parts), execution);
    return by_group(std::make_unique<TopOperator>(std::move(groups), command_), execution);
  }

 private:
  // Groups ascending by what they print: only now is the type of each known.
  OperatorPtr by_group(OperatorPtr rows, Execution& execution) const {
    if (command_.by.empty()) return rows;
    std::vector<spl2::SortKey> keys;
    spl2::FieldsCommand without_ranks;
    without_ranks.remove = true;
    for (std::size_t k = 0; k < command_.by.size(); ++k) {
      keys.push_back({command_.by[k], false, {}});
      keys.push_back({rank_field(k), false, {}});
      without_ranks.fields.push_back({rank_field(k), false, {}});
    }
    rows = make_sort(std::move(rows), std::move(keys), std::nullopt, execution);
    return make_transform_operator(std::move(rows), {make_fields(without_ranks)}, execution);
  }

  std::shared_ptr<const AggregationSpec> spec_;
  spl2::TopCommand command_;
};

}  // namespace

Result<StagePtr> make_stage(const spl2::TopCommand& command, const CompileContext& context) {
  AggregationSpec spec;
  spec.command = command.rare ? "rare" : "top";
  for (const std::string& field : command.by) spec.keys.push_back(TRY(field_key(field, context)));
  spec.keys.push_back(TRY(field_key(command.field, context)));
  spl2::Aggregate count;
  count.function = "count";
  count.output = kCount;
  spec.calls.push_back({count, nullptr, false});
  TRY(check_outputs(spec));
  for (const AggregationSpec::Key& key : spec.keys)
    if (key.output == kPercent)
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}: the result has a column 'percent' of its own", spec.command),
                   "rename percent AS share"};
  spec.keys_by_text = command.by.size();
  // One more for events without the field, which do not count.
  if (command.by.empty() && command.limit != 0 &&
      command.limit < std::numeric_limits<std::uint64_t>::max())
    spec.first_rows = FirstRows{std::string(kCount), !command.rare, command.limit + 1};
  // Of the events, not of the elements of their lists, is what percent is a share.
  count.argument = std::make_shared<const spl2::Expr>();  // Counts what is not null.
  count.output = kOrdinalField;
  spec.calls.push_back({count, nullptr, true});
  return StagePtr(std::make_shared<TopStage>(std::move(spec), command));
}

}  // namespace lynxdb::query
