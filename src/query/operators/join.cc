#include <algorithm>
#include <limits>
#include <utility>

#include "query/operators/batch_spool.h"
#include "query/operators/budget_error.h"
#include "query/operators/external_sort.h"
#include "query/operators/join_probe.h"
#include "query/operators/operators.h"
#include "query/operators/ordinal.h"
#include "query/operators/partition_files.h"

namespace lynxdb::query {
namespace {

constexpr std::string_view kCommand = "join";
// The rest is for the right sides of the partitions that feed it.
constexpr std::size_t kSortShare = 4;

// Left row number of right rows without a partner: they come last.
constexpr std::int64_t kAfterAllLeftRows = std::numeric_limits<std::int64_t>::max();

// Gives the batches of a spill file, or nothing when there is none.
class FileOperator final : public Operator {
 public:
  explicit FileOperator(std::unique_ptr<SpillFile> file) : file_(std::move(file)) {}
  Result<std::optional<event::EventBatch>> next() override {
    if (file_ == nullptr) return std::optional<event::EventBatch>();
    return file_->next();
  }

 private:
  std::unique_ptr<SpillFile> file_;
};

// The right side is read first. If it fits in memory, left rows stream through. Otherwise both
// sides are spread over files by key, each pair of files is joined by itself, and the results are
// sorted by the row numbers that were carried along.
class JoinOperator final : public Operator {
 public:
  JoinOperator(OperatorPtr left, OperatorPtr right, const spl2::JoinCommand& command,
               Execution& execution)
      : left_(std::move(left)),
        right_(std::move(right)),
        command_(command),
        execution_(execution),
        sort_({{kOrdinalField, false, {}}, {kSecondOrdinalField, false, {}}}, execution,
              std::string(kCommand), kSortShare) {}

  Result<std::optional<event::EventBatch>> next() override {
    if (right_ != nullptr) TRY(prepare());
    if (probe_ != nullptr) return next_streamed();
    if (std::optional<event::EventBatch> rows = std::exchange(right_rows_, std::nullopt))
      return finish_right_rows(*rows);
    std::optional<event::EventBatch> batch = TRY(sort_.next());
    if (!batch) return batch;
    return finish_sorted(*std::move(batch));
  }

 private:
  // --- Everything in memory
  // -----------------------------------------------------------------------

  Result<> prepare() {
    const OperatorPtr right = std::move(right_);
    auto build = std::make_unique<JoinBuild>(execution_);
    std::int64_t rows = 0;
    RowKeys keys;
    while (std::optional<event::EventBatch> batch = TRY(right->next())) {
      TRY(execution_.cancellation.check());
      right_names_.see(*batch);
      right_ordered_ = right_ordered_ || batch->ordered();
      set_ordinals(*batch, kSecondOrdinalField, rows);
      rows += static_cast<std::int64_t>(batch->rows());
      keys.encode(key_columns(*batch, command_.fields), batch->rows());
      if (!build->add(*batch, keys))
        return join_on_disk(std::move(build), *std::move(batch), *right, rows);
    }
    build->finish();
    build_ = std::move(build);
    probe_ = std::make_unique<JoinProbe>(*build_, command_);
    return {};
  }

  Result<std::optional<event::EventBatch>> next_streamed() {
    while (true) {
      TRY(execution_.cancellation.check());
      if (std::optional<event::EventBatch> rows = probe_->next_rows())
        return finish_left_rows(*std::move(rows));
      if (left_ == nullptr) {
        std::optional<event::EventBatch> rows = probe_->next_unmatched_right();
        if (rows) return finish_right_rows(*rows);
        return rows;
      }
      std::optional<event::EventBatch> batch = TRY(left_->next());
      if (!batch) {
        left_.reset();
        continue;
      }
      left_names_.see(*batch);
      left_ordered_ = left_ordered_.value_or(false) || batch->ordered();
      probe_->start(*std::move(batch));
    }
  }

  // --- On disk
  // --------------------------------------------------------------------------------------

  Result<> join_on_disk(std::unique_ptr<JoinBuild> build, const event::EventBatch& refused,
                        Operator& right, std::int64_t right_rows) {
    PartitionFiles right_files(execution_, std::string(kCommand), 0);
    const std::vector<event::EventBatch> kept = build->take_batches();
    build.reset();
    for (const event::EventBatch& batch : kept) TRY(put_right(batch, right_files));
    TRY(put_right(refused, right_files));
    while (std::optional<event::EventBatch> batch = TRY(right.next())) {
      TRY(execution_.cancellation.check());
      right_names_.see(*batch);
      right_ordered_ = right_ordered_ || batch->ordered();
      set_ordinals(*batch, kSecondOrdinalField, right_rows);
      right_rows += static_cast<std::int64_t>(batch->rows());
      TRY(put_right(*batch, right_files));
    }
    PartitionFiles left_files(execution_, std::string(kCommand), 0);
    std::int64_t left_rows = 0;
    while (std::optional<event::EventBatch> batch = TRY(left_->next())) {
      TRY(execution_.cancellation.check());
      left_names_.see(*batch);
      left_ordered_ = left_ordered_.value_or(false) || batch->ordered();
      set_ordinals(*batch, kOrdinalField, left_rows);
      left_rows += static_cast<std::int64_t>(batch->rows());
      TRY(put_left(*batch, left_files));
    }
    left_.reset();
    TRY(join_partitions(left_files, right_files, 1));
    return sort_.finish();
  }

