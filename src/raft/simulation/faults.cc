#include <algorithm>

#include "base/bytes.h"
#include "raft/simulation/trace.h"
#include "raft/simulation/world.h"

namespace lynxdb::raft::simulation {

// --- Clients -------------------------------------------------------------------------------------

void World::client() {
  schedule(random_.between(1, 2 * profile_.client_interval), Kind::kClient, 0);
  Node& node = nodes_[random_.below(nodes_.size())];
  Node* leading = leader();
  Node& target = leading != nullptr && random_.chance(70) ? *leading : node;
  if (!target.raft || now_ < target.paused_until) return;
  catch_up(target);
  const std::uint64_t what = random_.below(100);
  const unsigned snapshots = profile_.snapshot_percent;
  const unsigned changes = snapshots + profile_.membership_percent;
  const unsigned transfers = changes + profile_.transfer_percent;
  const unsigned reads = transfers + profile_.read_percent;
  if (what < snapshots) {
    take_snapshot(target);
  } else if (what < changes) {
    client_change(target);
  } else if (what < transfers) {
    const NodeId to = nodes_[random_.below(nodes_.size())].id;
    if (target.raft->transfer_leadership(to)) {
      ++counts_.transfers;
      trace("{} hands over to {}", target.id.value(), to.value());
    }
  } else if (what < reads) {
    client_read(target, random_.chance(50));
  } else {
    propose(target);
  }
  pump(target);
  checker_.stepped(place_of(target.id), running_);
  if (leading != nullptr) ask_old_leaders(*leading);
}

// Those that may not know yet that they lead no more must not answer by their lease.
void World::ask_old_leaders(const Node& newest) {
  for (Node& node : nodes_) {
    if (!node.raft || &node == &newest || node.raft->role() != Role::kLeader) continue;
    if (now_ < node.paused_until) continue;
    catch_up(node);
    client_read(node, true);
    pump(node);
    checker_.stepped(place_of(node.id), running_);
  }
}

void World::propose(Node& node) {
  std::string payload;
  base::put_fixed(next_payload_++, payload);
  if (random_.chance(10)) payload.append(random_.below(300), 'x');
  const auto placed = node.raft->propose(std::make_shared<const std::string>(std::move(payload)));
  if (!placed && placed.error().code == ErrorCode::kOverloaded) ++counts_.refusals;
  if (placed) trace("{} takes a proposal as {}", node.id.value(), placed->index);
}

void World::client_read(Node& node, bool lease) {
  const ReadId id = next_read_++;
  lease_asked_.resize(id + 1);
  lease_asked_[id] = lease;
  checker_.read_asked(id);
  (void)node.raft->read(id, lease ? ReadMode::kLease : ReadMode::kReadIndex).has_value();
}

void World::client_change(Node& node) {
  using Kind = MembershipChange::Kind;
  const NodeId subject = nodes_[random_.below(nodes_.size())].id;
  const Configuration& members = node.raft->configuration();
  const std::size_t wanted = std::max<std::size_t>(3, nodes_.size() / 2);
  Kind kind = Kind::kAddLearner;
  if (members.is_learner(subject)) kind = random_.chance(80) ? Kind::kPromote : Kind::kRemove;
  if (members.is_voter(subject)) {
    if (members.voters.size() <= wanted && random_.chance(60)) return;
    kind = random_.chance(50) ? Kind::kDemote : Kind::kRemove;
  }
  const auto placed = node.raft->change_membership({kind, subject});
  if (!placed) return;
  ++counts_.changes;
  trace("{} changes member {} ({}) as {}", node.id.value(), subject.value(), static_cast<int>(kind),
        placed->index);
}

// --- Misfortune ----------------------------------------------------------------------------------

void World::fault() {
  if (healing_) return;
  schedule(random_.between(1, 2 * profile_.fault_interval), Kind::kFault, 0);
  const std::uint64_t election = profile_.core.election_ticks * kTick;
  Node* leading = leader();
  Node& any = nodes_[random_.below(nodes_.size())];
  Node& node = leading != nullptr && random_.chance(40) ? *leading : any;
  const std::uint64_t what = random_.below(100);
  if (what < 30) {
    crash(node);
    schedule(random_.between(1, 3 * election), Kind::kRestart, place_of(node.id));
  } else if (what < 35) {
    for (Node& each : nodes_) {
      if (random_.chance(30)) continue;
      crash(each);
      schedule(random_.between(1, 2 * election), Kind::kRestart, place_of(each.id));
    }
  } else if (what < 45) {
    trace("{} pauses", node.id.value());
    if (node.raft) node.paused_until = now_ + random_.between(1, 4 * election);
  } else if (what < 75) {
    cut_links();
  } else {
    trace("links heal");
    for (auto& links : blocked_) std::fill(links.begin(), links.end(), false);
  }
}

void World::notice_leader(Node& node) {
  if (node.raft->role() != Role::kLeader || node.led == node.raft->term()) return;
  node.led = node.raft->term();
  ++counts_.leaders;
  if (healing_) return;
  if (random_.chance(profile_.eager_change_percent)) {
    client_change(node);
    pump(node);
  }
  if (!random_.chance(profile_.spite_percent)) return;
  if (random_.chance(60)) {
    node.spite_after = static_cast<std::uint32_t>(random_.between(0, profile_.spite_after_max));
    if (node.spite_after == 0) schedule(0, Kind::kSpite, place_of(node.id));
    return;
  }
  schedule(random_.between(1, 3 * profile_.delay_max + profile_.disk_max), Kind::kSpite,
           place_of(node.id));
}

// A crash, or all links but one cut: what a leader of few entries must survive for figure 8.
void World::spite(Node& node) {
  if (healing_) return;
  const std::size_t place = place_of(node.id);
  if (random_.chance(profile_.mute_percent)) {
    trace("{} is mute", place + 1);
    for (std::size_t other = 0; other < nodes_.size(); ++other) {
      if (other != place) blocked_[place][other] = true;
    }
    return;
  }
  if (random_.chance(profile_.crash_percent)) {
    crash(node);
    schedule(random_.between(1, std::uint64_t{2} * profile_.core.election_ticks * kTick),
             Kind::kRestart, place);
    return;
  }
  const std::size_t spared = random_.below(nodes_.size());
  trace("{} is cut off, but from {}", place + 1, spared + 1);
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other != place && other != spared) blocked_[place][other] = blocked_[other][place] = true;
  }
}

