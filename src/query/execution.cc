#include "query/execution.h"

#include <algorithm>

namespace lynxdb::query {

void Hints::add(std::string text) {
  constexpr std::size_t kHintsMax = 100;
  const base::MutexLock lock(mutex_);
  if (texts_.size() < kHintsMax && std::find(texts_.begin(), texts_.end(), text) == texts_.end())
    texts_.push_back(std::move(text));
}

std::vector<std::string> Hints::list() const {
  const base::MutexLock lock(mutex_);
  return texts_;
}

Result<> Cancellation::check() const {
  if (cancelled()) return Error{ErrorCode::kCancelled, "query cancelled"};
  if (std::chrono::steady_clock::now() >= deadline_)
    return Error{ErrorCode::kTimeout, "query timed out"};
  return parent_ == nullptr ? Result<>{} : parent_->check();
}

}  // namespace lynxdb::query
