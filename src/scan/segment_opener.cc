#include "scan/segment_opener.h"

#include <fmt/format.h>

#include <utility>

namespace lynxdb::scan {

std::shared_ptr<const segment::SegmentReader> SegmentOpener::known(
    const metadata::SegmentEntry& entry) {
  base::MutexLock lock(mutex_);
  const auto found = by_id_.find(entry.id);
  if (found == by_id_.end() || found->second->object_key != entry.object_key) return nullptr;
  // Its disk failed it: perhaps it was for a moment.
  if (!found->second->reader->check_source()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->reader;
}

// Two threads may open one segment at the same time: both readers are good, one is kept.
Result<std::shared_ptr<const segment::SegmentReader>> SegmentOpener::open(
    const metadata::SegmentEntry& entry) {
  if (auto reader = known(entry)) return reader;
  auto bytes = TRY(open_bytes_(entry));
  if (bytes->size() != entry.size_bytes) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{} has {} bytes, the manifest says {}", entry.object_key,
                             bytes->size(), entry.size_bytes)};
  }
  auto reader = TRY(segment::SegmentReader::open(std::move(bytes)));
  if (reader->footer().rows != entry.rows) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{} has {} rows, the manifest says {}", entry.object_key,
                             reader->footer().rows, entry.rows)};
  }
  base::MutexLock lock(mutex_);
  if (const auto old = by_id_.find(entry.id); old != by_id_.end()) {
    recent_.erase(old->second);
    by_id_.erase(old);
  }
  recent_.push_front({.id = entry.id, .object_key = entry.object_key, .reader = reader});
  by_id_[entry.id] = recent_.begin();
  if (recent_.size() > kReadersMax) {
    by_id_.erase(recent_.back().id);
    recent_.pop_back();
  }
  return reader;
}

}  // namespace lynxdb::scan
