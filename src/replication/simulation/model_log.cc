#include "replication/simulation/model_log.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace lynxdb::replication::simulation {

Payload payload_of(BatchId id) {
  std::string bytes;
  base::put_fixed(id, bytes);
  return std::make_shared<const std::string>(std::move(bytes));
}

BatchId id_of(const Batch& batch) { return base::ByteReader(*batch.payload).fixed<BatchId>(); }

void ModelLog::append(const Batch& batch) {
  LYNXDB_CHECK(batch.base == end());
  history.begin(batch.epoch, batch.base);
  batches.push_back(batch);
  dedup[id_of(batch)] = {batch.base, batch.end()};
}

void ModelLog::truncate(Offset end_offset) {
  while (!batches.empty() && batches.back().base >= end_offset) batches.pop_back();
  LYNXDB_CHECK(end() == end_offset);
  history.truncate(end_offset);
  std::erase_if(dedup, [&](const auto& one) { return one.second.begin >= end_offset; });
}

void ModelLog::reset(const ResetLog& change) {
  start = change.start;
  batches.clear();
  history = EpochHistory(change.epochs);
  dedup.clear();
  if (!change.dedup) return;
  base::ByteReader in(*change.dedup);
  while (in.remaining() > 0) {
    const auto id = in.fixed<BatchId>();
    const auto begin = in.fixed<Offset>();
    dedup[id] = {begin, in.fixed<Offset>()};
  }
}

void ModelLog::trim(Offset start_offset) {
  LYNXDB_CHECK(start_offset >= start && start_offset <= end());
  const auto kept = std::find_if(batches.begin(), batches.end(),
                                 [&](const Batch& one) { return one.base >= start_offset; });
  batches.erase(batches.begin(), kept);
  LYNXDB_CHECK(batches.empty() || batches.front().base == start_offset);
  start = start_offset;
  history.trim(start_offset);
}

void ModelLog::apply(const LogChange& change) {
  if (const auto* begun = std::get_if<EpochBegan>(&change.what)) {
    history.begin(begun->epoch, begun->start);
  } else if (const auto* appended = std::get_if<AppendBatches>(&change.what)) {
    for (const Batch& batch : appended->batches) append(batch);
  } else if (const auto* cut = std::get_if<TruncateLog>(&change.what)) {
    truncate(cut->end);
  } else {
    reset(std::get<ResetLog>(change.what));
  }
}

std::vector<Batch> ModelLog::read(Offset begin, Offset end_offset, std::size_t limit) const {
  auto at = std::lower_bound(batches.begin(), batches.end(), begin,
                             [](const Batch& one, Offset offset) { return one.base < offset; });
  std::vector<Batch> found;
  for (; at != batches.end() && at->end() <= end_offset && found.size() < limit; ++at)
    found.push_back(*at);
  return found;
}

const Batch* ModelLog::ending_at(Offset end_offset) const {
  const auto at =
      std::lower_bound(batches.begin(), batches.end(), end_offset,
                       [](const Batch& one, Offset offset) { return one.end() < offset; });
  return at == batches.end() || at->end() != end_offset ? nullptr : &*at;
}

Payload ModelLog::dedup_below(Offset end_offset) const {
  std::string bytes;
  for (const auto& [id, range] : dedup) {
    if (range.end > end_offset) continue;
    base::put_fixed(id, bytes);
    base::put_fixed(range.begin, bytes);
    base::put_fixed(range.end, bytes);
  }
  return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace lynxdb::replication::simulation
