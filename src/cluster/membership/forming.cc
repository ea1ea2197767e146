#include "cluster/membership/forming.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace lynxdb::cluster {
namespace {

Result<> check_compatible(const Introduction& own, const SeedAnswer& answer) {
  const Introduction& other = *answer.introduction;
  if (other.protocol != own.protocol) {
    return Error{ErrorCode::kConflict,
                 fmt::format("{} speaks version {} of the cluster protocol, this node {}",
                             answer.address, other.protocol, own.protocol),
                 "run the same version of lynxdb on all nodes"};
  }
  if (other.incarnation == own.incarnation) return {};
  if (other.node_name == own.node_name) {
    return Error{ErrorCode::kConflict,
                 fmt::format("the node at {} is named '{}', too", answer.address, own.node_name),
                 "give each node a cluster.node_id of its own"};
  }
  if (!own.cluster_id.empty() && !other.cluster_id.empty() && own.cluster_id != other.cluster_id) {
    return Error{ErrorCode::kConflict,
                 fmt::format("this node belongs to cluster {}, but {} to cluster {}",
                             own.cluster_id, answer.address, other.cluster_id),
                 "correct cluster.seeds, or start this node with an empty data_dir"};
  }
  if (other.cluster_id.empty() && other.seeds_hash != own.seeds_hash) {
    return Error{ErrorCode::kConflict,
                 fmt::format("the node at {} has other cluster.seeds", answer.address),
                 "give all nodes the same list of seeds"};
  }
  return {};
}

}  // namespace

std::vector<std::string> sorted_seeds(std::vector<std::string> seeds) {
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  return seeds;
}

std::uint64_t hash_of_seeds(const std::vector<std::string>& sorted) {
  std::string joined;
  for (const std::string& seed : sorted) joined += seed + "\n";
  return base::fnv32a(joined);
}

Result<FormingDecision> decide_forming(const Introduction& own,
                                       const std::vector<SeedAnswer>& answers) {
  FormingDecision decision;
  std::size_t empty_seeds = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& other = answers[i].introduction;
    if (!other) continue;
    TRY(check_compatible(own, answers[i]));
    if (other->incarnation == own.incarnation) {
      decision.founder = raft::NodeId(i + 1);
      ++empty_seeds;
    } else if (!other->cluster_id.empty()) {
      decision.contacts.push_back(answers[i].address);
      decision.cluster_id = other->cluster_id;
    } else {
      ++empty_seeds;  // Or a founder already: all of them found the same group.
    }
  }
  if (!decision.contacts.empty()) {
    decision.kind = FormingDecision::Kind::kJoin;
    return decision;
  }
  const std::size_t majority = answers.size() / 2 + 1;
  if (!own.cluster_id.empty()) {
    decision.why = "its Raft files are gone: waiting for a node of cluster " + own.cluster_id;
  } else if (decision.founder == raft::kNobody) {
    decision.why = "waiting for a seed that belongs to a cluster";
  } else if (empty_seeds < majority) {
    decision.why = fmt::format("waiting for seeds: {} of {} can be reached, {} are needed",
                               empty_seeds, answers.size(), majority);
  } else {
    decision.kind = FormingDecision::Kind::kFound;
    for (std::size_t i = 0; i < answers.size(); ++i) decision.founders.voters.emplace_back(i + 1);
  }
  return decision;
}

}  // namespace lynxdb::cluster
