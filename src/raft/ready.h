// What the core wants done. The owner does it in the order of the Readys, which it may pipeline:
//
//   1. `messages`, `snapshot_sends`: send at once, or lose them.
//   2. `log_reset`, `hard_state`, `entries`, `snapshot_writes`: write, in this order.
//   3. sync, when `must_sync`; then send `messages_after_sync` and call Raft::persisted(sequence).
//   4. `install`: after the writes; then Raft::snapshot_installed.
//   5. `committed`: apply; then Raft::applied. `reads`: answer when `index` has been applied.
//
// A crash in between loses what was not synced, and nobody can have seen it.
#pragma once

#include <optional>
#include <vector>

#include "raft/message.h"
#include "raft/snapshot_meta.h"
#include "raft/types.h"

namespace lynxdb::raft {

struct ReadState {
  ReadId id = 0;
  // The state machine with this entry applied holds all that was committed when the read was asked.
  Index index = 0;
};

// Fill in SnapshotChunk::data with the bytes of that snapshot from its offset on, and send it.
// When they are no longer there: Raft::snapshot_unavailable.
struct SnapshotSend {
  Message message;  // Its body is a SnapshotChunk.
  std::uint64_t length_bytes = 0;
};

// Offset 0 starts a new incoming snapshot and discards the one before, if that is unfinished.
struct SnapshotWrite {
  SnapshotMeta meta;
  std::uint64_t offset = 0;
  std::string data;
};

struct Ready {
  std::uint64_t sequence = 0;

  std::vector<Message> messages;
  std::vector<SnapshotSend> snapshot_sends;

  bool must_sync = false;
  // Drop every entry of the log on disk: it goes on after this one, which a snapshot holds.
  std::optional<EntryId> log_reset;
  std::optional<HardState> hard_state;
  // Contiguous. Whatever the log on disk has from the first one's index on goes first.
  std::vector<Entry> entries;
  std::vector<SnapshotWrite> snapshot_writes;
  std::vector<Message> messages_after_sync;

  // The incoming snapshot is complete: verify it, make it durable, load it as the state.
  std::optional<SnapshotMeta> install;

  std::vector<Entry> committed;  // All kinds, without a gap; the owner applies the commands.
  std::vector<ReadState> reads;
  std::vector<ReadId> reads_dropped;  // Leadership was lost: ask again.
};

}  // namespace lynxdb::raft