  // Rows with a null key match nothing: they go straight to the result, or nowhere.
  Result<> put_right(const event::EventBatch& batch, PartitionFiles& files) {
    const event::EventBatch unmatched = TRY(put(batch, files));
    if (command_.type != spl2::JoinCommand::Type::kFull) return {};
    return add_unmatched_right(unmatched);
  }

  Result<> put_left(const event::EventBatch& batch, PartitionFiles& files) {
    const event::EventBatch unmatched = TRY(put(batch, files));
    if (command_.type == spl2::JoinCommand::Type::kInner) return {};
    return sort_.add(unmatched);
  }

  // Gives the rows with a null key.
  Result<event::EventBatch> put(const event::EventBatch& batch, PartitionFiles& files) {
    RowKeys keys;
    keys.encode(key_columns(batch, command_.fields), batch.rows());
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> null_rows;
    for (std::uint32_t row = 0; row < batch.rows(); ++row)
      (keys.has_null(row) ? null_rows : rows).push_back(row);
    TRY(files.add(batch, keys, rows));
    return batch.take(null_rows);
  }

  Result<> add_unmatched_right(event::EventBatch rows) {
    if (rows.rows() == 0) return {};
    rows.set(kOrdinalField,
             event::Column::constant(event::Value::integer(kAfterAllLeftRows), rows.rows()));
    return sort_.add(rows);
  }

  // Depth is at most PartitionFiles::kDepthMax.
  Result<> join_partitions(PartitionFiles& left, PartitionFiles& right, unsigned depth) {
    TRY(left.finish());
    TRY(right.finish());
    for (std::size_t p = 0; p < PartitionFiles::kPartitions; ++p)
      TRY(join_files(left.take(p), right.take(p), depth));
    return {};
  }

  Result<> join_files(std::unique_ptr<SpillFile> left, std::unique_ptr<SpillFile> right,
                      unsigned depth) {
    auto build = std::make_unique<JoinBuild>(execution_);
    RowKeys keys;
    FileOperator right_rows(std::move(right));
    while (std::optional<event::EventBatch> batch = TRY(right_rows.next())) {
      TRY(execution_.cancellation.check());
      keys.encode(key_columns(*batch, command_.fields), batch->rows());
      if (build->add(*batch, keys)) continue;
      // Rows of one key cannot be spread any further.
      const bool one_key = build->keys() < 2 && !build->empty();
      std::vector<event::EventBatch> kept = build->take_batches();
      build.reset();
      if (one_key || depth >= PartitionFiles::kDepthMax) {
        kept.push_back(*std::move(batch));
        return join_in_parts(std::move(kept), right_rows, std::move(left));
      }
      return split_files(kept, *batch, right_rows, std::move(left), depth);
    }
    build->finish();
    FileOperator left_rows(std::move(left));
    return join_in_memory(left_rows, *build);
  }

  Result<> split_files(const std::vector<event::EventBatch>& kept, const event::EventBatch& refused,
                       Operator& right, std::unique_ptr<SpillFile> left, unsigned depth) {
    PartitionFiles right_files(execution_, std::string(kCommand), depth);
    for (const event::EventBatch& batch : kept) TRY(put_right(batch, right_files));
    TRY(put_right(refused, right_files));
    while (std::optional<event::EventBatch> batch = TRY(right.next()))
      TRY(put_right(*batch, right_files));
    PartitionFiles left_files(execution_, std::string(kCommand), depth);
    FileOperator left_rows(std::move(left));
    while (std::optional<event::EventBatch> batch = TRY(left_rows.next()))
      TRY(put_left(*batch, left_files));
    return join_partitions(left_files, right_files, depth + 1);
  }

  // Many right rows of one key: as many as fit at a time, each time with all left rows. `first` are
  // right rows that were read already.
  Result<> join_in_parts(std::vector<event::EventBatch> first, Operator& right,
                         std::unique_ptr<SpillFile> left) {
    BatchSpool waiting(execution_, std::string(kCommand));
    for (event::EventBatch& batch : first) TRY(waiting.add(batch));
    first.clear();
    TRY(waiting.spill_all());
    while (std::optional<event::EventBatch> batch = TRY(right.next()))
      TRY(waiting.add(*std::move(batch)));
    TRY(waiting.finish());

    std::vector<bool> partners;
    event::EventBatch rest;
    bool more = true;
    while (more) {
      JoinBuild build(execution_);
      more = TRY(fill(build, waiting, rest));
      build.finish();
      if (left != nullptr) TRY(left->rewind());
      TRY(join_part(left.get(), build, partners));
    }
    return add_unmatched_left(left.get(), partners);
  }

