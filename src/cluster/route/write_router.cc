#include "cluster/route/write_router.h"

#include <algorithm>
#include <latch>
#include <map>
#include <memory>
#include <utility>

namespace lynxdb::cluster {
namespace {

using std::chrono::milliseconds;

// Between two attempts: as long as it takes to elect somebody, at first less.
constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{200};
// A node that is silent must not keep a request from its next leader until the end.
constexpr milliseconds kAttemptMax{5000};

bool may_come_right(const Result<storage::Appended>& outcome) {
  return !outcome && (outcome.error().code == ErrorCode::kUnavailable ||
                      outcome.error().code == ErrorCode::kTimeout);
}

}  // namespace

// One request on its way: the parts that have no final outcome yet.
struct WriteRouter::Journey {
  std::vector<storage::AppendRequest> parts;
  AppendOutcomes outcomes;
  std::vector<std::size_t> open;  // Of `parts`.
  Deadline deadline;
  Done done;
};

WriteRouter::WriteRouter(ClusterMetadata& metadata, DataCalls& calls, DataHandlers& local,
                         WriteRouterOptions options)
    : metadata_(metadata),
      calls_(calls),
      local_(local),
      options_(std::move(options)),
      sending_(2 * options_.threads),
      requests_(options_.threads, options_.waiting_max + options_.threads) {}

void WriteRouter::append(std::vector<storage::AppendRequest> parts, Done done) {
  const std::size_t count = parts.size();
  if (under_way_.fetch_add(1) >= options_.waiting_max + options_.threads) {
    --under_way_;
    return done(AppendOutcomes(
        count, Error{ErrorCode::kOverloaded, "too many requests wait for their partitions' leaders",
                     "retry later"}));
  }
  auto journey = std::make_shared<Journey>();
  journey->parts = std::move(parts);
  journey->outcomes.assign(count,
                           Error{ErrorCode::kUnavailable, "no node leads the events' partition",
                                 "retry with the same batch id"});
  for (std::size_t i = 0; i < count; ++i) journey->open.push_back(i);
  journey->deadline = std::chrono::steady_clock::now() + options_.timeout;
  journey->done = std::move(done);
  requests_.submit([this, journey] {
    travel(*journey);
    --under_way_;
    journey->done(std::move(journey->outcomes));
  });
}

void WriteRouter::travel(Journey& journey) {
  milliseconds pause = kFirstPause;
  while (true) {
    const metadata::Version version = metadata_.state()->version;
    const auto now = std::chrono::steady_clock::now();
    send(journey, std::min(journey.deadline, now + kAttemptMax));
    std::erase_if(journey.open,
                  [&](std::size_t i) { return !may_come_right(journey.outcomes[i]); });
    if (journey.open.empty() || stopping_) return;
    if (const auto why = options_.hopeless()) {
      for (const std::size_t i : journey.open) journey.outcomes[i] = *why;
      return;
    }
    const auto left = journey.deadline - std::chrono::steady_clock::now();
    if (left <= pause) return;
    // Another leader is news, and worth trying at once.
    (void)metadata_.wait_beyond(version, pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

// All open parts, to all their leaders at the same time.
void WriteRouter::send(Journey& journey, Deadline deadline) {
  const metadata::StatePtr state = metadata_.state();
  std::map<metadata::NodeId, std::vector<std::size_t>> by_leader;
  for (const std::size_t i : journey.open) {
    const auto partition = state->partitions.find(journey.parts[i].partition);
    if (partition == state->partitions.end() || !partition->second.copies.leader) continue;
    by_leader[*partition->second.copies.leader].push_back(i);
  }
  std::latch answered(static_cast<std::ptrdiff_t>(by_leader.size()));
  const auto send_to = [&](metadata::NodeId leader, const std::vector<std::size_t>& open) {
    std::vector<storage::AppendRequest> parts;
    for (const std::size_t i : open) parts.push_back(journey.parts[i]);
    const auto node = state->nodes.find(leader);
    const bool is_own = node != state->nodes.end() && node->second.name == options_.own_name;
    AppendOutcomes outcomes =
        is_own ? local_.append(std::move(parts), deadline) : calls_.append(leader, parts, deadline);
    for (std::size_t k = 0; k < open.size(); ++k)
      journey.outcomes[open[k]] = std::move(outcomes[k]);
    answered.count_down();
  };
  const auto last = by_leader.empty() ? by_leader.end() : std::prev(by_leader.end());
  for (auto leader = by_leader.begin(); leader != last; ++leader)
    sending_.submit([&send_to, leader] { send_to(leader->first, leader->second); });
  if (last != by_leader.end()) send_to(last->first, last->second);
  answered.wait();
}

}  // namespace lynxdb::cluster
