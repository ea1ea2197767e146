// For tests: one core whose disk and state machine do everything at once, and what it says to
// others. The test plays the others.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "raft/raft.h"

namespace lynxdb::raft::testing {

inline Configuration members(std::initializer_list<std::uint64_t> voters,
                             std::initializer_list<std::uint64_t> learners = {}) {
  Configuration configuration;
  for (const std::uint64_t id : voters) configuration.voters.emplace_back(id);
  for (const std::uint64_t id : learners) configuration.learners.emplace_back(id);
  return configuration;
}

inline Payload payload(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

inline Entry command(Index index, std::uint64_t term) {
  return {index, Term(term), EntryKind::kCommand, payload("entry " + std::to_string(index))};
}

inline Entry configuration_entry(Index index, std::uint64_t term, const Configuration& after) {
  std::string bytes;
  encode(after, bytes);
  return {index, Term(term), EntryKind::kConfiguration, payload(std::move(bytes))};
}

// Entries 1, 2, ... of these terms.
inline std::vector<Entry> log_of(std::initializer_list<std::uint64_t> terms) {
  std::vector<Entry> entries;
  for (const std::uint64_t term : terms) entries.push_back(command(entries.size() + 1, term));
  return entries;
}

inline Options small_options() {
  Options options;
  options.id = NodeId(1);
  options.election_ticks = 10;
  options.heartbeat_ticks = 2;
  options.snapshot_chunk_bytes = 10;
  options.trailing_entries = 0;
  return options;
}

class Lone {
 public:
  explicit Lone(Restored restored, const Options& options = small_options())
      : options_(options), raft_(Raft::create(options, Random(1), std::move(restored)).value()) {
    drain();
  }

  Raft& raft() { return raft_; }
  Raft* operator->() { return &raft_; }

  // Carries out all that is wanted; returns what is sent.
  std::vector<Message> drain() {
    std::vector<Message> sent;
    while (auto ready = raft_.take_ready()) {
      for (Message& message : ready->messages) sent.push_back(std::move(message));
      for (SnapshotSend& chunk : ready->snapshot_sends) {
        std::get<SnapshotChunk>(chunk.message.body).data.assign(chunk.length_bytes, 's');
        sent.push_back(std::move(chunk.message));
      }
      for (Message& message : ready->messages_after_sync) sent.push_back(std::move(message));
      raft_.persisted(ready->sequence);
      if (!ready->committed.empty()) raft_.applied(ready->committed.back().index);
      for (const ReadState& read : ready->reads) reads.push_back(read);
      for (const ReadId read : ready->reads_dropped) dropped.push_back(read);
      if (ready->install) installs.push_back(*ready->install);
    }
    return sent;
  }

  std::vector<Message> receive(std::uint64_t from, std::uint64_t term, MessageBody body) {
    raft_.receive({NodeId(from), options_.id, Term(term), std::move(body)});
    return drain();
  }

  std::vector<Message> tick(std::uint32_t count = 1) {
    std::vector<Message> sent;
    for (std::uint32_t i = 0; i < count; ++i) {
      raft_.tick();
      for (Message& message : drain()) sent.push_back(std::move(message));
    }
    return sent;
  }

  // Stands for election, with the votes of `voters`.
  void lead(std::initializer_list<std::uint64_t> voters) {
    for (int i = 0; i < 100 && raft_.role() == Role::kFollower; ++i) tick();
    const std::uint64_t term = raft_.term().value() + 1;
    for (const std::uint64_t voter : voters) receive(voter, term, VoteReply{true, true});
    for (const std::uint64_t voter : voters) receive(voter, term, VoteReply{false, true});
    ASSERT_EQ(raft_.role(), Role::kLeader);
  }

  void acknowledge(std::uint64_t from, Index index) {
    receive(from, raft_.term().value(), AppendReply{true, index, {}, {}});
  }

  std::vector<ReadState> reads;
  std::vector<ReadId> dropped;
  std::vector<SnapshotMeta> installs;

 private:
  Options options_;
  Raft raft_;
};

// The bodies of one kind among messages.
template <typename Body>
std::vector<Body> bodies(const std::vector<Message>& messages) {
  std::vector<Body> found;
  for (const Message& message : messages) {
    if (const Body* body = std::get_if<Body>(&message.body)) found.push_back(*body);
  }
  return found;
}

inline Restored with_log(std::vector<Entry> entries, std::uint64_t term,
                         Configuration configuration = members({1, 2, 3}), Index commit = 0) {
  return {{Term(term), kNobody, commit}, {{}, std::move(configuration), 0}, std::move(entries), 0};
}

}  // namespace lynxdb::raft::testing