  // Takes rows from `rest`, then from `rows`, while there is room. False at their end.
  Result<bool> fill(JoinBuild& build, BatchSpool& rows, event::EventBatch& rest) {
    RowKeys keys;
    std::size_t size = kBatchRows;
    while (true) {
      TRY(execution_.cancellation.check());
      if (rest.rows() == 0) {
        std::optional<event::EventBatch> batch = TRY(rows.next());
        if (!batch) return false;
        rest = *std::move(batch);
      }
      const event::EventBatch part = rest.slice(0, std::min(size, rest.rows()));
      keys.encode(key_columns(part, command_.fields), part.rows());
      if (build.has_room(part, keys)) {
        if (!build.add(part, keys)) return out_of_memory(execution_.memory, kCommand);
        rest = rest.slice(part.rows(), rest.rows() - part.rows());
        continue;
      }
      if (!build.empty()) return true;
      if (part.rows() == 1) return out_of_memory(execution_.memory, kCommand);
      size = part.rows() / 2;
    }
  }

  Result<> join_part(SpillFile* left, const JoinBuild& build, std::vector<bool>& partners) {
    JoinProbe probe(build, command_);
    probe.mark_partners(&partners);
    while (std::optional<event::EventBatch> batch =
               left == nullptr ? std::optional<event::EventBatch>() : TRY(left->next())) {
      TRY(execution_.cancellation.check());
      probe.start(*std::move(batch));
      while (std::optional<event::EventBatch> rows = probe.next_rows())
        TRY(sort_.add(*std::move(rows)));
    }
    while (std::optional<event::EventBatch> rows = probe.next_unmatched_right())
      TRY(add_unmatched_right(*std::move(rows)));
    return {};
  }

  Result<> add_unmatched_left(SpillFile* left, const std::vector<bool>& partners) {
    if (left == nullptr || command_.type == spl2::JoinCommand::Type::kInner) return {};
    TRY(left->rewind());
    std::size_t row = 0;
    while (const std::optional<event::EventBatch> batch = TRY(left->next())) {
      std::vector<std::uint32_t> alone;
      for (std::uint32_t i = 0; i < batch->rows(); ++i)
        if (!partners[row++]) alone.push_back(i);
      if (!alone.empty()) TRY(sort_.add(batch->take(alone)));
    }
    return {};
  }

  Result<> join_in_memory(Operator& left, const JoinBuild& build) {
    JoinProbe probe(build, command_);
    while (std::optional<event::EventBatch> batch = TRY(left.next())) {
      TRY(execution_.cancellation.check());
      probe.start(*std::move(batch));
      while (std::optional<event::EventBatch> rows = probe.next_rows())
        TRY(sort_.add(*std::move(rows)));
    }
    while (std::optional<event::EventBatch> rows = probe.next_unmatched_right())
      TRY(add_unmatched_right(*std::move(rows)));
    return {};
  }

  // --- Both
  // -----------------------------------------------------------------------------------------

  // The rows of the left side come first, then right rows alone: those wait for the next call.
  event::EventBatch finish_sorted(event::EventBatch batch) {
    const std::span<const std::int64_t> ordinals = (*batch.find(kOrdinalField))->int_values();
    const auto left = static_cast<std::size_t>(
        std::ranges::lower_bound(ordinals, kAfterAllLeftRows) - ordinals.begin());
    if (left == 0) return finish_right_rows(batch);
    if (left < batch.rows()) right_rows_ = batch.slice(left, batch.rows() - left);
    return finish_left_rows(batch.slice(0, left));
  }

  // A left row keeps to the columns that its own branch named.
  event::EventBatch finish_left_rows(event::EventBatch rows) {
    right_names_.name_all(rows);
    return finish_rows(std::move(rows));
  }

  // Right rows alone get the left side's columns first, as all other rows have them.
  event::EventBatch finish_right_rows(const event::EventBatch& batch) {
    event::EventBatch rows(batch.rows());
    left_names_.name_all(rows);
    for (const event::Field& field : batch.fields())
      rows.set(field.name, field.column, field.named);
    right_names_.name_all(rows);
    return finish_rows(std::move(rows));
  }

  event::EventBatch finish_rows(event::EventBatch rows) {
    rows.remove(kOrdinalField);
    rows.remove(kSecondOrdinalField);
    rows.set_ordered(left_ordered_.value_or(right_ordered_));
    rows.set_sequence(sequence_++);
    return rows;
  }

  OperatorPtr left_;
  OperatorPtr right_;  // Null once it was read.
  const spl2::JoinCommand command_;
  Execution& execution_;
  NamedColumns left_names_;
  NamedColumns right_names_;
  std::optional<bool> left_ordered_;  // Unknown until there are left rows.
  bool right_ordered_ = false;
  std::uint64_t sequence_ = 0;

  std::unique_ptr<JoinBuild> build_;
  std::unique_ptr<JoinProbe> probe_;  // Null when the join went to disk.
  ExternalSort sort_;
  std::optional<event::EventBatch> right_rows_;  // Sorted, the next to be given.
};

}  // namespace

OperatorPtr make_join(OperatorPtr left, OperatorPtr right, const spl2::JoinCommand& command,
                      Execution& execution) {
  return std::make_unique<JoinOperator>(std::move(left), std::move(right), command, execution);
}

}  // namespace lynxdb::query
