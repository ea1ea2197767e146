// Looks up left rows in a join's right side and gives the joined rows.
#pragma once

#include <string>
#include <vector>

#include "event/event_batch.h"
#include "query/operators/join_build.h"
#include "query/operators/join_rows.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// The columns that form a row's key.
std::vector<event::ColumnPtr> key_columns(const event::EventBatch& batch,
                                          const std::vector<std::string>& fields);

// Belongs to one thread. The build must outlive it.
class JoinProbe {
 public:
  JoinProbe(const JoinBuild& build, const spl2::JoinCommand& command);

  // Starts on a left batch; `next_rows` then gives its results, at most kBatchRows rows at a time,
  // in order: left rows as they stand, for each the right rows as they came. Nullopt: batch done.
  void start(event::EventBatch left);
  std::optional<event::EventBatch> next_rows();
  // Marks the left rows, counted over all batches, that found a partner, instead of giving those
  // that found none: for a build that holds only a part of the right side.
  void mark_partners(std::vector<bool>* partners) { partners_ = partners; }

  // Right rows that matched nothing, in order, after all left rows; nullopt at the end.
  std::optional<event::EventBatch> next_unmatched_right();

 private:
  bool keeps_left() const {
    return command_.type != spl2::JoinCommand::Type::kInner && partners_ == nullptr;
  }

  const JoinBuild& build_;
  const spl2::JoinCommand& command_;
  event::EventBatch left_;
  RowKeys keys_;
  std::uint32_t left_row_ = 0;
  std::uint32_t right_row_ = JoinBuild::kNone;  // Next partner of left_row_.
  bool in_row_ = false;                         // right_row_ belongs to left_row_.
  std::vector<bool>* partners_ = nullptr;       // Left rows, counted over all batches.
  std::size_t left_before_ = 0;                 // Rows of the batches before left_.
  std::vector<bool> matched_;                   // Right rows, for full joins.
  std::size_t unmatched_position_ = 0;
};

}  // namespace lynxdb::query
