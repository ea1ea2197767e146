// The consensus of one node: a deterministic state machine without thread, clock, socket, file or
// randomness of its own. Its owner feeds it ticks, messages, proposals and reports of finished
// work, and carries out the Ready that follows (ready.h). After Ongaro's dissertation ("Consensus:
// Bridging Theory and Practice", 2014); section numbers in these files are its own.
//
// Belongs to one thread. Broken invariants end the process (LYNXDB_CHECK), in release builds too.
//
// Ticks stand for real time, pauses included: an owner that was stopped delivers all ticks that
// have passed before anything else, or else lease reads could be answered by a leader that is none.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "raft/configuration.h"
#include "raft/log.h"
#include "raft/message.h"
#include "raft/options.h"
#include "raft/progress.h"
#include "raft/random.h"
#include "raft/ready.h"
#include "raft/types.h"

namespace lynxdb::raft {

enum class Role : std::uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };
std::string_view to_string(Role role);

// What a node finds on its disk. A new group: term 0, no entries, and a snapshot at {0, 0} that
// names the first members, the same on each of them. A node that joins: nothing at all.
struct Restored {
  HardState hard_state;
  SnapshotMeta snapshot;
  // Without a gap; may begin below the snapshot's end, not behind the entry after it.
  std::vector<Entry> entries;
  // Held by the owner's state machine; the snapshot's last when that is all it keeps.
  Index applied = 0;
};

struct Status {
  Role role = Role::kFollower;
  Term term;
  NodeId vote;
  NodeId leader;  // kNobody when not known.
  Index first_index = 0;
  EntryId last;
  Index commit = 0;
  Index applied = 0;
  std::size_t log_bytes = 0;
  bool installing = false;
  bool has_lease = false;  // A lease read would be answered at once.
};

class Raft {
 public:
  // `random` should differ between nodes. kCorruption: `restored` contradicts itself.
  static Result<Raft> create(const Options& options, Random random, Restored restored);

  // --- Input -----------------------------------------------------------------------------------

  void tick();
  // Anything may come in: what makes no sense is dropped and counted.
  void receive(Message message);

  // Leader only: the entry's place, not a promise. It is committed when Ready hands out an entry
  // with this id, and lost when it hands out another one with this index.
  // kUnavailable (no leader, or it is handing over), kOverloaded (too much is uncommitted),
  // kInvalidArgument (too large).
  Result<EntryId> propose(Payload payload);
  // As propose. kConflict: another change is not committed yet, or nothing of this term is; or the
  // learner is too far behind. kInvalidArgument: does not fit the members.
  Result<EntryId> change_membership(const MembershipChange& change);
  // Leader only: brings `target` up to date, then lets it stand. Gives up after an election
  // timeout. kUnavailable, kInvalidArgument (no other voter), kConflict (one is under way).
  Result<> transfer_leadership(NodeId target);
  // Answered by Ready::reads, or dropped, or, when messages get lost, never: ask again under a new
  // id. kUnavailable (no leader known), kOverloaded.
  Result<> read(ReadId id, ReadMode mode);

  // --- Reports -----------------------------------------------------------------------------------

  // What Readys up to `sequence` wanted on disk is there.
  void persisted(std::uint64_t sequence);
  void applied(Index index);
  // The owner holds a snapshot up to `index`, an applied entry: what to keep with its bytes.
  SnapshotMeta snapshot_meta(Index index, std::uint64_t size_bytes) const;
  // It is durable: entries below it may go. False: one that reaches further came in meanwhile, and
  // this one is of no use.
  bool snapshot_taken(const SnapshotMeta& meta);
  // Ready::install was done, or its bytes were bad.
  void snapshot_installed(EntryId last, bool good);
  // A SnapshotSend's bytes are gone.
  void snapshot_unavailable(NodeId to, EntryId last);

  // --- Output ------------------------------------------------------------------------------------

  // What is to be done since the last one; nullopt when nothing is. Appends are put together here,
  // so proposals taken in a row share messages and syncs.
  std::optional<Ready> take_ready();

  Status status() const;
  Role role() const { return role_; }
  Term term() const { return term_; }
  NodeId vote() const { return vote_; }
  NodeId leader() const { return leader_; }
  const Log& log() const { return log_; }
  const Configuration& configuration() const { return configurations_.newest(); }
  const SnapshotMeta& snapshot() const { return snapshot_; }
  std::uint64_t malformed_messages() const { return malformed_messages_; }

 private:
  // A read that waits: for the first commit of the term (round 0), or for a majority.
  struct PendingRead {
    ReadId id = 0;
    NodeId from;
    Index index = 0;
    std::uint64_t round = 0;
  };

  struct Transfer {
    NodeId target;
    std::uint32_t ticks_left = 0;
    bool told = false;
  };

