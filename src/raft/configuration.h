// Who belongs to the group. Members change one at a time (Ongaro's dissertation, section 4.1), so
// that any majority before a change and any majority after it share a node. A configuration counts
// from the moment its entry is in a node's log, committed or not; when the entry is truncated, the
// one before counts again.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "raft/types.h"

namespace lynxdb::raft {

inline constexpr std::size_t kMembersMax = 31;

struct Configuration {
  // Ascending, no node in both.
  std::vector<NodeId> voters;
  std::vector<NodeId> learners;  // Get the log, do not vote, are not counted.

  bool is_voter(NodeId node) const;
  bool is_learner(NodeId node) const;
  bool is_member(NodeId node) const { return is_voter(node) || is_learner(node); }
  std::size_t majority() const { return voters.size() / 2 + 1; }

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

struct MembershipChange {
  enum class Kind : std::uint8_t {
    kAddLearner,
    kPromote,  // A learner becomes a voter: new voters have caught up first (section 4.2.1).
    kDemote,   // A voter becomes a learner.
    kRemove,
  };
  Kind kind = Kind::kAddLearner;
  NodeId node;
};

// The members after `change`. kInvalidArgument: it does not fit them, or would leave no voter.
Result<Configuration> changed(const Configuration& before, const MembershipChange& change);

// Empty, or what is wrong with it.
std::string_view find_fault(const Configuration& configuration);

// voters:{count:varint id:varint*} learners:{count:varint id:varint*}
void encode(const Configuration& configuration, std::string& out);
// kCorruption.
Result<Configuration> decode_configuration(std::string_view bytes);

// The largest number that a majority of `values` (one for each voter) reach. Reorders them.
std::uint64_t reached_by_majority(std::span<std::uint64_t> values);

// The configuration of a log's last snapshot and those in entries after it.
class ConfigurationHistory {
 public:
  struct Item {
    Index index = 0;
    Configuration configuration;
  };

  ConfigurationHistory(Index index, Configuration configuration);

  const Configuration& newest() const { return items_.back().configuration; }
  Index newest_index() const { return items_.back().index; }
  // In force at `index`, which must not be below the first item.
  const Configuration& at(Index index) const;
  // How many came with entries above `commit`.
  std::size_t count_above(Index commit) const;

  void append(Index index, Configuration configuration);
  // Entries from `index` on are gone. True when that took a configuration along.
  bool truncate_from(Index index);
  // A snapshot of `index` was taken: older ones cannot be needed again.
  void forget_before(Index index);

 private:
  std::vector<Item> items_;  // Never empty; ascending.
};

}  // namespace lynxdb::raft
