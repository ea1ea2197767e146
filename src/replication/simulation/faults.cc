// Misfortune, operators, and what must come back by itself once they rest.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "replication/simulation/trace.h"

namespace lynxdb::replication::simulation {
namespace {

// From the heal to a write taken on every partition: fencing, election, registration.
constexpr TimeMs kHealMs = 20'000;
constexpr TimeMs kSettleMs = 60'000;

bool is_in(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

}  // namespace

void World::restart_later(Node& node, TimeMs delay_max) {
  crash(node);
  at(random_.between(50, delay_max), [this, &node] {
    if (!node.core) start(node);
  });
}

void World::fault() {
  if (healing_) return;
  at(random_.between(1, 2 * profile_.fault_interval), [this] { fault(); });
  // Leaders are hit more often: that is where it hurts.
  std::size_t place = random_.below(nodes_.size());
  if (random_.chance(50)) {
    const auto row = std::next(meta_->partitions.begin(),
                               static_cast<long>(random_.below(meta_->partitions.size())));
    if (row->second.copies.leader) place = row->second.copies.leader->value() - 1;
  }
  Node& node = nodes_[place];
  const std::uint64_t what = random_.below(100);
  if (what < 20) {
    restart_later(node, random_.chance(70) ? 3'000 : 20'000);
  } else if (what < 25) {
    for (Node& each : nodes_)
      if (random_.chance(60)) restart_later(each, 8'000);
  } else if (what < 35) {
    const TimeMs pause = random_.between(0, random_.chance(70) ? 8'000 : 60'000);
    trace("{} pauses for {} ms", place + 1, pause);
    if (node.core) node.paused_until = std::max(node.paused_until, now_ + pause);
  } else if (what < 50) {
    cut_links();
  } else if (what < 66) {
    heal_links();
  } else if (what < 71) {
    meta_down_until_ = now_ + random_.between(100, random_.chance(80) ? 3'000 : 15'000);
    trace("the metadata is away until {}", meta_down_until_);
    old_meta_version_ = meta_->version;
    old_meta_until_ = meta_down_until_ + random_.between(0, 900);
    for (TimeMs& heard : last_heard_) heard = meta_down_until_;
  } else if (what < 76) {
    store_down_until_ = now_ + random_.between(100, 10'000);
  } else if (what < 81) {
    node.watch_stuck_until = now_ + random_.between(500, 12'000);
    trace("{} hears no news until {}", place + 1, node.watch_stuck_until);
  } else if (what < 88) {
    move_leader();
  } else if (what < 93) {
    if (profile_.reassign) reassign();
  } else if (what < 96) {
    if (profile_.wipe && may_wipe(node)) wipe(node);
  } else if (what < 97) {
    rolling_restart(0);
  } else {
    register_node(node);
  }
}

void World::cut_links() {
  const std::size_t count = nodes_.size() + 1;
  const std::size_t one = random_.below(count);
  const std::uint64_t side = random_.next();
  const std::uint64_t how = random_.below(6);
  trace("links are cut, way {} at {}", how, one + 1);
  for (std::size_t from = 0; from < count; ++from) {
    for (std::size_t to = 0; to < count; ++to) {
      const bool split = ((side >> from) & 1U) != ((side >> to) & 1U);
      const bool out = from == one;
      const bool in = to == one;
      const bool cut = (how == 0 && (in || out)) || (how == 1 && in) || (how == 2 && out) ||
                       (how == 3 && split) || (how == 4 && random_.chance(25)) ||
                       // From the others, but not from the metadata.
                       (how == 5 && (in || out) && from != meta_place() && to != meta_place());
      if (cut && from != to) blocked_[from][to] = true;
    }
  }
}

void World::heal_links() {
  trace("links heal");
  for (auto& links : blocked_) std::fill(links.begin(), links.end(), false);
}

// Whoever else is eligible holds all that was committed, so that nothing is lost with this disk.
bool World::may_wipe(const Node& node) const {
  // Two disks at once are more than two copies stand.
  for (const Node& other : nodes_)
    if (meta_->nodes.at(other.id).incarnation != other.incarnation) return false;
  for (const auto& [id, row] : meta_->partitions) {
    if (!is_in(row.copies.replicas, node.id)) continue;
    const bool others = std::any_of(nodes_.begin(), nodes_.end(), [&, p = id](const Node& other) {
      const auto log = other.disk.find(p);
      const bool eligible = is_in(row.copies.isr, other.id) || is_in(row.copies.elr, other.id);
      return &other != &node && eligible && log != other.disk.end() &&
             checker_.holds_all(p, log->second, row.flushed_offset);
    });
    if (!others) return false;
    // With one copy enough for a commit, this one may be the only one that has the next.
    if (meta_->min_isr == 1) return false;
  }
  return true;
}

void World::wipe(Node& node) {
  trace("{} loses its disk", node.place + 1);
  ++counts_.wipes;
  restart_later(node, 5'000);
  node.disk.clear();
  node.hints.clear();
  ++node.incarnation;
}

void World::move_leader() {
  const StatePtr state = meta_;  // apply() replaces it.
  const auto row = std::next(state->partitions.begin(),
                             static_cast<long>(random_.below(state->partitions.size())));
  const std::vector<NodeId>& isr = row->second.copies.isr;
  if (isr.empty()) return;
  const NodeId to = isr[random_.below(isr.size())];
  if (!apply(metadata::MoveLeader{row->first, row->second.leader_epoch, to})) return;
  trace("partition {} shall be led by {}", row->first.value(), to.value());
  ++counts_.moves;
}

// One copy more, or one less: of a node that knows that it does not lead.
void World::reassign() {
  const StatePtr state = meta_;  // apply() replaces it.
  const auto found = std::next(state->partitions.begin(),
                               static_cast<long>(random_.below(state->partitions.size())));
  const metadata::PartitionState& row = found->second;
  std::vector<NodeId> replicas = row.copies.replicas;
  const Node& node = nodes_[random_.below(nodes_.size())];
  if (!is_in(replicas, node.id)) {
    replicas.push_back(node.id);
  } else {
    if (replicas.size() <= profile_.copies) return;
    const bool is_fenced = state->nodes.at(node.id).fenced;
    const bool knows =
        node.core && node.core->version() > 0 && node.state &&
        node.state->partitions.at(found->first).partition_epoch == row.partition_epoch;
    if (row.copies.leader == node.id || (!is_fenced && !knows)) return;
    std::erase(replicas, node.id);
  }
  if (!apply(metadata::AssignReplicas{found->first, row.partition_epoch, replicas})) return;
  trace("partition {} has {} copies, {} changed", found->first.value(), replicas.size(),
        node.place + 1);
  ++counts_.assignments;
}

// Hands over what it leads, stops, comes back; then the next one.
void World::rolling_restart(std::size_t place) {
  if (healing_ || place >= nodes_.size()) return;
  Node& node = nodes_[place];
  const StatePtr state = meta_;
  for (const auto& [id, row] : state->partitions) {
    if (row.copies.leader != node.id) continue;
    for (const NodeId to : row.copies.isr) {
      if (to != node.id && apply(metadata::MoveLeader{id, row.leader_epoch, to})) break;
    }
  }
  at(random_.between(200, 1'500), [this, &node] {
    if (!healing_) restart_later(node, 2'000);
  });
  at(random_.between(4'000, 8'000), [this, place] { rolling_restart(place + 1); });
}

// --- After the storm -----------------------------------------------------------------------------

// What waited for the end of a pause happens now.
void World::wake_all() {
  std::vector<Event> waiting;
  for (; !events_.empty(); events_.pop()) waiting.push_back(events_.top());
  for (Event& event : waiting) {
    if (event.node != kNowhere && nodes_[event.node].paused_until > now_) event.time = now_;
    // Commands that were on their way for seconds are lost.
    if (event.time <= now_ + 2'000 || event.node != kNowhere) events_.push(std::move(event));
  }
  for (Node& node : nodes_) node.paused_until = std::min(node.paused_until, now_);
}

void World::heal() {
  trace("--- everything heals");
  healing_ = true;
  heal_links();
  profile_.disk_max = std::min<TimeMs>(profile_.disk_max, 5);
  meta_down_until_ = std::min(meta_down_until_, now_);
  store_down_until_ = old_meta_until_ = now_;
  profile_.early_fence_percent = 0;
  profile_.answer_batches_max = 100;
  wake_all();
  for (Node& node : nodes_) {
    node.watch_stuck_until = now_;
    if (!node.core) start(node);
  }
}

bool World::is_healthy() const {
  for (const auto& [id, row] : meta_->partitions) {
    if (!row.copies.leader || row.copies.isr.size() != row.copies.replicas.size()) return false;
    const Node& leader = nodes_[row.copies.leader->value() - 1];
    const auto status = leader.core->status(id);
    if (!status || !status->leads || status->log_end != status->high_watermark) return false;
    if (row.flushed_offset != status->high_watermark) return false;
    for (const NodeId node : row.copies.replicas) {
      const auto copy = nodes_[node.value() - 1].core->status(id);
      if (!copy || copy->durable != status->log_end) return false;
    }
  }
  return true;
}

std::string World::describe_copies() const {
  std::string text;
  const auto list = [&](const char* name, const std::vector<NodeId>& nodes) {
    text += name;
    for (const NodeId node : nodes) text += " " + std::to_string(node.value());
  };
  for (const auto& [id, row] : meta_->partitions) {
    text += fmt::format("; partition {} epoch {}/{} leader {}", id.value(), row.leader_epoch,
                        row.partition_epoch, row.copies.leader.value_or(NodeId()).value());
    list(" replicas", row.copies.replicas);
    list(" isr", row.copies.isr);
    list(" elr", row.copies.elr);
    text += " flushed " + std::to_string(row.flushed_offset);
    for (const Node& node : nodes_) {
      const auto status = node.core ? node.core->status(id) : std::nullopt;
      if (!status) continue;
      text +=
          fmt::format(" [{}: {} {} {}..{} {} hw {}]", node.place + 1,
                      status->leads ? "leads" : "follows", status->leader_epoch, status->log_start,
                      status->log_end, status->durable, status->high_watermark);
    }
  }
  return text;
}

void World::heal_and_converge() {
  heal();
  const TimeMs begin = now_;
  std::map<PartitionId, std::size_t> acked;
  BatchId first_new = next_op_;
  for (const auto& [id, row] : meta_->partitions) acked[id] = 0;
  const auto works_everywhere = [&] {
    return std::all_of(meta_->partitions.begin(), meta_->partitions.end(), [&](const auto& one) {
      const auto& done = checker_.truth(one.first).acked;
      return std::any_of(
          done.begin() + static_cast<std::ptrdiff_t>(std::min(acked[one.first], done.size())),
          done.end(), [&](BatchId id) { return id >= first_new; });
    });
  };
  for (const auto& [id, row] : meta_->partitions) acked[id] = checker_.truth(id).acked.size();
  profile_.write_interval = std::min<TimeMs>(profile_.write_interval, 60);
  while (!checker_.failed() && !works_everywhere()) {
    if (now_ > begin + kHealMs)
      return checker_.fail("no progress after the heal" + describe_copies());
    step();
  }
  counts_.heal_ms_max = now_ - begin;
  quiet_ = true;
  profile_.flush_interval = std::min<TimeMs>(profile_.flush_interval, 500);
  const TimeMs quiet = now_;
  while (!checker_.failed() && !is_healthy()) {
    if (now_ > quiet + kSettleMs)
      return checker_.fail("copies do not become one after the heal" + describe_copies());
    step();
  }
  if (!checker_.failed()) read_everything();
}

// T3: lost, doubled and invented events are none, in what is left of everything.
void World::read_everything() {
  std::map<PartitionId, std::vector<Batch>> found;
  for (const auto& [id, segment] : meta_->segments)
    for (const auto& [partition, batches] : store_.at(segment->object_key))
      found[partition].insert(found[partition].end(), batches.begin(), batches.end());
  for (const auto& [id, row] : meta_->partitions) {
    std::vector<Batch>& rows = found[id];
    std::sort(rows.begin(), rows.end(),
              [](const Batch& one, const Batch& other) { return one.base < other.base; });
    checker_.read(id, rows, checker_.truth(id).acked.size());
    if ((rows.empty() ? 0 : rows.back().end()) != checker_.truth(id).end())
      checker_.fail("T3: the segments do not hold everything");
  }
}

}  // namespace lynxdb::replication::simulation
