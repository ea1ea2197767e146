#include "query/operators/run_merge.h"

#include <algorithm>
#include <utility>

#include "query/execution.h"

namespace lynxdb::query {
namespace {

// Rows may be megabytes each: a batch ends when this much was read for it.
constexpr std::size_t kMergedBytes = 8U << 20U;
// Blocks may have no field in common: the merged batch has all of them in every row.
constexpr std::size_t kMergedCells = 4U << 20U;

// Below this many fields, those without a value do not matter.
constexpr std::size_t kFewFields = 64;

// Of many fields few have values in a block of events. Named ones are printed even when null.
event::EventBatch without_empty_fields(const event::EventBatch& rows) {
  if (rows.ordered() || rows.field_count() < kFewFields) return rows;
  std::vector<event::Field> fields;
  for (const event::Field& field : rows.fields())
    if (field.named || field.column->null_count() < rows.rows()) fields.push_back(field);
  event::EventBatch result = rows;
  result.replace_fields(std::move(fields));
  return result;
}

}  // namespace

Result<std::unique_ptr<RunMerge>> RunMerge::start(std::vector<std::unique_ptr<SpillFile>> runs,
                                                  std::span<const spl2::SortKey> keys) {
  std::unique_ptr<RunMerge> merge(new RunMerge(keys));
  for (std::unique_ptr<SpillFile>& run : runs) {
    merge->cursors_.push_back({std::move(run), nullptr});
    TRY(merge->load(merge->cursors_.back()));
  }
  for (std::size_t i = 0; i < merge->cursors_.size(); ++i)
    if (merge->cursors_[i].block != nullptr) merge->heap_.push_back(i);
  const auto later = [&](std::size_t a, std::size_t b) { return merge->after(a, b); };
  std::make_heap(merge->heap_.begin(), merge->heap_.end(), later);
  return merge;
}

Result<> RunMerge::load(Cursor& cursor) {
  std::optional<event::EventBatch> rows = TRY(cursor.file->next());
  if (!rows) {
    cursor.block = nullptr;
    return {};
  }
  loaded_bytes_ += rows->memory_bytes();
  cursor.block = std::make_shared<Block>();
  cursor.block->keys = SortKeys(*rows, keys_);
  cursor.block->rows = *std::move(rows);
  return {};
}

bool RunMerge::after(std::size_t a, std::size_t b) const {
  const Block& x = *cursors_[a].block;
  const Block& y = *cursors_[b].block;
  const int order = SortKeys::compare(x.keys, x.position, y.keys, y.position);
  return order != 0 ? order > 0 : a > b;
}

Result<> RunMerge::pick_rows(std::vector<std::shared_ptr<Block>>& used, std::vector<Pick>& picks) {
  const auto later = [&](std::size_t a, std::size_t b) { return after(a, b); };
  std::size_t fields = 0;
  while (!heap_.empty() && picks.size() < kBatchRows && loaded_bytes_ < kMergedBytes &&
         picks.size() * fields < kMergedCells) {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Cursor& cursor = cursors_[heap_.back()];
    Block& block = *cursor.block;
    if (block.used_index == kUnused) {
      block.used_index = static_cast<std::uint32_t>(used.size());
      used.push_back(cursor.block);
      fields += block.rows.field_count();
    }
    picks.push_back({block.used_index, block.position++});
    if (block.position == block.rows.rows()) TRY(load(cursor));
    if (cursor.block == nullptr)
      heap_.pop_back();
    else
      std::push_heap(heap_.begin(), heap_.end(), later);
  }
  return {};
}

Result<std::optional<event::EventBatch>> RunMerge::next() {
  if (heap_.empty()) return std::optional<event::EventBatch>();
  std::vector<std::shared_ptr<Block>> used;
  std::vector<Pick> picks;
  loaded_bytes_ = 0;
  TRY(pick_rows(used, picks));

  // Each block gave a run of neighbours: put those behind each other, then bring them into order.
  std::vector<event::EventBatch> parts;
  std::vector<std::uint32_t> offsets;
  std::uint32_t rows = 0;
  for (const std::shared_ptr<Block>& block : used) {
    parts.push_back(block->rows.slice(block->taken_from, block->position - block->taken_from));
    offsets.push_back(rows - block->taken_from);  // Wraps; added to a row it is right again.
    rows += block->position - block->taken_from;
    block->taken_from = block->position;
    block->used_index = kUnused;
  }
  std::vector<std::uint32_t> order;
  order.reserve(picks.size());
  for (const Pick& pick : picks) order.push_back(offsets[pick.block] + pick.row);
  return std::optional(event::concat(parts).take(order));
}

Result<> append_in_blocks(const event::EventBatch& rows, std::size_t block_bytes, SpillFile& file) {
  const std::size_t row_bytes = rows.memory_bytes() / std::max<std::size_t>(rows.rows(), 1) + 1;
  const std::size_t block_rows = std::clamp<std::size_t>(block_bytes / row_bytes, 1, kBatchRows);
  for (std::size_t begin = 0; begin < rows.rows(); begin += block_rows)
    TRY(file.append(
        without_empty_fields(rows.slice(begin, std::min(block_rows, rows.rows() - begin)))));
  return {};
}

}  // namespace lynxdb::query
