#include "raft/simulation/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace lynxdb::raft::simulation {
namespace {

std::uint64_t content_of(const Entry& entry) {
  const std::uint64_t payload = entry.payload ? base::xxh3(*entry.payload) : 1;
  return base::mix64(payload + static_cast<std::uint64_t>(entry.kind));
}

template <typename T>
T& grown(std::vector<T>& items, std::uint64_t place) {
  if (place >= items.size()) items.resize(place + 1);
  return items[place];
}

}  // namespace

bool Disk::holds(EntryId id) const {
  if (id == snapshot.last || id.index < snapshot.last.index) return true;
  if (entries.empty() || id.index < entries.front().index) return false;
  const Index place = id.index - entries.front().index;
  return place < entries.size() && entries[place].term == id.term;
}

void Disk::put_entries(const std::vector<Entry>& added, std::size_t count) {
  if (count == 0) return;
  while (!entries.empty() && entries.back().index >= added.front().index) entries.pop_back();
  entries.insert(entries.end(), added.begin(), added.begin() + static_cast<std::ptrdiff_t>(count));
}

void Checker::fail(std::string failure) {
  if (failure_.empty()) failure_ = std::move(failure);
}

std::uint64_t Checker::next_state(std::uint64_t state, const Entry& entry) {
  return base::mix64(state * 31 + content_of(entry) + 1);
}

void Checker::entries_added(std::size_t node, const std::vector<Entry>& entries, Term previous) {
  std::vector<Index>& changes = nodes_[node].changes;
  while (!changes.empty() && changes.back() >= entries.front().index) changes.pop_back();
  for (const Entry& entry : entries) {
    std::vector<KnownEntry>& same_index = grown(known_, entry.index);
    const KnownEntry own{entry.term, previous, content_of(entry)};
    const auto known = std::find_if(same_index.begin(), same_index.end(),
                                    [&](const KnownEntry& one) { return one.term == own.term; });
    if (known == same_index.end()) {
      same_index.push_back(own);
    } else if (known->previous != own.previous || known->content != own.content) {
      fail(fmt::format("logs do not match: node {} has another entry {}@{}", node + 1, entry.index,
                       entry.term.value()));
    }
    if (entry.kind == EntryKind::kConfiguration) changes.push_back(entry.index);
    previous = entry.term;
  }
}

void Checker::message_sent(std::size_t node, const Message& message, const Disk& disk) {
  Node& self = nodes_[node];
  const auto* vote = std::get_if<VoteReply>(&message.body);
  const auto* ask = std::get_if<VoteRequest>(&message.body);
  const bool of_no_term = (vote && vote->pre_vote) || (ask && ask->pre_vote);
  if (!of_no_term) self.term_sent = std::max(self.term_sent, message.term);

  const auto* append = std::get_if<AppendReply>(&message.body);
  if (append && append->accepted && append->index > disk.snapshot.last.index &&
      message.term == self.term) {
    const Index last = disk.entries.empty() ? 0 : disk.entries.back().index;
    if (last < append->index) {
      fail(
          fmt::format("node {} acknowledges {} and has {} on disk", node + 1, append->index, last));
    }
  }
  NodeId granted;
  if (vote && !vote->pre_vote && vote->granted) granted = message.to;
  if (ask && !ask->pre_vote) granted = message.from;
  if (granted == kNobody) return;
  NodeId& before = grown(self.grants, message.term.value());
  if (before != kNobody && before != granted) {
    fail(fmt::format("node {} votes twice in term {}", node + 1, message.term.value()));
  }
  before = granted;
}

void Checker::restarted(std::size_t node, const Raft& raft, const Disk& disk) {
  Node& self = nodes_[node];
  if (raft.term() < self.term_sent) {
    fail(fmt::format("node {} forgot that it was in term {}", node + 1, self.term_sent.value()));
  }
  if (raft.log().commit() < disk.hard_state.commit) fail("commit goes back in a restart");
  self.term = raft.term();
  self.vote = raft.vote();
  self.commit = raft.log().commit();
  self.leads = false;
  self.changes.clear();
  for (const Entry& entry : disk.entries) {
    const bool pending = entry.index > self.commit && entry.index <= raft.log().last_index();
    if (pending && entry.kind == EntryKind::kConfiguration) self.changes.push_back(entry.index);
  }
}

