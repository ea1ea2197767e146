// What a leader knows of one other member, and what it may send next.
//
//   kProbe      looks for the place where the logs agree: one append at a time
//   kReplicate  found it: appends go out ahead of the answers, within the window
//   kSnapshot   the entries it needs are compacted: chunks of a snapshot go out instead
#pragma once

#include <cstdint>
#include <vector>

#include "raft/message.h"
#include "raft/options.h"
#include "raft/snapshot_meta.h"
#include "raft/types.h"

namespace lynxdb::raft {

// Appends on their way to one follower.
class AppendWindow {
 public:
  bool has_room(const Options& options) const;
  void add(Index last, std::size_t bytes);
  // All up to `index` arrived.
  void free_to(Index index);
  void clear();

 private:
  struct Sent {
    Index last = 0;
    std::size_t bytes = 0;
  };
  std::vector<Sent> sent_;
  std::size_t bytes_ = 0;
};

struct SnapshotTransfer {
  SnapshotMeta meta;
  std::uint64_t sent_bytes = 0;
  std::uint64_t acked_bytes = 0;
  std::uint32_t idle_ticks = 0;  // Since the last step forward.
  // No step for so long that a lower answer is no late one: the receiver lost what it had.
  bool stalled = false;
};

class Progress {
 public:
  enum class Mode : std::uint8_t { kProbe, kReplicate, kSnapshot };

  Progress(NodeId node, Index next, std::uint64_t tick);

  NodeId node() const { return node_; }
  Mode mode() const { return mode_; }
  Index match() const { return match_; }  // Durably there.
  Index next() const { return next_; }

  // An answer in this term came in at `tick`.
  void hear(std::uint64_t tick) { heard_tick_ = tick; }
  void hear_stamp(Stamp stamp);
  std::uint64_t heard_tick() const { return heard_tick_; }
  // Of the newest question that it has answered.
  std::uint64_t acked_round() const { return acked_round_; }
  std::uint64_t acked_tick() const { return acked_tick_; }

  bool may_append(const Options& options) const;
  void sent_append(const AppendRequest& append, std::size_t bytes);
  Index sent_commit() const { return sent_commit_; }
  void retry_probe() { probe_sent_ = false; }

  // False: nothing new in it.
  bool accepted(Index index);
  // `refused` is the previous entry that it lacks, `next` where to try. False: a late answer.
  bool refused(Index refused, Index next);

  void start_snapshot(SnapshotMeta meta);
  SnapshotTransfer& snapshot() { return snapshot_; }
  void probe_from(Index next);

 private:
  NodeId node_;
  Mode mode_ = Mode::kProbe;
  bool probe_sent_ = false;
  Index match_ = 0;
  Index next_;
  Index sent_commit_ = 0;
  std::uint64_t heard_tick_;
  std::uint64_t acked_round_ = 0;
  std::uint64_t acked_tick_ = 0;
  AppendWindow window_;
  SnapshotTransfer snapshot_;
};

}  // namespace lynxdb::raft
