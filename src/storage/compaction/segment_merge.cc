#include "storage/compaction/segment_merge.h"

#include <optional>
#include <queue>
#include <utility>

#include "storage/row_order.h"

namespace lynxdb::storage {
namespace {

constexpr std::size_t kBatchRows = 8192;

// Where the merge stands in one input. A row group is read when its first row may be next.
struct Cursor {
  std::size_t input = 0;
  std::size_t row_group = 0;
  std::optional<std::uint32_t> batch;  // Of Merge::batches_, once read.
  std::span<const std::int64_t> times;
  std::uint32_t row = 0;
  std::int64_t time_ns = 0;  // Of the next row; not above it while the row group is not read.
};

// The top of a std::priority_queue is its greatest: the newest, then the one of the last input.
struct ComesLater {
  bool operator()(const Cursor& a, const Cursor& b) const {
    return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.input < b.input;
  }
};

class Merge {
 public:
  Merge(std::span<const std::shared_ptr<const segment::SegmentReader>> inputs,
        std::size_t row_group_rows, MergeSink& sink)
      : inputs_(inputs), row_group_rows_(row_group_rows), sink_(sink) {}

  Result<> run() {
    for (std::size_t input = 0; input < inputs_.size(); ++input) {
      push_row_group(input, 0);
    }
    while (!cursors_.empty()) {
      Cursor cursor = cursors_.top();
      cursors_.pop();
      if (!cursor.batch) {
        if (TRY(copied(cursor))) continue;
        TRY(read(cursor));
      } else {
        rows_.push_back({cursor.time_ns, *cursor.batch, cursor.row});
        ++cursor.row;
        ++uncut_rows_;
      }
      if (cursor.row < cursor.times.size()) {
        cursor.time_ns = cursor.times[cursor.row];
        cursors_.push(cursor);
      } else {
        push_row_group(cursor.input, cursor.row_group + 1);
      }
      if (rows_.size() == kBatchRows) TRY(give_out());
      if (cut_at_ != 0 && uncut_rows_ == cut_at_) TRY(cut());
    }
    return give_out();
  }

 private:
  const segment::RowGroup& group_of(const Cursor& cursor) const {
    return inputs_[cursor.input]->footer().row_groups[cursor.row_group];
  }

  // Whether the row group, of which no row was given out, could be copied and was.
  Result<bool> copied(const Cursor& cursor) {
    const segment::RowGroup& group = group_of(cursor);
    const bool is_alone = cursors_.empty() || cursors_.top().time_ns < group.time_min_ns;
    if (!is_alone || !is_large(group.rows) || group.rows > row_group_rows_) return false;
    const std::size_t before = uncut_rows_ % row_group_rows_;
    if (before > 0 && !is_large(before)) {
      // Rows of a small row group, and this one: one of both, or two of half their size each.
      const bool is_one = before + group.rows <= row_group_rows_;
      cut_at_ =
          is_one ? uncut_rows_ + group.rows : uncut_rows_ - before + (before + group.rows) / 2;
      return false;
    }
    TRY(cut());
    TRY(sink_.copy(cursor.input, cursor.row_group));
    push_row_group(cursor.input, cursor.row_group + 1);
    return true;
  }

  bool is_large(std::size_t rows) const { return 2 * rows >= row_group_rows_; }

  Result<> cut() {
    TRY(give_out());
    uncut_rows_ = 0;
    cut_at_ = 0;
    return sink_.cut();
  }

  void push_row_group(std::size_t input, std::size_t row_group) {
    const auto& groups = inputs_[input]->footer().row_groups;
    if (row_group == groups.size()) return;
    Cursor cursor;
    cursor.input = input;
    cursor.row_group = row_group;
    cursor.time_ns = groups[row_group].time_max_ns;
    cursors_.push(cursor);
  }

  Result<> read(Cursor& cursor) {
    const segment::SegmentReader& reader = *inputs_[cursor.input];
    auto read = reader.read(cursor.row_group, reader.field_names(cursor.row_group));
    if (!read) return sink_.in_input(cursor.input, std::move(read).error());
    event::EventBatch batch = *std::move(read);
    const event::ColumnPtr* time = batch.find(event::kTime);
    if (time == nullptr || (*time)->kind() != event::Kind::kTimestamp || (*time)->has_nulls()) {
      return sink_.in_input(cursor.input,
                            Error{ErrorCode::kCorruption, "a row group without _time"});
    }
    cursor.times = (*time)->int_values();
    cursor.batch = static_cast<std::uint32_t>(batches_.size());
    batches_.push_back(std::make_unique<event::EventBatch>(std::move(batch)));
    return {};
  }

  Result<> give_out() {
    if (rows_.empty()) return {};
    std::vector<const event::EventBatch*> batches;
    for (const auto& batch : batches_) batches.push_back(batch.get());
    TRY(sink_.add(gather(batches, rows_)));
    rows_.clear();
    drop_finished();
    return {};
  }

  // Frees the row groups that no cursor stands in any more; their places stay.
  void drop_finished() {
    std::vector<bool> in_use(batches_.size(), false);
    auto cursors = cursors_;
    for (; !cursors.empty(); cursors.pop()) {
      if (cursors.top().batch) in_use[*cursors.top().batch] = true;
    }
    for (std::size_t i = 0; i < batches_.size(); ++i) {
      if (!in_use[i]) batches_[i].reset();
    }
  }

  const std::span<const std::shared_ptr<const segment::SegmentReader>> inputs_;
  const std::size_t row_group_rows_;
  MergeSink& sink_;
  std::priority_queue<Cursor, std::vector<Cursor>, ComesLater> cursors_;
  std::vector<std::unique_ptr<event::EventBatch>> batches_;
  std::vector<RowRef> rows_;
  std::size_t uncut_rows_ = 0;  // Merged since the last cut.
  std::size_t cut_at_ = 0;      // Cut when there are as many; 0: no cut is planned.
};

}  // namespace

Result<> merge_segments(std::span<const std::shared_ptr<const segment::SegmentReader>> inputs,
                        std::size_t row_group_rows, MergeSink& sink) {
  return Merge(inputs, row_group_rows, sink).run();
}

}  // namespace lynxdb::storage
