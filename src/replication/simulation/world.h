// A whole cluster in one thread: nodes with disks and clocks, a network, the metadata's state
// machine behind a model of its group, an object store and clients, all from one seed. Time jumps
// from event to event; each event is a step, after which the checker looks (checker.h).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "metadata/command.h"
#include "replication/replication.h"
#include "replication/simulation/checker.h"
#include "replication/simulation/profile.h"

namespace lynxdb::replication::simulation {

struct RunOptions {
  std::uint64_t seed = 1;
  TimeMs duration_ms = 60'000;  // Under faults; the healing comes after.
  bool trace = false;           // Tells every step on stdout.
  bool tail = false;            // Keeps the last steps for Outcome::tail.
};

// How much a run has been through: shows that the faults and features were there at all.
struct Counts {
  std::uint64_t steps = 0;
  std::uint64_t acked = 0;
  std::uint64_t retried_acks = 0;  // Found by their batch id.
  std::uint64_t leaderships = 0;
  std::uint64_t isr_changes = 0;
  std::uint64_t crashes = 0;
  std::uint64_t wipes = 0;
  std::uint64_t truncations = 0;
  std::uint64_t resets = 0;
  std::uint64_t flushes = 0;
  std::uint64_t reads = 0;
  std::uint64_t stale_views = 0;
  std::uint64_t refused_reads = 0;
  std::uint64_t moves = 0;
  std::uint64_t assignments = 0;
  std::uint64_t registered_anew = 0;
  TimeMs heal_ms_max = 0;

  void add(const Counts& other);
};

struct Outcome {
  std::string failure;  // Empty: none.
  Counts counts;
  std::vector<std::string> tail;  // Of a failed run: what happened last.
};

// The same options give the same run.
Outcome run(const RunOptions& options);

// --- Inside --------------------------------------------------------------------------------------

using metadata::Command;
using metadata::State;
using metadata::StatePtr;

// A batch that a client wants to have written, whatever it takes.
struct Op {
  BatchId id = 0;
  PartitionId partition;
  std::uint32_t count = 1;
  TimeMs deadline = 0;
  std::uint32_t attempt = 0;
  bool done = false;
};

struct Waiter {
  Offset end = 0;
  BatchId op = 0;
  std::uint32_t attempt = 0;
};

struct Node {
  std::size_t place = 0;
  NodeId id;
  std::uint64_t incarnation = 1;
  NodeEpoch epoch = 0;
  std::optional<Replication> core;  // None while it is down.
  std::uint64_t life = 0;           // Events of an earlier life are void.
  TimeMs paused_until = 0;
  TimeMs watch_stuck_until = 0;  // Heartbeats go on, news does not come.
  TimeMs down_since = 0;
  TimeMs clock_offset = 0;
  std::int64_t clock_permille = 1000;
  StatePtr state;
  bool registering = false;
  bool flushing = false;

  std::map<PartitionId, ModelLog> logs;
  std::map<PartitionId, std::vector<Waiter>> waiters;

  // The disk: what is synced, and what is on its way, in order.
  std::map<PartitionId, ModelLog> disk;
  std::deque<std::function<void(std::map<PartitionId, ModelLog>&)>> unsynced;
  struct Progress {
    PartitionId partition;
    Cuts cuts = 0;
    Offset end = 0;
  };
  std::deque<Progress> progress;  // Of each of `unsynced`.
  bool syncing = false;
  std::map<PartitionId, std::pair<Offset, std::uint32_t>> hints;
};

class World {
 public:
  explicit World(const RunOptions& options);
  Outcome run();

 private:
  using Action = std::function<void()>;
  struct Event {
    TimeMs time = 0;
    std::uint64_t order = 0;
    std::size_t node = 0;    // kNobody: of no node.
    std::uint64_t life = 0;  // 0: of any.
    std::shared_ptr<Action> action;

    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  static constexpr std::size_t kNowhere = ~std::size_t{0};

  // --- world.cc: time, nodes, disks --------------------------------------------------------------
  void at(TimeMs delay, Action action);
  // Void when the node's life ends; late when it is paused.
  void at_node(Node& node, TimeMs delay, Action action);
  // As a message: a later life takes it, too.
  void deliver_at(Node& node, TimeMs delay, Action action);
  void step();
  TimeMs clock(const Node& node) const;
  void start(Node& node);
  void crash(Node& node);
  void tick(Node& node);
  void pump(Node& node);
  void handle(Node& node, Ready ready);
  void handle_log(Node& node, const LogChange& change);
  void handle_committed(Node& node, const Committed& committed);
  void handle_answer(Node& node, SendAnswer& answer);
  void write(Node& node, Node::Progress progress,
             std::function<void(std::map<PartitionId, ModelLog>&)> change);
  void sync(Node& node);
  void synced(Node& node, std::size_t count);
  void fail_waiters(Node& node, PartitionId partition);
  void check_copies(PartitionId partition);
  template <typename... Args>
  void trace(const char* format, const Args&... args);