void Checker::applied(std::size_t node, const Entry& entry, Index before, std::uint64_t state) {
  if (entry.index != before + 1) fail(fmt::format("node {} applies with a gap", node + 1));
  if (entry.index > committed()) {
    fail(fmt::format("node {} applies {}, which nobody committed", node + 1, entry.index));
  } else if (state_at(entry.index) != state) {
    fail(fmt::format("node {} has another state after {}", node + 1, entry.index));
  }
}

void Checker::read_asked(ReadId id) { grown(reads_, id) = committed(); }

void Checker::read_answered(const ReadState& read) {
  if (read.index < reads_[read.id]) {
    fail(fmt::format("read {} sees {}, but {} was committed when it was asked", read.id, read.index,
                     reads_[read.id]));
  }
}

void Checker::stepped(std::size_t node, const std::vector<const Raft*>& all) {
  const Raft& raft = *all[node];
  check_promises(node, raft);
  const Index before = committed();
  if (raft.log().commit() != nodes_[node].commit) record_commit(node, raft);
  if (committed() > before) check_leaders_have(committed(), raft.term(), all);
  check_role(node, raft);
}

void Checker::check_promises(std::size_t node, const Raft& raft) {
  Node& self = nodes_[node];
  if (raft.term() < self.term) fail(fmt::format("node {}: its term goes back", node + 1));
  if (raft.term() == self.term && self.vote != kNobody && raft.vote() != self.vote) {
    fail(fmt::format("node {} changes its vote", node + 1));
  }
  self.term = raft.term();
  self.vote = raft.vote();
}

void Checker::record_commit(std::size_t node, const Raft& raft) {
  Node& self = nodes_[node];
  const Log& log = raft.log();
  if (log.commit() < self.commit) fail(fmt::format("node {}: commit goes back", node + 1));
  const Index known_from = std::max(self.commit, log.base().index);
  if (known_from > committed()) return fail("a snapshot of what nobody committed");
  if (known_from > 0 && log.term_at(known_from) != committed_[known_from - 1].term) {
    return fail(fmt::format("node {} committed another entry {}", node + 1, known_from));
  }
  for (Index index = known_from + 1; index <= log.commit(); ++index) {
    const Entry& entry = log.at(index);
    if (index > committed()) {
      committed_.push_back(
          {entry.term, raft.term(), content_of(entry), next_state(state_at(index - 1), entry)});
    } else if (committed_[index - 1].term != entry.term ||
               committed_[index - 1].content != content_of(entry)) {
      return fail(fmt::format("node {} commits another entry {}", node + 1, index));
    }
  }
  self.commit = log.commit();
  std::erase_if(self.changes, [&](Index index) { return index <= self.commit; });
}

// Leader completeness: what a term commits, the leaders of all later terms have.
void Checker::check_leaders_have(Index index, Term by, const std::vector<const Raft*>& all) {
  for (const Raft* raft : all) {
    if (raft == nullptr || raft->role() != Role::kLeader || raft->term() < by) continue;
    const std::optional<Term> term = raft->log().term_at(index);
    if (term == committed_[index - 1].term || index < raft->log().first_index()) continue;
    fail(fmt::format("the leader of term {} lacks the committed entry {}", raft->term().value(),
                     index));
  }
}

void Checker::check_role(std::size_t node, const Raft& raft) {
  Node& self = nodes_[node];
  const bool leads = raft.role() == Role::kLeader;
  if (leads) {
    std::size_t& leader = grown(leaders_, raft.term().value());
    if (leader != 0 && leader != node + 1) {
      fail(fmt::format("nodes {} and {} both lead in term {}", leader, node + 1,
                       raft.term().value()));
    }
    leader = node + 1;
    // Some may be committed without this leader's knowing yet.
    std::erase_if(self.changes, [&](Index index) { return index <= committed(); });
    if (self.changes.size() > 1) {
      fail(fmt::format("node {} has {} changes of members in flight", node + 1,
                       self.changes.size()));
    }
  }
  if (leads && !self.leads && committed() > 0) {
    // One that was paused may learn only now that it won an older term.
    Index last = committed();
    while (last > 0 && committed_[last - 1].by >= raft.term()) --last;
    const std::optional<Term> term = raft.log().term_at(last);
    if (last >= raft.log().first_index() && term != committed_[last - 1].term) {
      fail(fmt::format("node {} leads in term {} without the committed entry {}", node + 1,
                       raft.term().value(), last));
    }
  }
  self.leads = leads;
}

}  // namespace lynxdb::raft::simulation
