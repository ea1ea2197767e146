// A whole group in one thread: nodes with disks, a network, clocks and clients, all from one seed.
// Time jumps from event to event; each event is a step, after which the checker looks (checker.h).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "raft/raft.h"
#include "raft/simulation/checker.h"
#include "raft/simulation/profile.h"

namespace lynxdb::raft::simulation {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 10'000;  // Under faults; the healing comes after.
  bool trace = false;            // Tells every step on stdout.
};

// How much a run has been through: shows that the faults and features were there at all.
struct Counts {
  std::uint64_t steps = 0;
  std::uint64_t committed = 0;
  std::uint64_t leaders = 0;
  std::uint64_t crashes = 0;
  std::uint64_t reads = 0;
  std::uint64_t lease_reads = 0;
  std::uint64_t installs = 0;
  std::uint64_t compactions = 0;
  std::uint64_t changes = 0;
  std::uint64_t transfers = 0;
  std::uint64_t refusals = 0;
  std::uint64_t heal_ticks_max = 0;

  void add(const Counts& other);
};

struct Outcome {
  std::string failure;  // Empty: none.
  Counts counts;
};

// The same options give the same run.
Outcome run(const RunOptions& options);

// --- Inside --------------------------------------------------------------------------------------

struct Node {
  NodeId id;
  std::optional<Raft> raft;  // None while it is down.
  Disk disk;
  std::uint64_t life = 0;  // Counts starts: events of an earlier life are void.
  std::uint64_t tick_interval = kTick;
  std::uint64_t next_tick = 0;
  std::uint64_t paused_until = 0;
  std::uint32_t spite_after = 0;  // Messages until a fault; 0: none is meant.
  Term led;                       // The newest term in which it was seen to lead.

  std::deque<Ready> writes;
  std::deque<std::vector<Entry>> to_apply;
  std::uint64_t state = 0;
  Index applied = 0;
  std::string incoming;
  std::optional<SnapshotMeta> taking;
  std::uint64_t taking_state = 0;
};

class World {
 public:
  explicit World(const RunOptions& options);
  Outcome run();

 private:
  enum class Kind : std::uint8_t {
    kTick,
    kDeliver,
    kDiskDone,
    kApply,
    kInstalled,
    kSnapshotTaken,
    kRestart,
    kSpite,
    kClient,
    kFault,
  };
  struct Event {
    std::uint64_t time = 0;
    std::uint64_t order = 0;
    Kind kind = Kind::kTick;
    std::size_t node = 0;
    std::uint64_t life = 0;
    std::size_t slot = 0;  // Of the message.

    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };

  // --- world.cc: time, nodes, disks --------------------------------------------------------------
  void schedule(std::uint64_t delay, Kind kind, std::size_t node, std::size_t slot = 0);
  void step();
  void act(const Event& event);
  void act_on_node(const Event& event, Node& node);
  void catch_up(Node& node);
  void start(Node& node);
  void crash(Node& node);
  void pump(Node& node);
  void take(Node& node, Ready ready);
  void note_entries(const Node& node, const Ready& ready);
  void finish_writes(Node& node);
  bool finish_write(Node& node);
  void apply(Node& node);
  void apply_batch(Node& node);
  void take_snapshot(Node& node);
  void snapshot_taken(Node& node);
  void install(Node& node);
  void send_chunk(Node& node, SnapshotSend& send);
  std::size_t place_of(NodeId id) const { return id.value() - 1; }
  template <typename... Args>
  void trace(const char* format, const Args&... args);

  // --- network.cc --------------------------------------------------------------------------------
  void send(Node& from, Message message);
  void deliver(const Event& event, Node& node);
  std::uint64_t delay(std::size_t from, std::size_t to);

  // --- faults.cc: what clients and misfortune do
  // --------------------------------------------------
  void client();
  void client_change(Node& node);
  void client_read(Node& node, bool lease);
  void ask_old_leaders(const Node& newest);
  void propose(Node& node);
  void fault();
  void notice_leader(Node& node);
  void spite(Node& node);
  void cut_links();
  void heal();
  Node* leader();
  bool converged(const Node& leader) const;
  void heal_and_converge();

  RunOptions options_;
  Random random_;
  Profile profile_;
  Checker checker_;
  Counts counts_;
  std::uint64_t now_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t next_payload_ = 1;
  ReadId next_read_ = 1;
  bool healing_ = false;
  std::vector<Node> nodes_;
  std::vector<const Raft*> running_;                   // By place.
  std::vector<std::vector<bool>> blocked_;             // From, to.
  std::vector<std::vector<std::uint64_t>> delay_max_;  // From, to.
  std::vector<Message> messages_;                      // On their way, by slot.
  std::vector<std::size_t> free_slots_;
  std::vector<bool> lease_asked_;  // By read.
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace lynxdb::raft::simulation
