#include "storage/wal/log_index.h"

#include <algorithm>

namespace lynxdb::storage {
namespace {

constexpr std::uint64_t kRunBytes = std::uint64_t{256} << 10U;

}  // namespace

void LogIndex::append(metadata::PartitionId partition, metadata::OffsetRange offsets,
                      const RecordPosition& position) {
  Log& log = logs_[partition];
  // A gap: what is missing was flushed, and what is before it is of no use.
  if (!log.runs.empty() && log.runs.back().end != offsets.begin) log.runs.clear();
  if (log.goes_on && !log.runs.empty()) {
    LogRun& last = log.runs.back();
    if (last.file == position.file && position.end_bytes - last.begin_bytes <= kRunBytes) {
      last.end = offsets.end;
      last.end_bytes = position.end_bytes;
      return;
    }
  }
  log.runs.push_back(
      {position.file, offsets.begin, offsets.end, position.begin_bytes, position.end_bytes});
  log.goes_on = true;
}

void LogIndex::truncate(metadata::PartitionId partition, metadata::Offset end) {
  const auto found = logs_.find(partition);
  if (found == logs_.end()) return;
  Log& log = found->second;
  while (!log.runs.empty() && log.runs.back().base >= end) log.runs.pop_back();
  if (!log.runs.empty()) log.runs.back().end = std::min(log.runs.back().end, end);
  log.goes_on = false;
}

std::optional<LogRun> LogIndex::find(metadata::PartitionId partition,
                                     metadata::Offset offset) const {
  const auto found = logs_.find(partition);
  if (found == logs_.end()) return std::nullopt;
  const std::deque<LogRun>& runs = found->second.runs;
  const auto run =
      std::upper_bound(runs.begin(), runs.end(), offset,
                       [](metadata::Offset at, const LogRun& one) { return at < one.end; });
  if (run == runs.end() || run->base > offset) return std::nullopt;
  return *run;
}

std::optional<std::uint64_t> LogIndex::first_needed(const OffsetEnds& trimmable) const {
  std::optional<std::uint64_t> first;
  for (const auto& [partition, log] : logs_) {
    const auto border = trimmable.find(partition);
    const metadata::Offset free_below = border == trimmable.end() ? 0 : border->second;
    const auto needed =
        std::upper_bound(log.runs.begin(), log.runs.end(), free_below,
                         [](metadata::Offset at, const LogRun& one) { return at < one.end; });
    if (needed != log.runs.end()) first = std::min(first.value_or(needed->file), needed->file);
  }
  return first;
}

OffsetEnds LogIndex::starts_without(std::uint64_t file) const {
  OffsetEnds starts;
  for (const auto& [partition, log] : logs_) {
    for (const LogRun& run : log.runs) {
      if (run.file >= file) break;
      starts[partition] = run.end;
    }
  }
  return starts;
}

void LogIndex::drop_before(std::uint64_t file) {
  for (auto& [partition, log] : logs_) {
    while (!log.runs.empty() && log.runs.front().file < file) log.runs.pop_front();
  }
}

std::optional<metadata::OffsetRange> LogIndex::offsets(metadata::PartitionId partition) const {
  const auto found = logs_.find(partition);
  if (found == logs_.end() || found->second.runs.empty()) return std::nullopt;
  return metadata::OffsetRange{found->second.runs.front().base, found->second.runs.back().end};
}

}  // namespace lynxdb::storage
