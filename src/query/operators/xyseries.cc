// xyseries: rows (x, y, v) become one row per x with one column per y.
#include <fmt/format.h>

#include <numeric>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/group_table.h"
#include "query/operators/budget_error.h"
#include "query/operators/operators.h"
#include "query/operators/xyseries_on_disk.h"

namespace lynxdb::query {
namespace {

using event::ColumnPtr;
using event::EventBatch;
using event::Value;
using event::ValueView;

constexpr const char* kCommand = "xyseries";
constexpr std::size_t kColumnsMax = 1000;

class Xyseries final : public Operator {
 public:
  Xyseries(OperatorPtr input, spl2::XyseriesCommand command, Execution& execution)
      : input_(std::move(input)),
        command_(std::move(command)),
        memory_(execution.memory),
        execution_(execution) {}

  Result<std::optional<EventBatch>> next() override {
    if (input_ != nullptr) TRY(consume());
    TRY(execution_.cancellation.check());
    if (on_disk_ != nullptr) return on_disk_->next();
    if (begin_ >= rows_.size()) return std::optional<EventBatch>();
    const std::size_t size = std::min(rows_per_wide_batch(columns_.size()), rows_.size() - begin_);
    EventBatch batch = build(begin_, size);
    batch.set_sequence(sequence_++);
    begin_ += size;
    return std::optional(std::move(batch));
  }

 private:
  Result<> consume() {
    while (const std::optional<EventBatch> batch = TRY(input_->next())) {
      TRY(execution_.cancellation.check());
      ExpressionMemory made(execution_);
      const Cells cells = cells_of(*batch);
      TRY(made.check(kCommand));
      if (on_disk_ == nullptr)
        add(cells);
      else
        TRY(add_on_disk(cells));
      if (columns_.size() > kColumnsMax)
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("xyseries: '{}' has more than {} values, which would be columns",
                                 command_.y, kColumnsMax),
                     "top limit=N or timechart limit=N, which keep fewer of them", command_.y_span};
      if (memory_.resize(memory_bytes())) continue;
      if (on_disk_ != nullptr) return out_of_memory(execution_.memory, kCommand);
      TRY(move_to_disk());
    }
    input_.reset();
    if (on_disk_ == nullptr) return {};
    std::vector<std::string> names;
    for (std::uint32_t column = 0; column < columns_.size(); ++column)
      names.push_back(column_name(column));
    return on_disk_->finish(command_.x, std::move(names));
  }

  // What rows of input say: the value at x in a column.
  struct Cells {
    ColumnPtr x;
    std::vector<std::uint32_t> columns;
    ColumnPtr values;
  };

  Cells cells_of(const EventBatch& batch) {
    Cells cells;
    cells.values = resolve_field(batch, command_.value);
    const ExplodedKeys keys =
        explode_lists({resolve_field(batch, command_.x), resolve_field(batch, command_.y)});
    cells.x = keys.columns[0];
    if (keys.exploded) cells.values = event::take(cells.values, keys.rows);
    cells.columns.resize(cells.x->size());
    for (std::size_t i = 0; i < cells.columns.size(); ++i) {
      const ValueView y = keys.columns[1]->view(i);
      cells.columns[i] = columns_.intern(y.is_null() ? ValueView::string("NULL") : y);
    }
    return cells;
  }

  void add(const Cells& cells) {
    std::vector<std::uint32_t> rows(cells.x->size());
    rows_.assign(std::span(&cells.x, 1), 0, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ValueView value = cells.values->view(i);
      if (!value.is_null()) set(rows[i], cells.columns[i], value);
    }
  }

  Result<> add_on_disk(const Cells& cells) {
    std::vector<std::int64_t> ordinals(cells.x->size());
    std::iota(ordinals.begin(), ordinals.end(), next_ordinal_);
    next_ordinal_ += static_cast<std::int64_t>(ordinals.size());
    return on_disk_->add(cells.x, std::move(ordinals), cells.columns, cells.values);
  }

