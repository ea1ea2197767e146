#include "query/operators/group_join.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "query/key_encoder.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {
namespace {

// The rest is for the groups while they are merged and for the results.
constexpr std::size_t kShare = 4;

// Encoded keys begin with a tag byte: none of them is taken for a number by the sort.
const std::string kKeyField = "key";

std::vector<spl2::SortKey> by_key() { return {{kKeyField, false, {}}}; }

event::ColumnPtr encoded(const RowKeys& keys) {
  event::ColumnBuilder builder;
  builder.reserve(keys.size());
  for (std::size_t row = 0; row < keys.size(); ++row) builder.append_string(keys.key(row));
  return builder.finish();
}

}  // namespace

struct GroupJoin::Pending {
  std::vector<std::int64_t> ordinals;
  std::vector<std::uint32_t> groups;
};

GroupJoin::GroupJoin(Execution& execution, const std::string& command)
    : execution_(execution),
      groups_(by_key(), execution, command, kShare),
      rows_(by_key(), execution, command, kShare) {}

Result<> GroupJoin::add_groups(const GroupSet& groups) {
  std::vector<std::uint32_t> all(groups.size());
  std::iota(all.begin(), all.end(), 0U);
  const event::EventBatch computed = groups.rows(all, execution_.hints);
  const std::size_t key_count = groups.spec().keys.size();
  for (std::size_t begin = 0; begin < computed.rows(); begin += kBatchRows) {
    const std::size_t size = std::min(kBatchRows, computed.rows() - begin);
    const event::EventBatch part = computed.slice(begin, size);
    std::vector<event::ColumnPtr> columns;
    for (std::size_t k = 0; k < key_count; ++k) columns.push_back(part.fields()[k].column);
    RowKeys keys;
    keys.encode(columns, size);
    event::EventBatch batch(size);
    batch.set(kKeyField, encoded(keys));
    for (std::size_t i = 0; i < groups.spec().calls.size(); ++i)
      batch.set("r" + std::to_string(i), part.fields()[key_count + i].column);
    batch.set_ordered(true);  // Fields keep their places.
    TRY(groups_.add(batch));
  }
  return {};
}

Result<> GroupJoin::add_rows(const std::vector<event::ColumnPtr>& columns, std::size_t rows,
                             std::int64_t first) {
  RowKeys keys;
  keys.encode(columns, rows);
  event::EventBatch batch(rows);
  batch.set(kKeyField, encoded(keys));
  set_ordinals(batch, kOrdinalField, first);
  return rows_.add(batch);
}

Result<> GroupJoin::next_groups() {
  std::optional<event::EventBatch> batch = TRY(groups_.next());
  LYNXDB_CHECK(batch.has_value());
  loaded_ = *std::move(batch);
  position_ = 0;
  return {};
}

Result<> GroupJoin::join(OrderedResults& out) {
  TRY(groups_.finish());
  TRY(rows_.finish());
  Pending pending;
  while (const std::optional<event::EventBatch> rows = TRY(rows_.next())) {
    TRY(execution_.cancellation.check());
    const event::Column& keys = **rows->find(kKeyField);
    const event::Column& ordinals = **rows->find(kOrdinalField);
    for (std::size_t row = 0; row < rows->rows(); ++row) {
      const std::string_view key = keys.view(row).as_string();
      // Groups without rows (of later elements of lists) are passed over.
      while (position_ == loaded_.rows() ||
             loaded_.fields()[0].column->view(position_).as_string() != key) {
        if (position_ < loaded_.rows()) ++position_;
        if (position_ < loaded_.rows()) continue;
        TRY(flush(pending, out));
        TRY(next_groups());
      }
      pending.ordinals.push_back(ordinals.view(row).as_int());
      pending.groups.push_back(position_);
    }
    TRY(flush(pending, out));
  }
  return {};
}

Result<> GroupJoin::flush(Pending& pending, OrderedResults& out) {
  std::vector<event::ColumnPtr> columns;
  for (const event::Field& field : loaded_.fields().subspan(loaded_.rows() == 0 ? 0 : 1))
    columns.push_back(field.column);
  for (std::size_t begin = 0; begin < pending.groups.size();) {
    const std::size_t size = rows_to_take(columns, pending.groups, begin);
    const std::span<const std::uint32_t> picks(pending.groups.data() + begin, size);
    std::vector<event::ColumnPtr> results;
    results.reserve(columns.size());
    for (const event::ColumnPtr& column : columns) results.push_back(event::take(column, picks));
    const auto first = pending.ordinals.begin() + static_cast<std::ptrdiff_t>(begin);
    TRY(out.add({first, first + static_cast<std::ptrdiff_t>(size)}, std::move(results)));
    begin += size;
  }
  pending = {};
  return {};
}

}  // namespace lynxdb::query
