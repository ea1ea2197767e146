// Compaction, and snapshots in chunks for those that need what is compacted
// (dissertation, 5.1-5.3).
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "raft/raft.h"

namespace lynxdb::raft {

SnapshotMeta Raft::snapshot_meta(Index index, std::uint64_t size_bytes) const {
  LYNXDB_CHECK(index <= applied_ && index >= snapshot_.last.index);
  return {{index, *log_.term_at(index)}, configurations_.at(index), size_bytes};
}

bool Raft::snapshot_taken(const SnapshotMeta& meta) {
  LYNXDB_CHECK(meta.last.index <= applied_ && meta.size_bytes > 0);
  if (meta.last.index <= snapshot_.last.index) return false;
  LYNXDB_CHECK(log_.holds(meta.last));
  snapshot_ = meta;
  configurations_.forget_before(meta.last.index);
  const Index trailing = options_.trailing_entries;
  if (meta.last.index > trailing) log_.compact(meta.last.index - trailing);
  return true;
}

// --- Sender --------------------------------------------------------------------------------------

void Raft::send_chunks(Progress& follower) {
  SnapshotTransfer& transfer = follower.snapshot();
  const std::uint64_t chunk = options_.snapshot_chunk_bytes;
  const std::uint64_t window = chunk * options_.snapshot_chunks_inflight_max;
  while (transfer.sent_bytes < transfer.meta.size_bytes &&
         transfer.sent_bytes - transfer.acked_bytes < window) {
    const std::uint64_t length = std::min(chunk, transfer.meta.size_bytes - transfer.sent_bytes);
    Message message{options_.id, follower.node(), term_,
                    SnapshotChunk{transfer.meta, transfer.sent_bytes, {}}};
    out_.snapshot_sends.push_back({std::move(message), length});
    transfer.sent_bytes += length;
  }
}

// What was lost is sent again from the last place that is known to have arrived. When all has, the
// last chunk again: the answer says whether it was installed, or forgotten in a restart.
void Raft::tick_snapshots() {
  for (Progress& follower : leading_->followers) {
    if (follower.mode() != Progress::Mode::kSnapshot) continue;
    SnapshotTransfer& transfer = follower.snapshot();
    if (++transfer.idle_ticks < options_.election_ticks) continue;
    transfer.idle_ticks = 0;
    transfer.stalled = true;
    if (transfer.acked_bytes == transfer.meta.size_bytes) {
      transfer.acked_bytes -= std::min(transfer.acked_bytes, options_.snapshot_chunk_bytes);
    }
    transfer.sent_bytes = transfer.acked_bytes;
  }
}

void Raft::snapshot_unavailable(NodeId to, EntryId last) {
  Progress* follower = leading_ ? find_follower(to) : nullptr;
  if (follower == nullptr || follower->mode() != Progress::Mode::kSnapshot) return;
  if (follower->snapshot().meta.last != last || last == snapshot_.last) return;
  follower->start_snapshot(snapshot_);
}

void Raft::handle(const Message& message, SnapshotReply& reply) {
  Progress* follower = leading_ ? find_follower(message.from) : nullptr;
  if (follower == nullptr) return;
  follower->hear(ticks_);
  if (follower->mode() != Progress::Mode::kSnapshot) return;
  SnapshotTransfer& transfer = follower->snapshot();
  if (transfer.meta.last != reply.snapshot) return;
  if (reply.received_bytes > transfer.meta.size_bytes) {
    ++malformed_messages_;
    return;
  }
  if (reply.received_bytes == 0 ||
      (transfer.stalled && reply.received_bytes < transfer.acked_bytes)) {
    transfer.sent_bytes = transfer.acked_bytes = reply.received_bytes;
    transfer.stalled = false;
  }
  if (reply.received_bytes <= transfer.acked_bytes) return;
  transfer.stalled = false;
  transfer.acked_bytes = reply.received_bytes;
  transfer.sent_bytes = std::max(transfer.sent_bytes, transfer.acked_bytes);
  transfer.idle_ticks = 0;
}

// --- Receiver ------------------------------------------------------------------------------------

void Raft::handle(const Message& message, SnapshotChunk& chunk) {
  follow(message.from);
  if (installing()) return;  // One at a time; what comes next is decided when it is done.
  const EntryId last = chunk.meta.last;
  if (last.index <= log_.commit() || log_.holds(last)) {
    // Nothing in it that the log does not have: the entry behind it goes on from the log.
    log_.commit_to(std::max(log_.commit(), last.index));
    return send(message.from, AppendReply{true, std::min(log_.commit(), log_.stable()), {}, {}});
  }
  const bool accepted = accept_chunk(message, chunk);
  const std::uint64_t received = incoming_ ? incoming_->received_bytes : 0;
  if (accepted) out_.snapshot_writes.push_back({chunk.meta, chunk.offset, std::move(chunk.data)});
  if (accepted && received == chunk.meta.size_bytes) {
    incoming_->installing = true;
    out_.install = chunk.meta;
  }
  send_after_sync(message.from, SnapshotReply{last, received});
}

// False: not the one that is due. Snapshots of two leaders may differ in their bytes.
bool Raft::accept_chunk(const Message& message, const SnapshotChunk& chunk) {
  const bool known = incoming_ && incoming_->meta == chunk.meta &&
                     incoming_->from == message.from && incoming_->term == message.term;
  if (!known) {
    incoming_.reset();
    if (chunk.offset != 0) return false;
    incoming_ = Incoming{chunk.meta, message.from, message.term};
  }
  if (chunk.offset != incoming_->received_bytes) return false;
  incoming_->received_bytes += chunk.data.size();
  return true;
}

void Raft::snapshot_installed(EntryId last, bool good) {
  LYNXDB_CHECK(installing() && incoming_->meta.last == last);
  const SnapshotMeta meta = std::exchange(incoming_, std::nullopt)->meta;
  if (!good) {
    if (leader_ != kNobody) send(leader_, SnapshotReply{last, 0});
    return;
  }
  LYNXDB_CHECK(last.index > log_.commit());
  log_.reset(last);
  for (PendingWrite& write : pending_writes_) write.last = 0;
  snapshot_ = meta;
  configurations_ = ConfigurationHistory(last.index, meta.configuration);
  applying_ = applied_ = last.index;
  out_.log_reset = last;
  if (leader_ != kNobody) send(leader_, AppendReply{true, last.index, {}, {}});
}

}  // namespace lynxdb::raft
