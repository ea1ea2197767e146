#include "cluster/consensus/raft_group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/random_id.h"
#include "cluster/boot_time.h"

namespace lynxdb::cluster {
namespace {

constexpr std::string_view kNotLeaderText = "this node does not lead the metadata";

Error unknown_outcome(std::string_view why) {
  return Error{ErrorCode::kUnavailable, std::string(why), "look at the state before trying again"};
}

Error stopped() { return unknown_outcome("this node is stopping"); }

// What the core refuses for lack of a leader was certainly not taken.
Error as_not_leader(Error error) {
  if (error.code == ErrorCode::kUnavailable) return not_leader();
  return error;
}

}  // namespace

Error not_leader() { return Error{ErrorCode::kUnavailable, std::string(kNotLeaderText)}; }

bool is_not_leader(const Error& error) {
  return error.code == ErrorCode::kUnavailable && error.message == kNotLeaderText;
}

Result<std::unique_ptr<RaftGroup>> RaftGroup::start(RaftDisk::Opened opened,
                                                    RaftGroupOptions options) {
  metadata::State state;
  if (!opened.state.empty()) state = TRY(metadata::decode_state(opened.state));
  raft::Raft raft = TRY(raft::Raft::create(options.raft, raft::Random(base::random_number()),
                                           std::move(opened.restored)));
  std::unique_ptr<RaftGroup> group(
      new RaftGroup(std::move(options), std::move(opened.disk), std::move(raft),
                    std::make_shared<const metadata::State>(std::move(state))));
  group->thread_ = std::thread([raw = group.get()] { raw->run(); });
  return group;
}

RaftGroup::RaftGroup(RaftGroupOptions options, std::unique_ptr<RaftDisk> disk, raft::Raft raft,
                     metadata::StatePtr state)
    : options_(std::move(options)),
      disk_(std::move(disk)),
      raft_(std::move(raft)),
      applied_(raft_.snapshot().last.index),
      // Ids are never used twice in the life of a group.
      next_read_(base::random_number()),
      state_(std::move(state)) {
  view_.members = raft_.configuration();
  view_.term = raft_.term();
}

RaftGroup::~RaftGroup() { stop(); }

void RaftGroup::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    input_.notify_all();
    published_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

// --- Calls ---------------------------------------------------------------------------------------

void RaftGroup::receive(raft::Message message) {
  const base::MutexLock lock(mutex_);
  if (messages_.size() >= options_.messages_waiting_max) {
    ++messages_dropped_;
    return;
  }
  messages_.push_back(std::move(message));
  input_.notify_one();
}

template <typename T>
Result<metadata::StatePtr> RaftGroup::call(T what, Deadline deadline) {
  Call<T> call{std::move(what), {}};
  std::future<Result<metadata::StatePtr>> done = call.done.get_future();
  {
    const base::MutexLock lock(mutex_);
    if (failure_) return *failure_;
    if (stopping_) return stopped();
    if (calls_.size() >= options_.calls_waiting_max) {
      return Error{ErrorCode::kOverloaded, "too many changes of the metadata wait"};
    }
    calls_.emplace_back(std::move(call));
    input_.notify_one();
  }
  if (done.wait_until(deadline) != std::future_status::ready) {
    return Error{ErrorCode::kTimeout, "the metadata was not agreed on in time"};
  }
  return done.get();
}

Result<metadata::StatePtr> RaftGroup::propose(std::string command, Deadline deadline) {
  return call(std::move(command), deadline);
}

Result<> RaftGroup::change_membership(raft::MembershipChange change, Deadline deadline) {
  TRY(call(change, deadline));
  return {};
}

Result<> RaftGroup::transfer_leadership(raft::NodeId target, Deadline deadline) {
  TRY(call(TransferTo{target}, deadline));
  return {};
}

Result<metadata::StatePtr> RaftGroup::read_state(raft::ReadMode mode, Deadline deadline) {
  return call(mode, deadline);
}

metadata::StatePtr RaftGroup::state() const {
  const base::MutexLock lock(mutex_);
  return state_;
}

metadata::StatePtr RaftGroup::wait_beyond(metadata::Version version, Deadline deadline) const {
  const base::MutexLock lock(mutex_);
  while (state_->version <= version && !stopping_ && published_.wait_until(mutex_, deadline)) {
  }
  return state_;
}

RaftView RaftGroup::view() const {
  const base::MutexLock lock(mutex_);
  return view_;
}

RaftView RaftGroup::wait_for_change(std::uint64_t changes, Deadline deadline) const {
  const base::MutexLock lock(mutex_);
  while (view_.changes <= changes && !stopping_ && published_.wait_until(mutex_, deadline)) {
  }
  return view_;
}

Result<> RaftGroup::health() const {
  const base::MutexLock lock(mutex_);
  if (failure_) return *failure_;
  return {};
}

// --- The group's thread --------------------------------------------------------------------------

void RaftGroup::run() {
  next_tick_ns_ = boot_time_ns();
  while (true) {
    {
      const base::MutexLock lock(mutex_);
      const auto until_tick = std::chrono::nanoseconds(next_tick_ns_ - boot_time_ns());
      const Deadline wake = std::chrono::steady_clock::now() + until_tick;
      while (messages_.empty() && calls_.empty() && !stopping_ && input_.wait_until(mutex_, wake)) {
      }
      if (stopping_) break;
    }
    take_ticks();
    take_inputs();
    if (auto done = pump(); !done) return fail(done.error());
    publish_view();
  }
  fail_waiting(stopped());
}

// Ticks that have passed come before anything else: leases depend on it. More than some elections'
// worth make no difference.
void RaftGroup::take_ticks() {
  const std::int64_t tick_ns = std::chrono::nanoseconds(options_.tick).count();
  const std::int64_t now_ns = boot_time_ns();
  const std::int64_t ticks_max = 10 * std::int64_t{options_.raft.election_ticks};
  if (now_ns - next_tick_ns_ > ticks_max * tick_ns) next_tick_ns_ = now_ns - ticks_max * tick_ns;
  for (; next_tick_ns_ <= now_ns; next_tick_ns_ += tick_ns) raft_.tick();
}

void RaftGroup::take_inputs() {
  std::deque<raft::Message> messages;
  std::deque<Input> calls;
  {
    const base::MutexLock lock(mutex_);
    messages.swap(messages_);
    calls.swap(calls_);
  }
  for (raft::Message& message : messages) raft_.receive(std::move(message));
  for (Input& input : calls) std::visit([this](auto& call) { take(call); }, input);
}

void RaftGroup::take(Call<std::string>& call) {
  await_entry(raft_.propose(std::make_shared<const std::string>(std::move(call.what))),
              std::move(call.done));
}

void RaftGroup::take(Call<raft::MembershipChange>& call) {
  await_entry(raft_.change_membership(call.what), std::move(call.done));
}

void RaftGroup::take(Call<TransferTo>& call) {
  auto begun = raft_.transfer_leadership(call.what.target);
  if (!begun) return call.done.set_value(as_not_leader(std::move(begun).error()));
  call.done.set_value(state());
}

void RaftGroup::take(Call<raft::ReadMode>& call) {
  const raft::ReadId id = next_read_++;
  auto begun = raft_.read(id, call.what);
  if (!begun) return call.done.set_value(as_not_leader(std::move(begun).error()));
  reads_waiting_.emplace(id, std::move(call.done));
  // A read whose messages were lost is never answered; those who asked have long gone.
  if (reads_waiting_.size() > 2 * options_.calls_waiting_max) {
    reads_waiting_.erase(reads_waiting_.begin());
  }
}

void RaftGroup::await_entry(const Result<raft::EntryId>& entry, Answer done) {
  if (!entry) return done.set_value(as_not_leader(entry.error()));
  Waiting& waiting = entries_waiting_[entry->index];
  // This node leads and has another entry there: what it waited for in an older term is lost.
  if (waiting.term != raft::Term{}) waiting.done.set_value(not_leader());
  waiting = Waiting{entry->term, std::move(done)};
}

Result<> RaftGroup::pump() {
  while (auto ready = raft_.take_ready()) TRY(carry_out(std::move(*ready)));
  return snapshot_when_due();
}

Result<> RaftGroup::carry_out(raft::Ready ready) {
  for (raft::Message& message : ready.messages) options_.send(std::move(message));
  send_chunks(ready.snapshot_sends);
  TRY(disk_->write(ready));
  for (raft::Message& message : ready.messages_after_sync) options_.send(std::move(message));
  raft_.persisted(ready.sequence);
  if (ready.install) TRY(install(*ready.install));
  TRY(apply(ready.committed));
  take_reads(ready);
  return {};
}

void RaftGroup::send_chunks(std::vector<raft::SnapshotSend>& sends) {
  for (raft::SnapshotSend& send : sends) {
    auto& chunk = std::get<raft::SnapshotChunk>(send.message.body);
    auto bytes = disk_->snapshot_bytes(chunk.meta.last, chunk.offset, send.length_bytes);
    if (!bytes) {
      raft_.snapshot_unavailable(send.message.to, chunk.meta.last);
      continue;
    }
    chunk.data = *std::move(bytes);
    options_.send(std::move(send.message));
  }
}

// Bytes that are no state are asked for again; a disk that fails is final.
Result<> RaftGroup::install(const raft::SnapshotMeta& meta) {
  auto bytes = disk_->incoming(meta);
  if (!bytes && bytes.error().code != ErrorCode::kCorruption) return std::move(bytes).error();
  auto state = bytes ? metadata::decode_state(*bytes) : Result<metadata::State>(bytes.error());
  if (!state) {
    raft_.snapshot_installed(meta.last, false);
    return {};
  }
  TRY(disk_->put_snapshot(meta, *bytes, meta.last.index));
  applied_ = meta.last.index;
  publish_state(std::make_shared<const metadata::State>(*std::move(state)));
  raft_.snapshot_installed(meta.last, true);
  // Whatever stood there before it is in the snapshot, or lost.
  while (!entries_waiting_.empty() && entries_waiting_.begin()->first <= applied_) {
    entries_waiting_.begin()->second.done.set_value(unknown_outcome("leadership was lost"));
    entries_waiting_.erase(entries_waiting_.begin());
  }
  return {};
}

Result<> RaftGroup::apply(const std::vector<raft::Entry>& committed) {
  for (const raft::Entry& entry : committed) {
    LYNXDB_CHECK(entry.index == applied_ + 1);
    applied_ = entry.index;
    if (entry.kind == raft::EntryKind::kCommand) {
      TRY(apply_command(entry));
    } else {
      answer_entry(entry.id(), state());
    }
  }
  if (!committed.empty()) raft_.applied(applied_);
  return {};
}

Result<> RaftGroup::apply_command(const raft::Entry& entry) {
  auto command = metadata::decode_command(entry.payload ? *entry.payload : std::string());
  // All members read the same bytes: going on would make this one's state differ.
  if (!command) return std::move(command).error().in("entry " + std::to_string(entry.index));
  auto next = metadata::apply_command(*state(), *command);
  if (!next) {
    answer_entry(entry.id(), std::move(next).error());
    return {};
  }
  auto state = std::make_shared<const metadata::State>(*std::move(next));
  publish_state(state);
  answer_entry(entry.id(), metadata::StatePtr(std::move(state)));
  return {};
}

void RaftGroup::answer_entry(raft::EntryId id, const Result<metadata::StatePtr>& answer) {
  const auto waiting = entries_waiting_.find(id.index);
  if (waiting == entries_waiting_.end()) return;
  const bool is_it = waiting->second.term == id.term;
  // Another leader's entry stands at its place: it is lost for good.
  waiting->second.done.set_value(is_it ? answer : Result<metadata::StatePtr>(not_leader()));
  entries_waiting_.erase(waiting);
}

void RaftGroup::take_reads(const raft::Ready& ready) {
  const auto take_waiting = [this](raft::ReadId id) {
    const auto waiting = reads_waiting_.find(id);
    std::optional<Answer> answer;
    if (waiting == reads_waiting_.end()) return answer;
    answer = std::move(waiting->second);
    reads_waiting_.erase(waiting);
    return answer;
  };
  for (const raft::ReadState& read : ready.reads) {
    if (auto answer = take_waiting(read.id)) reads_ready_.emplace(read.index, *std::move(answer));
  }
  for (const raft::ReadId id : ready.reads_dropped) {
    if (auto answer = take_waiting(id)) answer->set_value(not_leader());
  }
  while (!reads_ready_.empty() && reads_ready_.begin()->first <= applied_) {
    reads_ready_.begin()->second.set_value(state());
    reads_ready_.erase(reads_ready_.begin());
  }
}

Result<> RaftGroup::snapshot_when_due() {
  const raft::Index since = applied_ - raft_.snapshot().last.index;
  // What is kept below a snapshot fills the log, too: only what came since makes one due.
  const bool is_long = since >= options_.snapshot_entries;
  const bool is_large = since > options_.raft.trailing_entries &&
                        raft_.status().log_bytes >= options_.snapshot_log_bytes;
  if (!is_long && !is_large) return {};
  std::string bytes;
  metadata::encode(*state(), bytes);
  const raft::SnapshotMeta meta = raft_.snapshot_meta(applied_, bytes.size());
  const raft::Index trailing = std::min(options_.raft.trailing_entries, applied_);
  TRY(disk_->put_snapshot(meta, bytes, applied_ - trailing + 1));
  raft_.snapshot_taken(meta);
  return {};
}

void RaftGroup::fail_waiting(const Error& error) {
  for (auto& [index, waiting] : entries_waiting_) waiting.done.set_value(error);
  for (auto& [id, done] : reads_waiting_) done.set_value(error);
  for (auto& [index, done] : reads_ready_) done.set_value(error);
  entries_waiting_.clear();
  reads_waiting_.clear();
  reads_ready_.clear();
  std::deque<Input> calls;
  {
    const base::MutexLock lock(mutex_);
    calls.swap(calls_);
  }
  for (Input& input : calls) std::visit([&](auto& call) { call.done.set_value(error); }, input);
}

void RaftGroup::publish_state(metadata::StatePtr state) {
  const base::MutexLock lock(mutex_);
  state_ = std::move(state);
  published_.notify_all();
}

void RaftGroup::publish_view() {
  RaftView view;
  view.role = raft_.role();
  view.term = raft_.term();
  view.leader = raft_.leader();
  view.last = raft_.log().last_index();
  view.applied = applied_;
  view.members = raft_.configuration();
  const base::MutexLock lock(mutex_);
  const bool changed = view.role != view_.role || view.leader != view_.leader ||
                       view.term != view_.term || !(view.members == view_.members);
  view.changes = view_.changes + (changed ? 1 : 0);
  view_ = std::move(view);
  if (changed) published_.notify_all();
}

void RaftGroup::fail(const Error& error) {
  {
    const base::MutexLock lock(mutex_);
    failure_ = Error{ErrorCode::kUnavailable, "the metadata of this node failed: " + error.message,
                     error.suggestion};
    view_.role = raft::Role::kFollower;
    view_.leader = raft::kNobody;
    ++view_.changes;
    published_.notify_all();
  }
  fail_waiting(unknown_outcome("the metadata of this node failed: " + error.message));
  options_.failed(error);
}

}  // namespace lynxdb::cluster
