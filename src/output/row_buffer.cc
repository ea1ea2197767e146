#include "output/row_buffer.h"

#include <utility>

namespace lynxdb::output {

Result<> RowBuffer::append(const event::EventBatch& batch) {
  rows_ += batch.rows();
  if (file_ == nullptr && memory_bytes_ < memory_bytes_max_) {
    // Compact: a few rows must not pin the whole input chunk that their strings came from.
    batches_.push_back(event::compact(batch));
    memory_bytes_ += batches_.back().memory_bytes();
    return {};
  }
  if (file_ == nullptr) file_ = TRY(query::SpillFile::create(spill_));
  return file_->append(batch);
}

Result<> RowBuffer::finish() {
  if (file_ != nullptr) TRY(file_->finish());
  return {};
}

Result<std::optional<event::EventBatch>> RowBuffer::next() {
  if (position_ < batches_.size())
    return std::optional(std::exchange(batches_[position_++], event::EventBatch()));
  if (file_ == nullptr) return std::optional<event::EventBatch>();
  return file_->next();
}

void SeenColumns::add(const event::EventBatch& batch) {
  if (!batch.ordered()) ordered_ = false;
  for (const std::size_t i : event::print_order(batch)) {
    const event::Field& field = batch.fields()[i];
    if (known_.contains(field.name)) continue;
    if (!field.named && field.column->null_count() == batch.rows()) continue;
    known_.insert(field.name);
    order_.push_back(field.name);
  }
}

std::vector<std::string> SeenColumns::names() const {
  // An empty batch with these fields: print_order is the one place that knows the order.
  event::EventBatch all(0);
  all.set_ordered(ordered_);
  for (const std::string& name : order_) all.set(name, event::Column::nulls(0));
  std::vector<std::string> names;
  for (const std::size_t i : event::print_order(all)) names.push_back(all.fields()[i].name);
  return names;
}

}  // namespace lynxdb::output
