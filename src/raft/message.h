// What the nodes of a group say to each other. Messages may be lost, repeated, delayed and
// reordered at will; message_codec.h has their bytes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "raft/snapshot_meta.h"
#include "raft/types.h"

namespace lynxdb::raft {

// Names a read of one owner. Never used twice in the life of a group, restarts included: a late
// answer to the first would be taken for one to the second.
using ReadId = std::uint64_t;

enum class ReadMode : std::uint8_t {
  kReadIndex,  // The leader asks a majority first (dissertation, section 6.4).
  kLease,      // The leader trusts its clock when a majority answered lately (6.4.1), else asks.
};

// Of the leader at the time of sending; the answer returns it. It shows which question a majority
// has answered (read index), and since when it will elect nobody else (lease).
struct Stamp {
  std::uint64_t round = 0;
  std::uint64_t tick = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct VoteRequest {
  bool pre_vote = false;  // Message::term is then the term that the sender would go to (9.6).
  bool transfer = false;  // The leader wants it: a node that hears from it votes all the same.
  EntryId last;
};

// Message::term: the asked term when a pre-vote is granted, else the sender's own.
struct VoteReply {
  bool pre_vote = false;
  bool granted = false;
};

// Without entries: the heartbeat.
struct AppendRequest {
  EntryId previous;
  Index commit = 0;
  Stamp stamp;
  std::vector<Entry> entries;
};

struct AppendReply {
  bool accepted = false;
  // Accepted: the sender's log is the leader's up to here, durably.
  // Refused: the `previous` that it does not have.
  Index index = 0;
  // Refused: the last entry of the sender's that may be the leader's, too.
  EntryId hint;
  Stamp stamp;
};

// The answer to whatever came with an older term: Message::term is the news. It has no indexes that
// anybody could take for progress.
struct StaleTerm {};

struct SnapshotChunk {
  SnapshotMeta meta;
  std::uint64_t offset = 0;
  std::string data;
};

struct SnapshotReply {
  EntryId snapshot;
  std::uint64_t received_bytes = 0;  // From the start, without a hole. 0: from the start, please.
};

// Stand for election at once (dissertation, section 3.10).
struct TimeoutNow {};

struct ReadRequest {
  ReadId id = 0;
  ReadMode mode = ReadMode::kReadIndex;
};

struct ReadReply {
  ReadId id = 0;
  Index index = 0;
};

// The order is that of the tags in the encoding.
using MessageBody = std::variant<VoteRequest, VoteReply, AppendRequest, AppendReply, StaleTerm,
                                 SnapshotChunk, SnapshotReply, TimeoutNow, ReadRequest, ReadReply>;

struct Message {
  NodeId from;
  NodeId to;
  Term term;
  MessageBody body;
};

// One line for traces.
std::string describe(const Message& message);

}  // namespace lynxdb::raft
