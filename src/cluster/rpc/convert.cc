#include "cluster/rpc/convert.h"

#include <algorithm>

#include "cluster/consensus/raft_group.h"

namespace lynxdb::cluster {
namespace {

// A call may ask for no more.
constexpr std::uint32_t kCallMillisecondsMax = 600'000;

void put_members(const std::vector<Peer>& from,
                 google::protobuf::RepeatedPtrField<v1::Member>& to) {
  for (const Peer& peer : from) {
    v1::Member& member = *to.Add();
    member.set_raft_id(peer.raft_id.value());
    member.set_address(peer.address);
  }
}

std::vector<Peer> read_members(const google::protobuf::RepeatedPtrField<v1::Member>& from) {
  std::vector<Peer> peers;
  for (const v1::Member& member : from)
    peers.push_back({raft::NodeId(member.raft_id()), member.address()});
  return peers;
}

}  // namespace

void put(const Introduction& from, v1::Introduction& to) {
  to.set_protocol(from.protocol);
  to.set_node_name(from.node_name);
  to.set_incarnation(from.incarnation);
  to.set_cluster_id(from.cluster_id);
  to.set_in_group(from.in_group);
  to.set_seeds_hash(from.seeds_hash);
  to.set_wall_ms(from.wall_ms);
  put_members(from.members, *to.mutable_members());
}

Introduction read(const v1::Introduction& from) {
  return {.protocol = from.protocol(),
          .node_name = from.node_name(),
          .incarnation = from.incarnation(),
          .cluster_id = from.cluster_id(),
          .in_group = from.in_group(),
          .seeds_hash = from.seeds_hash(),
          .wall_ms = from.wall_ms(),
          .members = read_members(from.members())};
}

void put(const JoinRequest& from, v1::JoinRequest& to) {
  to.set_node_name(from.node_name);
  to.set_incarnation(from.incarnation);
  to.set_cluster_id(from.cluster_id);
  to.set_raft_id(from.raft_id.value());
  to.set_replaces(from.replaces.value());
  to.set_address(from.address);
  to.set_meta(from.meta);
}

JoinRequest read(const v1::JoinRequest& from) {
  return {.node_name = from.node_name(),
          .incarnation = from.incarnation(),
          .cluster_id = from.cluster_id(),
          .raft_id = raft::NodeId(from.raft_id()),
          .replaces = raft::NodeId(from.replaces()),
          .address = from.address(),
          .meta = from.meta()};
}

void put(const JoinReply& from, v1::JoinReply& to) {
  to.set_cluster_id(from.cluster_id);
  put_members(from.members, *to.mutable_members());
}

JoinReply read(const v1::JoinReply& from) {
  return {.cluster_id = from.cluster_id(), .members = read_members(from.members())};
}

void put(const Error& from, v1::Failure& to) {
  to.set_code(static_cast<std::uint32_t>(from.code));
  to.set_message(from.message);
  to.set_suggestion(from.suggestion);
  to.set_not_taken(is_not_leader(from));
}

Error read(const v1::Failure& from) {
  if (from.not_taken()) return not_leader();
  const auto last = static_cast<std::uint32_t>(ErrorCode::kIo);
  const auto code = from.code() <= last ? static_cast<ErrorCode>(from.code()) : ErrorCode::kIo;
  return Error{code, from.message(), from.suggestion()};
}

std::uint32_t milliseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(left.count(), 1, kCallMillisecondsMax));
}

std::chrono::steady_clock::time_point deadline_after(std::uint32_t milliseconds) {
  return std::chrono::steady_clock::now() +
         std::chrono::milliseconds(std::min(milliseconds, kCallMillisecondsMax));
}

}  // namespace lynxdb::cluster
