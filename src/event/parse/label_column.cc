#include "event/parse/label_column.h"

#include <utility>

namespace lynxdb::event {

LabelColumn::LabelColumn() : arena_(std::make_shared<Arena>()) {}

std::uint32_t LabelColumn::code_of(std::string_view value) {
  if (last_code_ < values_.size() && values_[last_code_] == value) return last_code_;
  const auto found = code_by_value_.find(value);
  if (found != code_by_value_.end()) return found->second;
  const auto code = static_cast<std::uint32_t>(values_.size());
  values_.push_back(arena_->copy(value));
  code_by_value_.emplace(values_.back(), code);
  return code;
}

void LabelColumn::append(std::string_view value) {
  last_code_ = code_of(value);
  codes_.push_back(last_code_);
}

void LabelColumn::append_null() {
  nulls_.set(codes_.size());
  codes_.push_back(0);
}

ColumnPtr LabelColumn::finish() {
  ColumnPtr column;
  if (!values_.empty()) {
    std::vector<Column::Owner> owners;
    owners.emplace_back(std::move(arena_));
    ColumnPtr dictionary = Column::strings(std::move(values_), std::move(owners));
    column = Column::dictionary(std::move(codes_), std::move(dictionary), std::move(nulls_));
  }
  *this = LabelColumn();
  return column;
}

}  // namespace lynxdb::event
