#include "raft/configuration.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace lynxdb::raft {
namespace {

bool holds(const std::vector<NodeId>& nodes, NodeId node) {
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
}

void insert_sorted(std::vector<NodeId>& nodes, NodeId node) {
  nodes.insert(std::lower_bound(nodes.begin(), nodes.end(), node), node);
}

void erase_node(std::vector<NodeId>& nodes, NodeId node) { std::erase(nodes, node); }

bool strictly_ascending(const std::vector<NodeId>& nodes) {
  return std::adjacent_find(nodes.begin(), nodes.end(), std::greater_equal<>()) == nodes.end();
}

void put_nodes(const std::vector<NodeId>& nodes, std::string& out) {
  base::put_varint(nodes.size(), out);
  for (const NodeId node : nodes) base::put_varint(node.value(), out);
}

std::vector<NodeId> read_nodes(base::ByteReader& in) {
  std::vector<NodeId> nodes;
  const std::uint64_t count = in.varint();
  if (count > kMembersMax) in.fail();
  for (std::uint64_t i = 0; i < count && !in.failed(); ++i) nodes.emplace_back(in.varint());
  return nodes;
}

Error misfit(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message)}; }

}  // namespace

bool Configuration::is_voter(NodeId node) const { return holds(voters, node); }
bool Configuration::is_learner(NodeId node) const { return holds(learners, node); }

Result<Configuration> changed(const Configuration& before, const MembershipChange& change) {
  using Kind = MembershipChange::Kind;
  Configuration after = before;
  const std::string name = "node " + std::to_string(change.node.value());
  if (change.node == kNobody) return misfit("node 0 cannot be a member");
  if (change.kind == Kind::kAddLearner) {
    if (before.is_member(change.node)) return misfit(name + " is a member already");
    insert_sorted(after.learners, change.node);
  } else if (change.kind == Kind::kPromote) {
    if (!before.is_learner(change.node)) return misfit(name + " is no learner");
    erase_node(after.learners, change.node);
    insert_sorted(after.voters, change.node);
  } else {
    const bool removed = change.kind == Kind::kRemove;
    if (!before.is_voter(change.node) && !(removed && before.is_learner(change.node))) {
      return misfit(name + (removed ? " is no member" : " is no voter"));
    }
    erase_node(after.voters, change.node);
    erase_node(after.learners, change.node);
    if (!removed) insert_sorted(after.learners, change.node);
  }
  if (after.voters.empty()) return misfit("the last voter must stay");
  if (const std::string_view fault = find_fault(after); !fault.empty()) {
    return misfit(std::string(fault));
  }
  return after;
}

std::string_view find_fault(const Configuration& configuration) {
  const auto& [voters, learners] = configuration;
  if (voters.size() + learners.size() > kMembersMax) return "too many members";
  if (voters.empty() && !learners.empty()) return "learners without a voter";
  if (!strictly_ascending(voters) || !strictly_ascending(learners)) return "members out of order";
  if (configuration.is_member(kNobody)) return "node 0 cannot be a member";
  for (const NodeId node : voters) {
    if (configuration.is_learner(node)) return "a voter is a learner, too";
  }
  return {};
}

void encode(const Configuration& configuration, std::string& out) {
  put_nodes(configuration.voters, out);
  put_nodes(configuration.learners, out);
}

Result<Configuration> decode_configuration(std::string_view bytes) {
  base::ByteReader in(bytes);
  Configuration configuration;
  configuration.voters = read_nodes(in);
  configuration.learners = read_nodes(in);
  std::string_view fault = "wrong length";
  if (!in.failed() && in.remaining() == 0) fault = find_fault(configuration);
  if (fault.empty()) return configuration;
  return Error{ErrorCode::kCorruption, "raft configuration: " + std::string(fault)};
}

std::uint64_t reached_by_majority(std::span<std::uint64_t> values) {
  LYNXDB_CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end(), std::greater<>());
  return *middle;
}

ConfigurationHistory::ConfigurationHistory(Index index, Configuration configuration) {
  items_.push_back({index, std::move(configuration)});
}

const Configuration& ConfigurationHistory::at(Index index) const {
  LYNXDB_CHECK(items_.front().index <= index);
  auto item = items_.rbegin();
  while (item->index > index) ++item;
  return item->configuration;
}

std::size_t ConfigurationHistory::count_above(Index commit) const {
  std::size_t count = 0;
  for (const Item& item : items_) count += item.index > commit ? 1U : 0U;
  return count;
}

void ConfigurationHistory::append(Index index, Configuration configuration) {
  LYNXDB_CHECK(index > newest_index());
  items_.push_back({index, std::move(configuration)});
}

bool ConfigurationHistory::truncate_from(Index index) {
  const std::size_t before = items_.size();
  while (items_.back().index >= index) {
    items_.pop_back();
    LYNXDB_CHECK(!items_.empty());  // A snapshot's own is committed.
  }
  return items_.size() != before;
}

void ConfigurationHistory::forget_before(Index index) {
  while (items_.size() > 1 && items_[1].index <= index) items_.erase(items_.begin());
}

}  // namespace lynxdb::raft
