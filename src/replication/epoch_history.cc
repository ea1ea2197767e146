#include "replication/epoch_history.h"

#include <algorithm>
#include <ranges>

#include "base/check.h"

namespace lynxdb::replication {

EpochHistory::EpochHistory(const std::vector<EpochStart>& entries) {
  for (const EpochStart& entry : entries) begin(entry.epoch, entry.start);
}

void EpochHistory::begin(LeaderEpoch epoch, Offset start) {
  truncate(start);
  LYNXDB_CHECK(epoch >= newest());
  if (epoch == newest()) return;
  entries_.push_back({epoch, start});
}

void EpochHistory::truncate(Offset end) {
  while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
}

void EpochHistory::trim(Offset start) {
  std::size_t gone = 0;
  while (gone + 1 < entries_.size() && entries_[gone + 1].start < start) ++gone;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(gone));
}

LeaderEpoch EpochHistory::epoch_before(Offset offset) const {
  for (const EpochStart& entry : std::views::reverse(entries_))
    if (entry.start < offset) return entry.epoch;
  return 0;
}

EpochEnd EpochHistory::end_of(LeaderEpoch epoch, Offset log_end) const {
  const auto next = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const EpochStart& entry) { return entry.epoch > epoch; });
  if (next == entries_.begin()) return {};
  return {std::prev(next)->epoch, next == entries_.end() ? log_end : next->start};
}

std::vector<EpochStart> EpochHistory::below(Offset offset) const {
  EpochHistory part = *this;
  part.truncate(offset);
  part.trim(offset);
  return part.entries_;
}

}  // namespace lynxdb::replication
