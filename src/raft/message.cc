#include "raft/message.h"

#include <fmt/format.h>

namespace lynxdb::raft {
namespace {

std::string text_of(EntryId id) { return fmt::format("{}@{}", id.index, id.term.value()); }

std::string text_of(const VoteRequest& request) {
  return fmt::format("{}{} last {}", request.pre_vote ? "pre-vote?" : "vote?",
                     request.transfer ? " (transfer)" : "", text_of(request.last));
}

std::string text_of(const VoteReply& reply) {
  return fmt::format("{}: {}", reply.pre_vote ? "pre-vote" : "vote", reply.granted ? "yes" : "no");
}

std::string text_of(const AppendRequest& append) {
  std::string entries;
  for (const Entry& entry : append.entries) entries += " " + text_of(entry.id());
  return fmt::format("append after {} commit {} round {} tick {}:{}", text_of(append.previous),
                     append.commit, append.stamp.round, append.stamp.tick, entries);
}

std::string text_of(const AppendReply& reply) {
  if (reply.accepted) return fmt::format("appended up to {}", reply.index);
  return fmt::format("refused after {}, hint {}", reply.index, text_of(reply.hint));
}

std::string text_of(const StaleTerm& /*reply*/) { return "stale term"; }

std::string text_of(const SnapshotChunk& chunk) {
  return fmt::format("snapshot {} bytes {}+{} of {}", text_of(chunk.meta.last), chunk.offset,
                     chunk.data.size(), chunk.meta.size_bytes);
}

std::string text_of(const SnapshotReply& reply) {
  return fmt::format("snapshot {} received {}", text_of(reply.snapshot), reply.received_bytes);
}

std::string text_of(const TimeoutNow& /*request*/) { return "timeout now"; }

std::string text_of(const ReadRequest& request) {
  return fmt::format("read {}{}", request.id, request.mode == ReadMode::kLease ? " (lease)" : "");
}

std::string text_of(const ReadReply& reply) {
  return fmt::format("read {} at {}", reply.id, reply.index);
}

}  // namespace

std::string describe(const Message& message) {
  const std::string body = std::visit([](const auto& one) { return text_of(one); }, message.body);
  return fmt::format("{} -> {} term {}: {}", message.from.value(), message.to.value(),
                     message.term.value(), body);
}

}  // namespace lynxdb::raft