  // What there is only while leading; gone with the role.
  struct Leadership {
    std::vector<Progress> followers;  // All members but this node, ascending.
    Index term_start = 0;             // The term's first entry.
    std::uint64_t round = 1;
    bool round_wanted = false;
    std::uint32_t heartbeat_elapsed = 0;
    std::size_t uncommitted_bytes = 0;
    std::deque<PendingRead> reads;  // By round.
    std::optional<Transfer> transfer;
    // A TimeoutNow is on its way, perhaps for long: voters may leave us at any time.
    bool lease_given_up = false;
  };

  struct Incoming {
    SnapshotMeta meta;
    NodeId from;
    Term term;
    std::uint64_t received_bytes = 0;
    bool installing = false;
  };

  struct PendingWrite {
    std::uint64_t sequence = 0;
    HardState hard_state;
    Index last = 0;
  };

  struct Vote {
    NodeId node;
    bool granted = false;
  };

  Raft(const Options& options, Random random, Restored restored, Log log);

  // --- raft.cc: terms, roles, Ready --------------------------------------------------------------
  bool is_well_formed(const Message& message) const;
  void receive_stale(const Message& message);
  bool follow_newer_term(const Message& message);
  void become_follower(Term term, NodeId leader);
  void follow(NodeId leader);
  void reset_election_timer();
  bool term_is_durable() const;
  bool installing() const { return incoming_ && incoming_->installing; }
  void send(NodeId to, MessageBody body);
  void send_in_term(NodeId to, Term term, MessageBody body);
  void send_after_sync(NodeId to, MessageBody body);
  void collect_writes(Ready& ready);
  void collect_committed(Ready& ready);

  // --- election.cc -------------------------------------------------------------------------------
  bool may_stand() const;
  bool hears_a_leader() const;
  void tick_election();
  void pre_campaign();
  void campaign(bool transfer);
  void request_votes(bool pre_vote, bool transfer, Term term);
  void record_vote(NodeId node, bool granted);
  void count_votes();
  void win_vote();
  void become_leader();
  void count_own_vote();
  void handle(const Message& message, VoteRequest& request);
  void handle(const Message& message, VoteReply& reply);
  void handle(const Message& message, TimeoutNow& request);
  void handle(const Message& message, StaleTerm& reply);

  // --- replication.cc ----------------------------------------------------------------------------
  void tick_leader();
  bool hears_a_majority() const;
  Progress* find_follower(NodeId node);
  const Progress* find_follower(NodeId node) const;
  EntryId append_own(EntryKind kind, Payload payload);
  void match_followers_to_members();
  void send_appends();
  void send_appends_to(Progress& follower);
  void send_append(Progress& follower, bool with_entries);
  void send_heartbeats();
  void advance_commit();
  void commit_advanced(Index before);
  void tick_transfer();
  void push_transfer(Progress& follower);
  void handle(const Message& message, AppendRequest& request);
  void handle(const Message& message, AppendReply& reply);
  bool store_entries(std::vector<Entry>& entries);
  void refuse_append(const Message& message, const AppendRequest& request);
  void truncate_from(Index index);

  // --- reads.cc ----------------------------------------------------------------------------------
  bool term_has_commit() const;
  bool has_lease() const;
  // The newest of what a majority of voters has: this node's own, the others' by `of`.
  std::uint64_t majority_of(std::uint64_t own, std::uint64_t (Progress::*of)() const) const;
  Result<> lead_read(ReadId id, NodeId from, ReadMode mode);
  void answer_read(ReadId id, NodeId from, Index index);
  void start_waiting_reads();
  void finish_reads();
  void drop_reads();
  void handle(const Message& message, ReadRequest& request);
  void handle(const Message& message, ReadReply& reply);

  // --- snapshot.cc -------------------------------------------------------------------------------
  void compact();
  void send_chunks(Progress& follower);
  void tick_snapshots();
  bool accept_chunk(const Message& message, const SnapshotChunk& chunk);
  void handle(const Message& message, SnapshotChunk& chunk);
  void handle(const Message& message, SnapshotReply& reply);

  Options options_;
  Random random_;
  Log log_;
  SnapshotMeta snapshot_;
  ConfigurationHistory configurations_;

  Term term_;
  NodeId vote_;
  Role role_ = Role::kFollower;
  NodeId leader_;
  std::vector<Vote> votes_;
  std::optional<Leadership> leading_;
  std::optional<Incoming> incoming_;

  std::uint64_t ticks_;             // Starts so high that 0 is long ago.
  std::uint64_t contact_tick_ = 0;  // When a leader was last heard.
  std::uint32_t election_elapsed_ = 0;
  std::uint32_t election_timeout_ = 0;

  HardState durable_;     // Known to be on disk.
  HardState handed_out_;  // In the last Ready that had one.
  std::deque<PendingWrite> pending_writes_;
  std::uint64_t sequence_ = 0;
  Index applying_ = 0;  // Handed out.
  Index applied_ = 0;   // Reported.
  Ready out_;           // Put together between two Readys.
  std::uint64_t malformed_messages_ = 0;
};

}  // namespace lynxdb::raft