void World::cut_links() {
  const std::size_t count = nodes_.size();
  const std::size_t one = random_.below(count);
  const std::uint64_t side = random_.next();
  const std::uint64_t how = random_.below(5);
  trace("links are cut, way {} at {}", how, one + 1);
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      const bool split = ((side >> from) & 1U) != ((side >> to) & 1U);
      const bool out = from == one;
      const bool in = to == one;
      const bool cut = (how == 0 && (in || out)) || (how == 1 && in) || (how == 2 && out) ||
                       (how == 3 && split) || (how == 4 && random_.chance(25));
      if (cut && from != to) blocked_[from][to] = true;
    }
  }
}

// --- After the storm -----------------------------------------------------------------------------

Node* World::leader() {
  Node* newest = nullptr;
  for (Node& node : nodes_) {
    if (!node.raft || node.raft->role() != Role::kLeader) continue;
    if (newest == nullptr || node.raft->term() > newest->raft->term()) newest = &node;
  }
  return newest;
}

void World::heal() {
  trace("--- everything heals");
  healing_ = true;
  for (auto& links : blocked_) std::fill(links.begin(), links.end(), false);
  profile_.membership_percent = profile_.transfer_percent = 0;
  profile_.disk_max = std::min(profile_.disk_max, kTick / 2);
  profile_.apply_max = std::min<std::uint64_t>(profile_.apply_max, 5);
  for (Node& node : nodes_) {
    if (!node.raft) start(node);
    node.paused_until = std::min(node.paused_until, now_);
  }
}

bool World::converged(const Node& leading) const {
  const Raft& first = *leading.raft;
  const Index last = first.log().last_index();
  for (const Node& node : nodes_) {
    if (!first.configuration().is_member(node.id)) continue;
    const bool same = node.raft && node.raft->log().last_index() == last &&
                      node.raft->log().commit() == last && node.applied == last;
    if (!same) return false;
  }
  return true;
}

// First a proposal must get through, then all logs must become one.
void World::heal_and_converge() {
  heal();
  const std::uint64_t begin = now_;
  const std::uint64_t election = profile_.core.election_ticks * kTick;
  const std::uint64_t end = begin + 100 * election;
  // Where entries go one at a time, a log of a thousand takes its time.
  const std::uint64_t converged_end = end + 2 * kTick * checker_.committed();
  const Index before = checker_.committed();
  bool through = false;
  while (now_ < (through ? converged_end : end) && !checker_.failed()) {
    step();
    through |= checker_.committed() > before + 3;
    if (through) profile_.client_interval = converged_end;
    Node* leading = through ? leader() : nullptr;
    if (leading != nullptr && converged(*leading)) {
      counts_.heal_ticks_max = (now_ - begin) / kTick;
      return;
    }
  }
  checker_.fail(through ? "logs do not become one after the heal" : "no progress after the heal");
}

}  // namespace lynxdb::raft::simulation