  // --- network: place `nodes_.size()` is the metadata's -----------------------------------------
  bool is_lost(std::size_t from, std::size_t to);
  TimeMs delay();
  void send(std::size_t from, Node& to, Action action);

  // --- metadata_model.cc -------------------------------------------------------------------------
  struct Answer {
    ProposalOutcome outcome = ProposalOutcome::kUnknown;
    StatePtr state;  // Accepted: the one with it.
  };
  std::size_t meta_place() const { return nodes_.size(); }
  bool meta_works() const { return now_ >= meta_down_until_; }
  void create_cluster();
  // By the metadata itself, at once.
  bool apply(const Command& command);
  void submit(Node& node, Command command, std::function<void(Answer)> done);
  void command_arrives(Node& node, const Command& command,
                       const std::shared_ptr<std::function<void(Answer)>>& done, bool late);
  void trace_copies(const State& before);
  void publish();
  void heartbeat(Node& node);
  void heartbeat_arrives(Node& node, NodeEpoch epoch, TimeMs sent, Version applied);
  void watch(Node& node);
  void learn(Node& node, const StatePtr& state);
  void fence_silent();
  void register_node(Node& node);

  // --- clients.cc --------------------------------------------------------------------------------
  struct Read;
  void client_writes();
  void attempt(BatchId id);
  void route(Node& node, BatchId id, std::uint32_t attempt, bool forwarded);
  void take_write(Node& node, BatchId id, std::uint32_t attempt);
  void answer_write(Node& node, BatchId id, std::uint32_t attempt, bool good);
  void acknowledge(Node& node, PartitionId partition, const Waiter& waiter);
  void client_reads();
  void plan_read(const std::shared_ptr<Read>& read);
  void read_segments(Read& read);
  void read_tail(Node& node, const std::shared_ptr<Read>& read, std::uint32_t plan,
                 PartitionId partition, Offset from);
  void tail_arrives(const std::shared_ptr<Read>& read, std::uint32_t plan, PartitionId partition,
                    const std::vector<Batch>& batches);
  void plan_again(const std::shared_ptr<Read>& read, std::uint32_t plan);

  // --- flushing.cc -------------------------------------------------------------------------------
  void flush(Node& node);
  void upload(Node& node, const metadata::CommitFlush& command,
              const std::vector<std::pair<std::string, Object>>& objects, int attempts);
  void check_flush(const metadata::CommitFlush& command);
  void trim(Node& node);
  Offset batch_end_below(const ModelLog& log, OffsetRange range);

  // --- faults.cc ---------------------------------------------------------------------------------
  void fault();
  void cut_links();
  void heal_links();
  void restart_later(Node& node, TimeMs delay_max);
  bool may_wipe(const Node& node) const;
  void wipe(Node& node);
  void move_leader();
  void reassign();
  void rolling_restart(std::size_t place);
  void wake_all();
  void heal();
  bool is_healthy() const;
  std::string describe_copies() const;
  void heal_and_converge();
  void read_everything();

  RunOptions options_;
  Random random_;
  Profile profile_;
  Checker checker_;
  Counts counts_;
  TimeMs now_ = 0;
  std::uint64_t order_ = 0;
  bool healing_ = false;
  bool quiet_ = false;  // No new writes.
  std::vector<Node> nodes_;
  std::vector<std::vector<bool>> blocked_;  // From, to; the metadata is the last place.
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::deque<std::string> tail_;

  StatePtr meta_;
  std::vector<TimeMs> last_heard_;
  TimeMs meta_down_until_ = 0;
  TimeMs old_meta_until_ = 0;  // A deposed leader that still answers heartbeats ...
  Version old_meta_version_ = 0;

  std::map<std::string, Object> store_;
  std::uint64_t next_object_ = 1;
  TimeMs store_down_until_ = 0;

  std::map<BatchId, Op> ops_;
  BatchId next_op_ = 1;
  std::uint64_t reads_open_ = 0;
};

}  // namespace lynxdb::replication::simulation
