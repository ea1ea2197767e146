#include "query/operators/join_probe.h"

#include <utility>

#include "query/execution.h"
#include "query/field.h"

namespace lynxdb::query {

std::vector<event::ColumnPtr> key_columns(const event::EventBatch& batch,
                                          const std::vector<std::string>& fields) {
  std::vector<event::ColumnPtr> columns;
  columns.reserve(fields.size());
  for (const std::string& field : fields) columns.push_back(resolve_field(batch, field));
  return columns;
}

JoinProbe::JoinProbe(const JoinBuild& build, const spl2::JoinCommand& command)
    : build_(build), command_(command) {
  if (command.type == spl2::JoinCommand::Type::kFull) matched_.resize(build.rows().rows());
}

void JoinProbe::start(event::EventBatch left) {
  keys_.encode(key_columns(left, command_.fields), left.rows());
  left_before_ += left_.rows();
  left_ = std::move(left);
  if (partners_ != nullptr && partners_->size() < left_before_ + left_.rows())
    partners_->resize(left_before_ + left_.rows());
  left_row_ = 0;
  in_row_ = false;
}

std::optional<event::EventBatch> JoinProbe::next_rows() {
  std::vector<std::uint32_t> left_rows;
  std::vector<std::uint32_t> right_rows;
  while (left_row_ < left_.rows() && left_rows.size() < kBatchRows) {
    if (!in_row_) {
      const bool null = keys_.has_null(left_row_);
      right_row_ = null ? JoinBuild::kNone : build_.first(keys_.key(left_row_));
      in_row_ = right_row_ != JoinBuild::kNone;
      if (!in_row_) {
        if (keeps_left()) {
          left_rows.push_back(left_row_);
          right_rows.push_back(event::kNoRow);
        }
        ++left_row_;
        continue;
      }
    }
    left_rows.push_back(left_row_);
    right_rows.push_back(right_row_);
    if (!matched_.empty()) matched_[right_row_] = true;
    if (partners_ != nullptr) (*partners_)[left_before_ + left_row_] = true;
    right_row_ = build_.next(right_row_);
    if (right_row_ == JoinBuild::kNone) {
      in_row_ = false;
      ++left_row_;
    }
  }
  if (left_rows.empty()) return std::nullopt;
  return combine(left_, left_rows, build_.rows(), right_rows);
}

std::optional<event::EventBatch> JoinProbe::next_unmatched_right() {
  std::vector<std::uint32_t> rows;
  for (; unmatched_position_ < matched_.size() && rows.size() < kBatchRows; ++unmatched_position_)
    if (!matched_[unmatched_position_])
      rows.push_back(static_cast<std::uint32_t>(unmatched_position_));
  if (rows.empty()) return std::nullopt;
  return build_.rows().take(rows);
}

}  // namespace lynxdb::query
