// Which appends are new, and which are retries of what is in the log, or on its way there.
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "storage/tail.h"

namespace lynxdb::storage {
namespace {

Error batch_id_conflict(const AppendRequest& request) {
  return Error{ErrorCode::kConflict,
               "batch id '" + request.batch_id + "' was used for other content",
               "use a new id for new content; an id is for retries of the same request"};
}

Error led_elsewhere(PartitionId partition) {
  return Error{ErrorCode::kUnavailable,
               fmt::format("this node does not lead partition {}", partition.value()),
               "retry with the same batch id"};
}

// The rows that the first append of this batch left out. An event's entry names the batch that
// brought it in: another one had it before, or an earlier row of this one.
std::vector<std::uint32_t> rows_left_out(const PartitionLog& log, const AppendRequest& request,
                                         const DedupEntry& batch) {
  std::vector<std::uint32_t> rows;
  std::unordered_set<DedupKey, DedupKeyHash> seen;
  for (std::uint32_t row = 0; row < request.event_ids.size(); ++row) {
    if (request.event_ids[row].empty()) continue;
    const DedupKey key = event_key(request.event_ids[row]);
    const DedupEntry* event = log.windows().events.find(key);
    const bool is_others = event != nullptr && event->base_offset != batch.base_offset;
    if (is_others || !seen.insert(key).second) rows.push_back(row);
  }
  return rows;
}

// The first answer, again.
Result<Appended> answer_again(const PartitionLog& log, const AppendRequest& request,
                              const DedupEntry& entry) {
  if (entry.content_crc != request.content_crc) return batch_id_conflict(request);
  Appended answer;
  answer.partition = log.id();
  answer.offsets = {entry.base_offset, entry.base_offset + entry.count};
  answer.duplicate = true;
  answer.duplicate_rows = rows_left_out(log, request, entry);
  return answer;
}

// True when what `entry` names is not committed yet; `then` is called once it is.
bool waits_for(PartitionLog& log, const DedupEntry& entry, const Then& then) {
  if (log.is_committed(entry.base_offset)) return false;
  log.wait_for_commit(entry.base_offset, then);
  return true;
}

bool waits_for(PartitionLog& log, const DedupKey& key, const Then& then) {
  if (!log.in_flight(key)) return false;
  log.wait_for(key, then);
  return true;
}

// The events' keys that are new, and the rows that are not. False when one of them waits.
bool sort_events(PartitionLog& log, const AppendRequest& request, PendingAppend& pending,
                 const Then& then) {
  std::unordered_set<DedupKey, DedupKeyHash> seen;
  for (std::uint32_t row = 0; row < request.event_ids.size(); ++row) {
    if (request.event_ids[row].empty()) continue;
    const DedupKey key = event_key(request.event_ids[row]);
    if (waits_for(log, key, then)) return false;
    const DedupEntry* known = log.windows().events.find(key);
    if (known != nullptr && waits_for(log, *known, then)) return false;
    if (known != nullptr || !seen.insert(key).second) {
      pending.duplicate_rows.push_back(row);
    } else {
      pending.keys.events.push_back(key);
    }
  }
  return true;
}

Appended all_known(const AppendRequest& request, std::vector<std::uint32_t> duplicate_rows) {
  Appended answer;
  answer.partition = request.partition;
  answer.duplicate_rows = std::move(duplicate_rows);
  return answer;
}

}  // namespace

Admission Tail::admit(const AppendRequest& request, std::optional<Error> overload,
                      const Then& then) {
  Admission admission;
  const base::MutexLock lock(mutex_);
  PartitionLog* partition = find(request.partition);
  if (partition == nullptr || !partition->leader_epoch()) {
    admission.answer = led_elsewhere(request.partition);
    return admission;
  }
  if (partition->has_queued_cut()) {
    partition->wait_for_cut(then);
    admission.waits = true;
    return admission;
  }
  PendingAppend& pending = admission.pending;
  if (!request.batch_id.empty()) {
    const DedupKey key = batch_key(request.batch_id, request.part);
    const DedupEntry* known = partition->windows().batches.find(key);
    admission.waits = waits_for(*partition, key, then) ||
                      (known != nullptr && waits_for(*partition, *known, then));
    if (admission.waits) return admission;
    if (known != nullptr) {
      admission.answer = answer_again(*partition, request, *known);
      return admission;
    }
    pending.keys.batch = key;
  }
  if (!sort_events(*partition, request, pending, then)) {
    admission.waits = true;
    return admission;
  }
  if (pending.duplicate_rows.size() == request.batch.rows()) {
    admission.answer = all_known(request, std::move(pending.duplicate_rows));
    return admission;
  }
  if (overload) {
    admission.answer = *std::move(overload);
    return admission;
  }
  pending.partition = request.partition;
  pending.leader_epoch = *partition->leader_epoch();
  partition->begin(pending.keys);
  return admission;
}

}  // namespace lynxdb::storage
