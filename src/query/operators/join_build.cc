#include "query/operators/join_build.h"

#include <utility>

namespace lynxdb::query {

JoinBuild::JoinBuild(Execution& execution)
    : memory_(execution.memory), table_(execution.memory, 2 * sizeof(std::uint32_t)) {}

bool JoinBuild::add(const event::EventBatch& batch, const RowKeys& keys) {
  // Rows stay long and must not pin the chunks of input that they were cut from. They are copied
  // once when the batches are put together.
  event::EventBatch kept = event::compact(batch);
  const std::size_t before = missing_.bytes();
  missing_.add(kept);
  const std::size_t bytes =
      2 * kept.memory_bytes() + batch.rows() * sizeof(std::uint32_t) + missing_.bytes() - before;
  constexpr std::size_t kRowsMax = kNone - 1;
  if (next_.size() + batch.rows() > kRowsMax || !memory_.resize(bytes_ + bytes)) return false;
  if (!index_rows(keys)) return false;
  bytes_ += bytes;
  batches_.push_back(std::move(kept));
  return true;
}

bool JoinBuild::has_room(const event::EventBatch& batch, const RowKeys& keys) {
  // What the table takes for a key, beside its text, while it grows.
  constexpr std::size_t kKeyBytes = 128;
  std::size_t bytes = 2 * event::compact(batch).memory_bytes() +
                      batch.rows() * (sizeof(std::uint32_t) + kKeyBytes) +
                      table_.size() * kKeyBytes;
  for (std::size_t row = 0; row < keys.size(); ++row) bytes += 2 * keys.key(row).size();
  MissingCells missing = missing_;
  missing.add(batch);
  bytes += missing.bytes() - missing_.bytes();
  const bool room = memory_.resize(bytes_ + bytes);
  memory_.resize(bytes_);
  return room;
}

bool JoinBuild::index_rows(const RowKeys& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto row = static_cast<std::uint32_t>(next_.size());
    if (!keys.has_null(i)) {
      const std::optional<KeyTable::Found> found = table_.find_or_insert(keys.key(i));
      if (!found) return false;  // The index is thrown away with this object.
      if (found->inserted) {
        first_.push_back(row);
        last_.push_back(row);
      } else {
        next_[last_[found->index]] = row;
        last_[found->index] = row;
      }
    }
    next_.push_back(kNone);
  }
  return true;
}

std::vector<event::EventBatch> JoinBuild::take_batches() { return std::exchange(batches_, {}); }

void JoinBuild::finish() {
  rows_ = event::concat(batches_);
  batches_.clear();
}

std::uint32_t JoinBuild::first(std::string_view key) const {
  const std::optional<std::uint32_t> index = table_.find(key);
  return index ? first_[*index] : kNone;
}

}  // namespace lynxdb::query
