#include "raft/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "raft/simulation/trace.h"

namespace lynxdb::raft::simulation {

void Counts::add(const Counts& other) {
  steps += other.steps;
  committed += other.committed;
  leaders += other.leaders;
  crashes += other.crashes;
  reads += other.reads;
  lease_reads += other.lease_reads;
  installs += other.installs;
  compactions += other.compactions;
  changes += other.changes;
  transfers += other.transfers;
  refusals += other.refusals;
  heal_ticks_max = std::max(heal_ticks_max, other.heal_ticks_max);
}

Outcome run(const RunOptions& options) { return World(options).run(); }

World::World(const RunOptions& options)
    : options_(options),
      random_(options.seed),
      profile_(profile_of(random_)),
      checker_(profile_.nodes),
      nodes_(profile_.nodes),
      running_(profile_.nodes),
      blocked_(profile_.nodes, std::vector<bool>(profile_.nodes)),
      delay_max_(profile_.nodes, std::vector<std::uint64_t>(profile_.nodes, profile_.delay_max)) {
  for (std::vector<std::uint64_t>& links : delay_max_) {
    for (std::uint64_t& link : links) {
      if (profile_.uneven_links) link = random_.between(1, 1 + 2 * profile_.delay_max);
    }
  }
  for (std::size_t from = 1; from < nodes_.size() && profile_.slow_to_first; ++from) {
    delay_max_[from][0] = profile_.core.election_ticks * kTick;
  }
  Configuration first;
  for (std::size_t i = 0; i < profile_.voters; ++i) first.voters.emplace_back(i + 1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.id = NodeId(i + 1);
    node.tick_interval = random_.between(profile_.tick_min, profile_.tick_max);
    if (i < profile_.voters) node.disk.snapshot.configuration = first;
    start(node);
  }
  schedule(profile_.client_interval, Kind::kClient, 0);
  schedule(profile_.fault_interval, Kind::kFault, 0);
}

Outcome World::run() {
  trace("{} nodes, {} voters, changes {}", nodes_.size(), profile_.voters, profile_.members_change);
  while (counts_.steps < options_.steps && !checker_.failed()) step();
  if (!checker_.failed()) heal_and_converge();
  counts_.committed = checker_.committed();
  return {checker_.failure(), counts_};
}

void World::schedule(std::uint64_t delay, Kind kind, std::size_t node, std::size_t slot) {
  events_.push({now_ + delay, ++order_, kind, node, nodes_[node].life, slot});
}

void World::step() {
  ++counts_.steps;
  Event event = events_.top();
  events_.pop();
  now_ = event.time;
  act(event);
}

void World::act(const Event& event) {
  if (event.kind == Kind::kClient) return client();
  if (event.kind == Kind::kFault) return fault();
  Node& node = nodes_[event.node];
  if (event.kind == Kind::kRestart) {
    if (!node.raft) start(node);
    return;
  }
  if (event.kind != Kind::kDeliver && event.life != node.life) return;
  if (event.time < node.paused_until) {
    Event later = event;
    later.time = node.paused_until;
    later.order = ++order_;
    events_.push(later);
    return;
  }
  if (node.raft) catch_up(node);
  act_on_node(event, node);
  if (!node.raft) return;
  pump(node);
  checker_.stepped(event.node, running_);
  notice_leader(node);
}

void World::act_on_node(const Event& event, Node& node) {
  switch (event.kind) {
    case Kind::kTick:
      return schedule(node.next_tick - now_, Kind::kTick, event.node);
    case Kind::kDeliver:
      return deliver(event, node);
    case Kind::kDiskDone:
      return finish_writes(node);
    case Kind::kApply:
      return apply(node);
    case Kind::kInstalled:
      return install(node);
    case Kind::kSnapshotTaken:
      return snapshot_taken(node);
    case Kind::kSpite:
      return spite(node);
    case Kind::kRestart:
    case Kind::kClient:
    case Kind::kFault:
      break;
  }
}

// The owner's promise: no input before the ticks that have passed.
void World::catch_up(Node& node) {
  while (node.next_tick <= now_) {
    node.next_tick += node.tick_interval;
    node.raft->tick();
    pump(node);
  }
}

void World::start(Node& node) {
  Options core = profile_.core;
  core.id = node.id;
  const Disk& disk = node.disk;
  auto created =
      Raft::create(core, Random(random_.next()), {disk.hard_state, disk.snapshot, disk.entries, 0});
  if (!created) return checker_.fail("a node does not start: " + created.error().message);
  node.raft = std::move(*created);
  ++node.life;
  node.applied = disk.snapshot.last.index;
  base::ByteReader state(disk.snapshot_bytes);
  node.state = disk.snapshot_bytes.empty() ? 0 : state.fixed<std::uint64_t>();
  node.next_tick = now_ + random_.between(1, node.tick_interval);
  node.paused_until = 0;
  node.spite_after = 0;
  const std::size_t place = place_of(node.id);
  running_[place] = &*node.raft;
  checker_.restarted(place, *node.raft, disk);
  schedule(node.next_tick - now_, Kind::kTick, place);
  trace("{} starts in term {}", node.id.value(), node.raft->term().value());
  pump(node);
}

// Any part of what was on its way to the disk may have arrived.
void World::crash(Node& node) {
  if (!node.raft) return;
  trace("{} crashes", node.id.value());
  ++counts_.crashes;
  const std::uint64_t whole = random_.below(node.writes.size() + 1);
  for (std::uint64_t i = 0; i <= whole && i < node.writes.size(); ++i) {
    const Ready& write = node.writes[i];
    const bool torn = i == whole;
    if (torn && random_.chance(50)) break;
    if (write.log_reset) node.disk.entries.clear();
    if (torn && random_.chance(30)) break;
    if (write.hard_state) node.disk.hard_state = *write.hard_state;
    const std::size_t count = write.entries.size();
    node.disk.put_entries(write.entries, torn ? random_.below(count + 1) : count);
    if (write.install) break;
  }
  node.raft.reset();
  running_[place_of(node.id)] = nullptr;
  ++node.life;
  node.writes.clear();
  node.to_apply.clear();
  node.incoming.clear();
  node.taking.reset();
}

void World::pump(Node& node) {
  while (std::optional<Ready> ready = node.raft->take_ready()) take(node, std::move(*ready));
}

void World::take(Node& node, Ready ready) {
  note_entries(node, ready);
  for (Message& message : ready.messages) send(node, std::move(message));
  for (SnapshotSend& send : ready.snapshot_sends) send_chunk(node, send);
  for (const ReadState& read : ready.reads) {
    ++counts_.reads;
    if (lease_asked_[read.id]) ++counts_.lease_reads;
    checker_.read_answered(read);
  }
  if (!ready.committed.empty()) {
    node.to_apply.push_back(std::move(ready.committed));
    if (profile_.apply_max == 0) {
      apply_batch(node);
    } else if (node.to_apply.size() == 1) {
      schedule(random_.between(1, profile_.apply_max), Kind::kApply, place_of(node.id));
    }
  }
  const bool for_disk = ready.log_reset || ready.hard_state || !ready.entries.empty() ||
                        !ready.snapshot_writes.empty() || !ready.messages_after_sync.empty() ||
                        ready.install;
  if (!for_disk) return;
  node.writes.push_back(std::move(ready));
  if (node.writes.size() == 1) {
    schedule(random_.between(1, profile_.disk_max), Kind::kDiskDone, place_of(node.id));
  }
}

void World::note_entries(const Node& node, const Ready& ready) {
  if (ready.entries.empty()) return;
  const Term previous = *node.raft->log().term_at(ready.entries.front().index - 1);
  checker_.entries_added(place_of(node.id), ready.entries, previous);
}

// One sync for some of what has queued up.
void World::finish_writes(Node& node) {
  std::uint64_t count = random_.between(1, node.writes.size());
  bool more = true;
  while (more && count-- > 0) more = finish_write(node);
  if (more && !node.writes.empty()) {
    schedule(random_.between(1, profile_.disk_max), Kind::kDiskDone, place_of(node.id));
  }
}

// False: a snapshot is being installed, and what follows waits for it.
bool World::finish_write(Node& node) {
  Ready write = std::move(node.writes.front());
  node.writes.pop_front();
  if (write.log_reset) node.disk.entries.clear();
  if (write.hard_state) {
    if (write.hard_state->commit < node.disk.hard_state.commit) {
      checker_.fail("the commit on disk goes back");
    }
    node.disk.hard_state = *write.hard_state;
  }
  node.disk.put_entries(write.entries, write.entries.size());
  for (const SnapshotWrite& chunk : write.snapshot_writes) {
    if (chunk.offset == 0) node.incoming.clear();
    LYNXDB_CHECK(node.incoming.size() == chunk.offset);
    node.incoming += chunk.data;
  }
  for (Message& message : write.messages_after_sync) send(node, std::move(message));
  node.raft->persisted(write.sequence);
  if (!write.install) return true;
  Ready rest;
  rest.install = std::move(write.install);
  node.writes.push_front(std::move(rest));
  schedule(random_.between(1, 2 * profile_.disk_max), Kind::kInstalled, place_of(node.id));
  return false;
}

void World::apply(Node& node) {
  if (node.to_apply.empty()) return;
  apply_batch(node);
  if (node.to_apply.empty()) return;
  schedule(random_.between(1, profile_.apply_max), Kind::kApply, place_of(node.id));
}

void World::apply_batch(Node& node) {
  const std::vector<Entry> entries = std::move(node.to_apply.front());
  node.to_apply.pop_front();
  // A commit is recorded at the end of a step; what is applied in the step needs it now.
  checker_.stepped(place_of(node.id), running_);
  for (const Entry& entry : entries) {
    node.state = Checker::next_state(node.state, entry);
    checker_.applied(place_of(node.id), entry, node.applied, node.state);
    node.applied = entry.index;
  }
  node.raft->applied(node.applied);
}

// --- Snapshots -----------------------------------------------------------------------------------

void World::take_snapshot(Node& node) {
  if (node.taking || node.applied <= node.raft->snapshot().last.index) return;
  node.taking = node.raft->snapshot_meta(node.applied, 0);
  node.taking_state = node.state;
  schedule(random_.between(1, 20 * kTick), Kind::kSnapshotTaken, place_of(node.id));
}

void World::snapshot_taken(Node& node) {
  SnapshotMeta meta = *std::exchange(node.taking, std::nullopt);
  std::string bytes;
  base::put_fixed(node.taking_state, bytes);
  bytes.append(random_.between(0, 90), static_cast<char>('a' + node.id.value()));
  meta.size_bytes = bytes.size();
  if (!node.raft->snapshot_taken(meta)) return;
  trace("{} took a snapshot of {}", node.id.value(), meta.last.index);
  ++counts_.compactions;
  node.disk.snapshot = meta;
  node.disk.snapshot_bytes = std::move(bytes);
  const Index first = node.raft->log().first_index();
  std::erase_if(node.disk.entries, [&](const Entry& entry) { return entry.index + 1 < first; });
}

void World::send_chunk(Node& node, SnapshotSend& send_request) {
  auto& chunk = std::get<SnapshotChunk>(send_request.message.body);
  if (chunk.meta != node.disk.snapshot) {
    node.raft->snapshot_unavailable(send_request.message.to, chunk.meta.last);
    return;
  }
  chunk.data = node.disk.snapshot_bytes.substr(chunk.offset, send_request.length_bytes);
  send(node, std::move(send_request.message));
}

void World::install(Node& node) {
  const SnapshotMeta meta = *node.writes.front().install;
  node.writes.pop_front();
  const std::size_t place = place_of(node.id);
  if (!node.writes.empty()) {
    schedule(random_.between(1, profile_.disk_max), Kind::kDiskDone, place);
  }
  if (random_.chance(10)) {
    trace("{} cannot install {}", node.id.value(), meta.last.index);
    return node.raft->snapshot_installed(meta.last, false);
  }
  if (node.incoming.size() != meta.size_bytes) {
    return checker_.fail("an incoming snapshot has the wrong size");
  }
  trace("{} installs {}", node.id.value(), meta.last.index);
  ++counts_.installs;
  base::ByteReader state(node.incoming);
  node.state = state.fixed<std::uint64_t>();
  node.applied = meta.last.index;
  node.disk.snapshot = meta;
  node.disk.snapshot_bytes = std::exchange(node.incoming, {});
  node.to_apply.clear();
  if (meta.last.index > checker_.committed() || checker_.state_at(node.applied) != node.state) {
    checker_.fail("a snapshot holds another state");
  }
  if (random_.chance(10)) {  // Between the snapshot and the reset of the log.
    schedule(random_.between(1, 20 * kTick), Kind::kRestart, place);
    return crash(node);
  }
  node.raft->snapshot_installed(meta.last, true);
}

}  // namespace lynxdb::raft::simulation
