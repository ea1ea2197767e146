#include "cluster/route/cluster_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <latch>
#include <optional>
#include <utility>

namespace lynxdb::cluster {
namespace {

using metadata::NodeId;
using std::chrono::milliseconds;

// Questions to other nodes at a time, over all queries.
constexpr std::size_t kAskingThreads = 16;
// Between two rounds when nothing has changed.
constexpr milliseconds kRoundPause{50};
constexpr milliseconds kReleaseTimeout{1000};
// A leader that is silent must not keep a reader from those that lead next.
constexpr milliseconds kAnswerMax{5000};

constexpr std::string_view kLeaderless = "no node leads it";

}  // namespace

// One attempt to read partitions by one version. Each leader's thread touches its own answer.
struct ClusterReader::Round {
  struct Asked {
    std::vector<TailQuestion> questions;
    bool is_own = false;
    std::optional<Result<TailHold>> answer;
  };

  metadata::Version version;  // To go by; `state` says who leads.
  metadata::StatePtr state;
  std::map<NodeId, Asked> leaders;
  std::vector<metadata::PartitionId> leaderless;

  Round(metadata::StatePtr of, std::string_view own_name) : version(of->version), state(of) {
    for (const auto& [id, partition] : of->partitions)
      add({id, partition.flushed_offset, {}}, own_name);
  }
  Round(metadata::Version by, metadata::StatePtr now, const std::vector<HeldPart>& parts,
        std::string_view own_name)
      : version(by), state(std::move(now)) {
    for (const HeldPart& part : parts)
      add({part.partition, part.offsets.begin, part.offsets.end}, own_name);
  }

  void add(TailQuestion question, std::string_view own_name) {
    const auto partition = state->partitions.find(question.partition);
    if (partition == state->partitions.end() || !partition->second.copies.leader) {
      leaderless.push_back(question.partition);
      return;
    }
    const NodeId leader = *partition->second.copies.leader;
    Asked& asked = leaders[leader];
    asked.questions.push_back(question);
    const auto node = state->nodes.find(leader);
    asked.is_own = node != state->nodes.end() && node->second.name == own_name;
  }

  metadata::Version newer_version() const {
    metadata::Version newest = 0;
    for (const auto& [leader, asked] : leaders)
      if (*asked.answer) newest = std::max(newest, (*asked.answer)->newer_version);
    return newest;
  }

  // Partitions that nobody answered for.
  std::vector<MissingPart> missing() const {
    std::vector<MissingPart> parts;
    for (const metadata::PartitionId id : leaderless)
      parts.push_back({id, std::string(kLeaderless)});
    for (const auto& [leader, asked] : leaders) {
      if (*asked.answer) continue;
      for (const TailQuestion& question : asked.questions)
        parts.push_back({question.partition, asked.answer->error().message});
    }
    std::ranges::sort(parts, {}, &MissingPart::partition);
    return parts;
  }

  std::vector<LeaderTail> take_tails() {
    std::vector<LeaderTail> tails;
    for (auto& [leader, asked] : leaders)
      if (*asked.answer) tails.push_back({leader, asked.is_own, *std::move(*asked.answer)});
    return tails;
  }
};

ClusterReader::ClusterReader(ClusterMetadata& metadata, DataCalls& calls, DataHandlers& local,
                             std::string own_name)
    : metadata_(metadata),
      calls_(calls),
      local_(local),
      own_name_(std::move(own_name)),
      pool_(kAskingThreads) {}

Result<ClusterPicture> ClusterReader::read(Deadline deadline, bool partial) {
  metadata::StatePtr state = metadata_.state();
  while (true) {
    Round round(state, own_name_);
    ask_all(round, deadline);
    std::vector<MissingPart> missing = round.missing();
    const metadata::Version newer = round.newer_version();
    const bool formed = !state->partitions.empty();
    if (missing.empty() && newer == 0 && formed)
      return ClusterPicture{std::move(state), round.take_tails(), {}};
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline && partial && newer == 0 && formed)
      return ClusterPicture{std::move(state), round.take_tails(), std::move(missing)};
    release(round);
    if (now >= deadline) {
      const std::string behind =
          !formed ? "the cluster is not formed yet" : "the metadata is behind";
      return Error{ErrorCode::kUnavailable,
                   missing.empty()
                       ? "the newest events cannot be read: " + behind
                       : fmt::format("the newest events of {} of {} partitions cannot be read: {}",
                                     missing.size(), state->partitions.size(), missing.front().why),
                   "retry, or ask for partial_results=true; see `lynxdb status`"};
    }
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - now);
    state = newer > state->version
                ? metadata_.wait_beyond(newer - 1, left)
                : metadata_.wait_beyond(state->version, std::min(left, kRoundPause));
  }
}

Result<std::vector<LeaderTail>> ClusterReader::hold_again(metadata::Version version,
                                                          const std::vector<HeldPart>& parts,
                                                          Deadline deadline) {
  metadata::StatePtr state = metadata_.state();
  while (true) {
    Round round(version, state, parts, own_name_);
    ask_all(round, deadline);
    const std::vector<MissingPart> missing = round.missing();
    const bool gone = round.newer_version() != 0;
    if (missing.empty() && !gone) return round.take_tails();
    release(round);
    const auto now = std::chrono::steady_clock::now();
    if (gone)
      return Error{ErrorCode::kUnavailable,
                   "a leader was lost in the middle of the query, and the next one has flushed the "
                   "events",
                   "retry"};
    if (now >= deadline)
      return Error{ErrorCode::kUnavailable,
                   "the newest events cannot be read any more: " + missing.front().why, "retry"};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - now);
    state = metadata_.wait_beyond(state->version, std::min(left, kRoundPause));
  }
}

void ClusterReader::ask_all(Round& round, Deadline deadline) {
  if (round.leaders.empty()) return;
  deadline = std::min(deadline, std::chrono::steady_clock::now() + kAnswerMax);
  std::latch answered(static_cast<std::ptrdiff_t>(round.leaders.size()));
  for (auto& [leader, asked] : round.leaders) {
    pool_.submit([this, &round, &answered, at = leader, deadline] {
      ask(round, at, deadline);
      answered.count_down();
    });
  }
  answered.wait();
}

void ClusterReader::ask(Round& round, NodeId leader, Deadline deadline) {
  Round::Asked& asked = round.leaders.at(leader);
  asked.answer = asked.is_own ? local_.hold_tail(round.version, asked.questions, deadline)
                              : calls_.hold_tail(leader, round.version, asked.questions, deadline);
}

void ClusterReader::release(Round& round) {
  for (const LeaderTail& tail : round.take_tails()) release(tail);
}

void ClusterReader::release(const LeaderTail& tail) {
  if (tail.hold.id == 0) return;
  if (tail.is_own) return local_.release_tail(tail.hold.id);
  pool_.submit([this, node = tail.node, hold = tail.hold.id] {
    calls_.release_tail(node, hold, std::chrono::steady_clock::now() + kReleaseTimeout);
  });
}

}  // namespace lynxdb::cluster