  // What was gathered so far: each row, then its cells.
  Result<> move_to_disk() {
    on_disk_ = std::make_unique<XyseriesOnDisk>(execution_, kCommand);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // Row and column.
    for (std::uint32_t row = 0; row < rows_.size(); ++row)
      places.emplace_back(row, XyseriesOnDisk::kNoColumn);
    for (const auto& [place, value] : cells_)
      places.emplace_back(static_cast<std::uint32_t>(place >> 32U),
                          static_cast<std::uint32_t>(place));
    for (std::size_t begin = 0; begin < places.size(); begin += kBatchRows)
      TRY(move_cells(
          std::span(places).subspan(begin, std::min(kBatchRows, places.size() - begin))));
    next_ordinal_ = static_cast<std::int64_t>(rows_.size());
    rows_ = GroupTable(1);
    cells_ = {};
    values_ = {};
    value_bytes_ = 0;
    memory_.resize(memory_bytes());
    return {};
  }

  Result<> move_cells(std::span<const std::pair<std::uint32_t, std::uint32_t>> places) {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint32_t> columns;
    event::ColumnBuilder values;
    for (const auto& [row, column] : places) {
      rows.push_back(row);
      columns.push_back(column);
      const auto found = cells_.find(cell(row, column));
      values.append(found == cells_.end() ? ValueView() : ValueView(values_[found->second]));
    }
    return on_disk_->add(rows_.key_column(0, rows), {rows.begin(), rows.end()}, columns,
                         values.finish());
  }

  void set(std::uint32_t row, std::uint32_t column, ValueView value) {
    const auto [place, added] =
        cells_.try_emplace(cell(row, column), static_cast<std::uint32_t>(values_.size()));
    if (added) values_.emplace_back();
    Value& kept = values_[place->second];
    value_bytes_ -= heap_bytes(kept);
    kept = value.to_value();
    value_bytes_ += heap_bytes(kept);
  }

  static std::uint64_t cell(std::uint32_t row, std::uint32_t column) {
    return (static_cast<std::uint64_t>(row) << 32U) | column;
  }
  static std::size_t heap_bytes(const Value& value) {
    std::size_t bytes = value.type() == event::Type::kString ? value.as_string().capacity() : 0;
    if (value.type() == event::Type::kList)
      for (const Value& element : value.as_list()) bytes += sizeof(Value) + heap_bytes(element);
    return bytes;
  }
  std::size_t memory_bytes() const {
    return rows_.memory_bytes() + columns_.memory_bytes() + bytes_of(cells_) +
           values_.capacity() * sizeof(Value) + value_bytes_;
  }

  EventBatch build(std::size_t begin, std::size_t size) const {
    EventBatch batch(size);
    std::vector<std::uint32_t> rows(size);
    for (std::size_t i = 0; i < size; ++i) rows[i] = static_cast<std::uint32_t>(begin + i);
    batch.set(command_.x, rows_.key_column(0, rows), true);
    for (std::uint32_t column = 0; column < columns_.size(); ++column) {
      event::ColumnBuilder builder;
      for (const std::uint32_t row : rows) {
        const auto found = cells_.find(cell(row, column));
        builder.append(found == cells_.end() ? ValueView() : ValueView(values_[found->second]));
      }
      batch.set(column_name(column), builder.finish(), true);
    }
    batch.set_ordered(true);
    return batch;
  }

  std::string column_name(std::uint32_t column) const {
    const std::string y = columns_.text(column);
    return y == command_.x ? fmt::format("{}: {}", command_.value, y) : y;
  }

  OperatorPtr input_;
  const spl2::XyseriesCommand command_;
  base::MemoryReservation memory_;
  Execution& execution_;
  GroupTable rows_{1};   // x; groups are in order of appearance.
  KeyInterner columns_;  // y
  WordMap cells_;        // Row and column to index of values_.
  std::vector<Value> values_;
  std::size_t value_bytes_ = 0;
  std::unique_ptr<XyseriesOnDisk> on_disk_;  // Once memory did not suffice.
  std::int64_t next_ordinal_ = 0;
  std::size_t begin_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace

OperatorPtr make_xyseries(OperatorPtr input, const spl2::XyseriesCommand& command,
                          Execution& execution) {
  return std::make_unique<Xyseries>(std::move(input), command, execution);
}

}  // namespace lynxdb::query
