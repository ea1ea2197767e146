#include "io/resident_spans.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace lynxdb::io {

std::size_t ResidentSpans::HashId::operator()(const Id& id) const {
  return base::mix64(std::bit_cast<std::uintptr_t>(id.region) + id.number);
}

void ResidentSpans::touch(const std::shared_ptr<const MappedRegion>& region, std::uint64_t offset,
                          std::uint64_t size) {
  const base::MutexLock lock(mutex_);
  const std::uint64_t last = (offset + size - 1) / kSpanBytes;
  for (std::uint64_t number = offset / kSpanBytes; number <= last; ++number) {
    const Id id{region.get(), number};
    const auto known = by_id_.find(id);
    if (known != by_id_.end()) {
      recent_.splice(recent_.begin(), recent_, known->second);
      if (!recent_.front().region.expired()) continue;
      recent_.front().region = region;
    } else {
      recent_.push_front({.id = id, .region = region});
      by_id_.emplace(id, recent_.begin());
    }
    const std::uint64_t begin = number * kSpanBytes;
    const std::uint64_t from = std::max(begin, offset);
    region->expect(from, std::min(begin + kSpanBytes, offset + size) - from);
  }
  while (recent_.size() > std::max<std::uint64_t>(spans_max_, 1)) drop_oldest();
}

void ResidentSpans::drop_oldest() {
  const Span& oldest = recent_.back();
  if (const auto region = oldest.region.lock()) {
    const std::uint64_t begin = oldest.id.number * kSpanBytes;
    region->let_go(begin, std::min<std::uint64_t>(kSpanBytes, region->bytes().size() - begin));
  }
  by_id_.erase(oldest.id);
  recent_.pop_back();
}

std::size_t ResidentSpans::spans() const {
  const base::MutexLock lock(mutex_);
  return recent_.size();
}

}  // namespace lynxdb::io
