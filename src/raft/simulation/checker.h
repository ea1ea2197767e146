// What must hold in every step of every run (dissertation, figure 3.2), kept up step by step: each
// check looks only at what has just changed.
//
//   - at most one leader in a term                         - a vote and a term are never taken back
//   - equal (index, term) have equal contents and          - what is acknowledged is durable
//     predecessors: by induction, logs match               - commit never goes back
//   - what was committed once is what everybody commits    - a leader has at most one change of
//     and applies, and every later leader has it             members in flight
//   - a read sees all that was committed when it was asked
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "raft/raft.h"

namespace lynxdb::raft::simulation {

// What a node's disk holds; a crash leaves it, and nothing else.
struct Disk {
  HardState hard_state;
  SnapshotMeta snapshot;
  std::string snapshot_bytes;
  std::vector<Entry> entries;

  // The log on disk and the snapshot hold this entry.
  bool holds(EntryId id) const;
  void put_entries(const std::vector<Entry>& added, std::size_t count);
};

class Checker {
 public:
  explicit Checker(std::size_t nodes) : nodes_(nodes) {}

  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }
  void fail(std::string failure);

  Index committed() const { return committed_.size(); }
  // Of all payloads up to `index`: the state that a state machine must have there.
  std::uint64_t state_at(Index index) const { return index == 0 ? 0 : committed_[index - 1].state; }

  // --- What happens to node `node` (its place, from 0)
  // -------------------------------------------- Entries enter its log; `previous` is the term of
  // the one before them.
  void entries_added(std::size_t node, const std::vector<Entry>& entries, Term previous);
  void message_sent(std::size_t node, const Message& message, const Disk& disk);
  void restarted(std::size_t node, const Raft& raft, const Disk& disk);
  void applied(std::size_t node, const Entry& entry, Index before, std::uint64_t state);
  void read_asked(ReadId id);
  void read_answered(const ReadState& read);
  // After each step of the node. `all`: everybody that runs, by place; null where nobody does.
  void stepped(std::size_t node, const std::vector<const Raft*>& all);

  // What one more entry makes of a state.
  static std::uint64_t next_state(std::uint64_t state, const Entry& entry);

 private:
  struct KnownEntry {
    Term term;
    Term previous;
    std::uint64_t content = 0;
  };
  struct Committed {
    Term term;
    Term by;  // Of whom it was first seen from: it was committed in this term or before.
    std::uint64_t content = 0;
    std::uint64_t state = 0;
  };
  struct Node {
    Term term;
    NodeId vote;
    Index commit = 0;
    bool leads = false;
    Term term_sent;              // The newest that it let anybody see.
    std::vector<NodeId> grants;  // By term.
    std::vector<Index> changes;  // Configuration entries above commit.
  };

  void check_role(std::size_t node, const Raft& raft);
  void check_promises(std::size_t node, const Raft& raft);
  void record_commit(std::size_t node, const Raft& raft);
  void check_leaders_have(Index index, Term by, const std::vector<const Raft*>& all);

  std::string failure_;
  std::vector<Node> nodes_;
  std::vector<std::vector<KnownEntry>> known_;  // By index.
  std::vector<Committed> committed_;            // By index, from 1.
  std::vector<std::size_t> leaders_;            // By term: place + 1.
  std::vector<Index> reads_;                    // By id: committed when it was asked.
};

}  // namespace lynxdb::raft::simulation
