#include <utility>

#include "query/field.h"
#include "query/operators/budget_error.h"
#include "query/operators/external_sort.h"
#include "query/operators/key_table.h"
#include "query/operators/operators.h"
#include "query/operators/ordinal.h"
#include "query/operators/partition_files.h"

namespace lynxdb::query {
namespace {

constexpr std::string_view kCommand = "dedup";
// The rest is for the tables of the passes that feed it.
constexpr std::size_t kLateShare = 4;

// Decides about rows in input order while its table of keys has room. Rows whose key is not in the
// full table are put off: they go to files by key, to be decided by a pass of their own.
class DedupPass {
 public:
  DedupPass(const spl2::DedupCommand& command, Execution& execution, unsigned depth)
      : command_(command),
        execution_(execution),
        depth_(depth),
        table_(execution.memory, sizeof(std::uint64_t)) {}

  // The rows to keep. Puts rows off only when it returns with put_off().
  Result<std::vector<std::uint32_t>> consume(const event::EventBatch& batch) {
    std::vector<event::ColumnPtr> columns;
    for (const std::string& field : command_.fields) columns.push_back(resolve_field(batch, field));
    keys_.encode(columns, batch.rows());
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> undecided;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      const std::optional<std::uint32_t> index = index_of(keys_.key(row));
      if (!index)
        undecided.push_back(row);
      else if (seen_[*index]++ < command_.count)
        kept.push_back(row);
    }
    if (!undecided.empty()) TRY(put_off(batch, undecided));
    return kept;
  }

  bool put_off() const { return files_ != nullptr; }
  std::unique_ptr<PartitionFiles> take_files() { return std::move(files_); }

 private:
  // A key that was once put off must stay so, even if memory is free again: its first rows are in
  // the files.
  std::optional<std::uint32_t> index_of(std::string_view key) {
    if (full_) return table_.find(key);
    const std::optional<KeyTable::Found> found = table_.find_or_insert(key);
    full_ = !found;
    if (!found) return std::nullopt;
    if (found->inserted) seen_.push_back(0);
    return found->index;
  }

  Result<> put_off(const event::EventBatch& batch, std::span<const std::uint32_t> rows) {
    if (files_ == nullptr) {
      if (depth_ == PartitionFiles::kDepthMax) return out_of_memory(execution_.memory, kCommand);
      files_ = std::make_unique<PartitionFiles>(execution_, std::string(kCommand), depth_);
    }
    return files_->add(batch, keys_, rows);
  }

  const spl2::DedupCommand& command_;
  Execution& execution_;
  unsigned depth_;
  KeyTable table_;
  bool full_ = false;
  std::vector<std::uint64_t> seen_;  // Rows per key.
  RowKeys keys_;
  std::unique_ptr<PartitionFiles> files_;
};

// Gives rows at once until the first row is put off; from there on, what is kept is collected and
// given in input order at the end.
class DedupOperator final : public Operator {
 public:
  DedupOperator(OperatorPtr input, const spl2::DedupCommand& command, Execution& execution)
      : input_(std::move(input)),
        command_(command),
        execution_(execution),
        pass_(std::make_unique<DedupPass>(command_, execution, 0)),
        late_({{kOrdinalField, false, {}}}, execution, std::string(kCommand), kLateShare) {}

  Result<std::optional<event::EventBatch>> next() override {
    while (input_ != nullptr) {
      TRY(execution_.cancellation.check());
      std::optional<event::EventBatch> batch = TRY(input_->next());
      if (!batch) {
        input_.reset();
        TRY(decide_the_rest());
        break;
      }
      event::EventBatch kept = TRY(keep_now(*std::move(batch)));
      if (kept.rows() > 0) return std::optional(std::move(kept));
    }
    std::optional<event::EventBatch> batch = TRY(late_.next());
    if (batch) {
      batch->remove(kOrdinalField);
      batch->set_sequence(sequence_++);
    }
    return batch;
  }

 private:
  // Rows that can be given at once; none after rows were put off.
  Result<event::EventBatch> keep_now(event::EventBatch batch) {
    sequence_ = batch.sequence() + 1;
    set_ordinals(batch, kOrdinalField, rows_);
    rows_ += static_cast<std::int64_t>(batch.rows());
    const std::vector<std::uint32_t> rows = TRY(pass_->consume(batch));
    event::EventBatch kept = rows.size() == batch.rows() ? std::move(batch) : batch.take(rows);
    if (!pass_->put_off()) {
      kept.remove(kOrdinalField);
      return kept;
    }
    TRY(late_.add(kept));
    return event::EventBatch();
  }

  Result<> decide_the_rest() {
    const std::unique_ptr<PartitionFiles> files = pass_->take_files();
    pass_.reset();  // Gives its memory to the passes over the files.
    if (files != nullptr) TRY(decide(*files, 1));
    return late_.finish();
  }

  // Depth is bounded by DedupPass.
  Result<> decide(PartitionFiles& files, unsigned depth) {
    TRY(files.finish());
    for (std::size_t p = 0; p < PartitionFiles::kPartitions; ++p) {
      std::unique_ptr<SpillFile> file = files.take(p);
      if (file == nullptr) continue;
      auto pass = std::make_unique<DedupPass>(command_, execution_, depth);
      while (std::optional<event::EventBatch> batch = TRY(file->next())) {
        TRY(execution_.cancellation.check());
        TRY(late_.add(batch->take(TRY(pass->consume(*batch)))));
      }
      file.reset();
      const std::unique_ptr<PartitionFiles> rest = pass->take_files();
      pass.reset();
      if (rest != nullptr) TRY(decide(*rest, depth + 1));
    }
    return {};
  }

  OperatorPtr input_;
  const spl2::DedupCommand command_;
  Execution& execution_;
  std::int64_t rows_ = 0;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<DedupPass> pass_;
  ExternalSort late_;
};

}  // namespace

OperatorPtr make_dedup(OperatorPtr input, const spl2::DedupCommand& command, Execution& execution) {
  return std::make_unique<DedupOperator>(std::move(input), command, execution);
}

}  // namespace lynxdb::query
