#include "query/operators/xyseries_on_disk.h"

#include <algorithm>
#include <utility>

#include "query/key_encoder.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {

using event::Value;
using event::ValueView;

namespace {

constexpr std::size_t kShare = 4;
constexpr std::size_t kCellsMax = std::size_t{256} << 10U;
constexpr std::size_t kBuiltBytesMax = std::size_t{1} << 20U;

// Fields of cells. Encoded keys begin with a tag byte: none is taken for a number by the sort.
const std::string kKey = "key";
enum CellField : std::size_t { kKeyOfX, kOrdinal, kX, kColumn, kValue };

std::size_t bytes_of(ValueView value) {
  std::size_t bytes = sizeof(Value);
  if (value.type() == event::Type::kString) bytes += value.as_string().size();
  if (value.type() == event::Type::kList)
    for (std::size_t i = 0; i < value.list_size(); ++i) bytes += bytes_of(value.list_at(i));
  return bytes;
}

}  // namespace

struct XyseriesOnDisk::Row {
  std::string key;
  std::int64_t ordinal = 0;
  Value x;  // Of the lowest type.
  std::vector<Value> cells;
  bool open = false;
};

std::size_t rows_per_wide_batch(std::size_t columns) {
  return std::clamp<std::size_t>(kCellsMax / std::max<std::size_t>(columns, 1), 1, kBatchRows);
}

XyseriesOnDisk::XyseriesOnDisk(Execution& execution, const std::string& command)
    : execution_(execution),
      cells_({{kKey, false, {}}}, execution, command, kShare),
      rows_({{kOrdinalField, false, {}}}, execution, command, kShare) {}

Result<> XyseriesOnDisk::add(const event::ColumnPtr& x, std::vector<std::int64_t> ordinals,
                             std::span<const std::uint32_t> columns,
                             const event::ColumnPtr& values) {
  RowKeys keys;
  keys.encode(std::span(&x, 1), x->size());
  event::ColumnBuilder encoded;
  event::ColumnBuilder places;
  for (std::size_t i = 0; i < x->size(); ++i) {
    encoded.append_string(keys.key(i));
    if (columns[i] == kNoColumn)
      places.append_null();
    else
      places.append_int(columns[i]);
  }
  event::EventBatch batch(x->size());
  batch.set(kKey, encoded.finish());
  batch.set(kOrdinalField, event::Column::ints(std::move(ordinals)));
  batch.set("x", x);
  batch.set("column", places.finish());
  batch.set("value", values);
  return cells_.add(batch);
}

Result<> XyseriesOnDisk::finish(std::string x, std::vector<std::string> columns) {
  x_ = std::move(x);
  names_ = std::move(columns);
  builders_.resize(names_.size() + 2);
  TRY(cells_.finish());
  Row row;
  while (const std::optional<event::EventBatch> batch = TRY(cells_.next())) {
    TRY(execution_.cancellation.check());
    const auto fields = batch->fields();
    for (std::size_t i = 0; i < batch->rows(); ++i) {
      const std::string_view key = fields[kKeyOfX].column->view(i).as_string();
      const ValueView x_value = fields[kX].column->view(i);
      if (!row.open || row.key != key) {
        TRY(add_row(row));
        row.key = key;
        row.ordinal = fields[kOrdinal].column->view(i).as_int();
        row.x = x_value.to_value();
        row.cells.assign(names_.size(), Value());
        row.open = true;
      }
      if (x_value.type() < row.x.type()) row.x = x_value.to_value();
      const ValueView place = fields[kColumn].column->view(i);
      const ValueView value = fields[kValue].column->view(i);
      if (!place.is_null() && !value.is_null())
        row.cells[static_cast<std::size_t>(place.as_int())] = value.to_value();
    }
  }
  TRY(add_row(row));
  TRY(flush_rows());
  return rows_.finish();
}

Result<> XyseriesOnDisk::add_row(Row& row) {
  if (!row.open) return {};
  builders_[0].append_int(row.ordinal);
  builders_[1].append(row.x);
  built_bytes_ += bytes_of(row.x);
  for (std::size_t c = 0; c < row.cells.size(); ++c) {
    builders_[c + 2].append(row.cells[c]);
    built_bytes_ += bytes_of(row.cells[c]);
  }
  ++built_;
  if (built_ < kBatchRows && built_bytes_ < kBuiltBytesMax) return {};
  return flush_rows();
}

Result<> XyseriesOnDisk::flush_rows() {
  if (built_ == 0) return {};
  event::EventBatch batch(built_);
  batch.set(kOrdinalField, builders_[0].finish());
  batch.set(x_, builders_[1].finish(), true);
  for (std::size_t c = 0; c < names_.size(); ++c)
    batch.set(names_[c], builders_[c + 2].finish(), true);
  batch.set_ordered(true);
  built_ = 0;
  built_bytes_ = 0;
  return rows_.add(batch);
}

Result<std::optional<event::EventBatch>> XyseriesOnDisk::next() {
  std::optional<event::EventBatch> batch = TRY(rows_.next());
  if (batch) batch->remove(kOrdinalField);
  return batch;
}

}  // namespace lynxdb::query
