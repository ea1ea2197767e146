// What a leader knows of the copies of its partition, and what follows: how far events are
// committed, and which copies are in sync.
//
// Events count as committed by the maximal ISR: the members of the agreed one and of every one that
// this leader has proposed and that may still come true (KIP-497), by durable offsets alone.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "metadata/command.h"
#include "replication/message.h"
#include "replication/options.h"
#include "replication/types.h"

namespace lynxdb::replication {

enum class ProposalOutcome : std::uint8_t {
  kAccepted = 1,
  // The state machine refused it, and no other copy of it is under way.
  kRefused = 2,
  kUnknown = 3,  // Timed out, or lost its way: it may be applied yet.
};

// A question that waits for records.
struct WaitingFetch {
  NodeId from;
  std::uint64_t id = 0;
  Offset log_end = 0;
};

class Leadership {
 public:
  // `start`: where the log of this node ended when it began to lead (LESO).
  Leadership(PartitionId partition, NodeId self, Offset start, TimeMs now);

  Offset start() const { return start_; }

  // --- Input -------------------------------------------------------------------------------------

  void apply(const metadata::State& state);
  // Whoever was paused blames nobody.
  void forgive(TimeMs pause_ms);
  // Of an earlier life of that node, or overtaken by a newer question.
  bool is_stale(NodeId from, const Fetch& fetch) const;
  // Its log is a part of this one, up to fetch.log_end.
  void matched(NodeId from, const Fetch& fetch, Offset log_end, TimeMs now);
  // It is not.
  void parted(NodeId from, const Fetch& fetch);
  void proposal_done(ProposalId id, ProposalOutcome outcome);

  // --- Output ------------------------------------------------------------------------------------

  bool has_enough_copies() const { return isr_.size() >= min_isr_; }
  // What every member of the maximal ISR has; nullopt while the agreed one is too small or a
  // member has not been heard in this epoch.
  std::optional<Offset> committed_by_all(Offset own_durable) const;
  // The change of the ISR that is due, if any.
  std::optional<metadata::ChangeIsr> propose(ProposalId id, Offset high_watermark,
                                             const Options& options, TimeMs now);
  // The questions that are to be answered now: there are records, or they waited long enough.
  std::vector<WaitingFetch> take_answerable(Offset log_end, TimeMs fetch_wait_ms, TimeMs now);
  std::vector<NodeId> maximal_isr() const;
  // Of those whose logs are a part of this one: what they have durably.
  std::map<NodeId, Offset> followers() const;

 private:
  // A replica other than this node, as the metadata knows it.
  struct Peer {
    NodeEpoch epoch = 0;
    bool fenced = true;
  };
  struct Follower {
    NodeEpoch epoch = 0;  // Of its last question.
    std::uint64_t fetch_id = 0;
    std::uint32_t partition_epoch = 0;
    bool matches = false;
    Offset durable = 0;
    Offset log_end_then = 0;  // Of the leader, at the last question.
    TimeMs fetched_at = 0;
    TimeMs caught_up_at = 0;  // When it last had all that there was.
    bool waits = false;       // For an answer to a question at fetch_end.
    Offset fetch_end = 0;
    TimeMs waits_since = 0;
  };
  struct Possible {
    ProposalId id = 0;
    std::vector<NodeId> isr;
  };

  bool can_join(NodeId node, const Peer& peer, Offset high_watermark) const;
  bool lags(NodeId node, const Options& options, TimeMs now) const;
  std::vector<NodeId> desired_isr(Offset high_watermark, const Options& options, TimeMs now) const;
  metadata::ChangeIsr command_for(const std::vector<NodeId>& isr) const;

  PartitionId partition_;
  NodeId self_;
  Offset start_;
  TimeMs since_;

  LeaderEpoch leader_epoch_ = 0;
  std::uint32_t partition_epoch_ = 0;
  std::size_t min_isr_ = 1;
  NodeEpoch own_epoch_ = 0;
  std::vector<NodeId> isr_;       // Agreed.
  std::map<NodeId, Peer> peers_;  // All other replicas.
  std::map<NodeId, Follower> followers_;

  // Proposed against the present partition epoch: each may come true until that moves on.
  std::vector<Possible> possible_;
  ProposalId outstanding_ = 0;  // Of those: not answered yet. 0: none.
  TimeMs proposed_at_ = 0;
  TimeMs next_proposal_ = 0;
};

}  // namespace lynxdb::replication
