// One member of the Raft group that keeps the metadata: a thread that owns the consensus core
// (src/raft), its disk, and the state that the committed commands make.
//
// The thread takes ticks that are due, then what came in, then does what the core wants done, each
// step to its end, the sync of the log included. Time is CLOCK_BOOTTIME: a machine that slept finds
// its leases over.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "cluster/raft_disk/raft_disk.h"
#include "metadata/command.h"
#include "metadata/state.h"
#include "raft/raft.h"

namespace lynxdb::cluster {

using Deadline = std::chrono::steady_clock::time_point;

struct RaftGroupOptions {
  raft::Options raft;  // `id` must be set.
  std::chrono::milliseconds tick{10};
  // The log in memory from which on a snapshot is taken.
  std::size_t snapshot_log_bytes = std::size_t{8} << 20U;
  raft::Index snapshot_entries = 16'384;
  // What waits to be taken in. Messages beyond it are dropped, as if lost on the way.
  std::size_t messages_waiting_max = 4096;
  std::size_t calls_waiting_max = 4096;
  // Called by the group's thread; must not block and may lose the message.
  std::function<void(raft::Message)> send;
  // The disk failed, or what was agreed on cannot be applied: this node takes no part any more.
  std::function<void(const Error&)> failed = [](const Error&) {};
};

// What a member knows of its group, at one moment.
struct RaftView {
  raft::Role role = raft::Role::kFollower;
  raft::Term term;
  raft::NodeId leader;  // kNobody when not known.
  raft::Index last = 0;
  raft::Index applied = 0;
  raft::Configuration members;
  std::uint64_t changes = 0;  // Of role, leader or members since the start.
};

// Thread-safe.
class RaftGroup {
 public:
  // Takes over what the disk gave back, and begins to take part. Errors: kCorruption.
  static Result<std::unique_ptr<RaftGroup>> start(RaftDisk::Opened opened,
                                                  RaftGroupOptions options);
  ~RaftGroup();

  void receive(raft::Message message);

  // On the leader: once the command is committed and applied, the state that it made. kConflict:
  // the state machine refused it, nothing changed. kUnavailable with the text of not_leader(): it
  // was not taken. kUnavailable otherwise, kTimeout: unknown.
  Result<metadata::StatePtr> propose(std::string command, Deadline deadline);
  // On the leader: once the change is committed. Errors as of Raft::change_membership.
  Result<> change_membership(raft::MembershipChange change, Deadline deadline);
  // On the leader: it is begun; what comes of it is seen in view().
  Result<> transfer_leadership(raft::NodeId target, Deadline deadline);
  // A state that holds all that was committed anywhere when this was called.
  Result<metadata::StatePtr> read_state(raft::ReadMode mode, Deadline deadline);

  metadata::StatePtr state() const;
  metadata::StatePtr wait_beyond(metadata::Version version, Deadline deadline) const;

  RaftView view() const;
  // As soon as view().changes is above `changes`; what there is at the deadline.
  RaftView wait_for_change(std::uint64_t changes, Deadline deadline) const;

  Result<> health() const;
  // Takes part no more; calls that wait get kUnavailable. Idempotent.
  void stop();

 private:
  using Answer = std::promise<Result<metadata::StatePtr>>;
  template <typename T>
  struct Call {
    T what;
    Answer done;
  };
  struct TransferTo {
    raft::NodeId target;
  };
  using Input = std::variant<Call<std::string>, Call<raft::MembershipChange>, Call<TransferTo>,
                             Call<raft::ReadMode>>;
  struct Waiting {
    raft::Term term;
    Answer done;
  };

  RaftGroup(RaftGroupOptions options, std::unique_ptr<RaftDisk> disk, raft::Raft raft,
            metadata::StatePtr state);

  template <typename T>
  Result<metadata::StatePtr> call(T what, Deadline deadline);

  // --- The group's thread ------------------------------------------------------------------------
  void run();
  void take_ticks();
  void take_inputs();
  void take(Call<std::string>& call);
  void take(Call<raft::MembershipChange>& call);
  void take(Call<TransferTo>& call);
  void take(Call<raft::ReadMode>& call);
  void await_entry(const Result<raft::EntryId>& entry, Answer done);
  Result<> pump();
  Result<> carry_out(raft::Ready ready);
  void send_chunks(std::vector<raft::SnapshotSend>& sends);
  Result<> install(const raft::SnapshotMeta& meta);
  Result<> apply(const std::vector<raft::Entry>& committed);
  Result<> apply_command(const raft::Entry& entry);
  void take_reads(const raft::Ready& ready);
  Result<> snapshot_when_due();
  void answer_entry(raft::EntryId id, const Result<metadata::StatePtr>& answer);
  void fail_waiting(const Error& error);
  void publish_view();
  void publish_state(metadata::StatePtr state);
  void fail(const Error& error);

  const RaftGroupOptions options_;
  std::unique_ptr<RaftDisk> disk_;
  raft::Raft raft_;
  raft::Index applied_ = 0;
  std::map<raft::Index, Waiting> entries_waiting_;
  std::map<raft::ReadId, Answer> reads_waiting_;    // For the leader's word.
  std::multimap<raft::Index, Answer> reads_ready_;  // For this index to be applied.
  raft::ReadId next_read_;
  std::int64_t next_tick_ns_ = 0;

  mutable base::Mutex mutex_;
  mutable base::CondVar input_;
  mutable base::CondVar published_;
  std::deque<raft::Message> messages_ GUARDED_BY(mutex_);
  std::deque<Input> calls_ GUARDED_BY(mutex_);
  std::uint64_t messages_dropped_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  metadata::StatePtr state_ GUARDED_BY(mutex_);
  RaftView view_ GUARDED_BY(mutex_);

  std::thread thread_;
};

// The error of a node that does not lead: the command was certainly not taken.
Error not_leader();
bool is_not_leader(const Error& error);

}  // namespace lynxdb::cluster
