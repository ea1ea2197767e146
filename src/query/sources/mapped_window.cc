#include "query/sources/mapped_window.h"

#include <algorithm>
#include <utility>

namespace lynxdb::query {
namespace {

using io::MappedRegion;

// Offsets of a span are multiples of this: two of the steps in which the kernel can map.
constexpr std::uint64_t kSpanBytes = std::uint64_t{4} << 20U;
// Mapped behind a span for windows that begin near its end.
constexpr std::uint64_t kMarginBytes = std::uint64_t{1} << 20U;

}  // namespace

std::shared_ptr<const MappedRegion> MappedFile::span_at(std::uint64_t begin) {
  base::MutexLock lock(mutex_);
  for (const Recent& recent : recent_) {
    if (recent.begin != begin) continue;
    if (std::shared_ptr<const MappedRegion> span = recent.span.lock()) return span;
  }
  const std::uint64_t end = std::min(begin + kSpanBytes + kMarginBytes, size_bytes_);
  std::shared_ptr<const MappedRegion> span = MappedRegion::map(descriptor_, begin, end, shrunk_);
  recent_[oldest_] = {.begin = begin, .span = span};
  oldest_ = (oldest_ + 1) % recent_.size();
  last_ = span;
  return span;
}

MappedWindow MappedFile::window(std::uint64_t offset, std::uint64_t end) {
  if (offset >= std::min(end, size_bytes_)) return {};
  const std::uint64_t begin = offset & ~(kSpanBytes - 1);
  std::shared_ptr<const MappedRegion> span = span_at(begin);
  if (span == nullptr) return {};
  const std::string_view mapped = span->bytes();
  const std::string_view text = mapped.substr(offset - begin, end - offset);
  const std::size_t behind = mapped.size() - (offset - begin) - text.size();
  return {.owner = span, .text = text, .padding_bytes = behind + span->padding_bytes()};
}

}  // namespace lynxdb::query
