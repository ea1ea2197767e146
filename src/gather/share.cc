#include "gather/share.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include "base/hash.h"

namespace lynxdb::gather {
namespace {

using metadata::NodeId;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kFramesAhead = 4;
constexpr std::size_t kAheadBytes = std::size_t{4} << 20U;
constexpr milliseconds kLookPause{20};
// Of a share of a query without a limit of time.
constexpr std::chrono::hours kLongestShare{24};

bool may_hold(const metadata::SegmentEntry& segment, const ScanTask& task) {
  if (!std::ranges::binary_search(task.indexes, segment.index)) return false;
  const std::int64_t from =
      std::max(task.request.from_ns, task.picture->local().visible_from_ns(segment.index));
  return segment.time_max_ns >= from && segment.time_min_ns < task.request.to_ns;
}

// Rows that come one by one are worth the way only where most of them stay behind.
bool may_spread(const query::ScanRequest& request) {
  if (!request.shard_text.empty()) return true;
  const bool picks = !request.filters.empty() || !request.raw_contains.empty();
  return picks && !request.filter_text.empty() && request.rows_wanted == 0;
}

std::uint64_t affinity(metadata::SegmentId segment, std::string_view node) {
  return base::mix64(segment.value() * 0x9e3779b97f4a7c15ULL ^ base::xxh3(node));
}

// Nodes that read segments for queries; this one always does.
std::vector<const metadata::NodeEntry*> scanners(const Picture& picture) {
  std::vector<const metadata::NodeEntry*> nodes;
  for (const auto& [id, node] : picture.state().nodes) {
    const bool is_own = node.name == picture.options().own_name;
    if (is_own || (!node.fenced && node.has(metadata::Role::kQuery))) nodes.push_back(&node);
  }
  return nodes;
}

// To each node the segments that its cache is likely to have, but none gets far more than the
// others: rendezvous hashing with a bound.
std::vector<std::vector<metadata::SegmentPtr>> spread_out(
    std::vector<metadata::SegmentPtr> segments, std::uint64_t rows,
    const std::vector<const metadata::NodeEntry*>& nodes) {
  std::ranges::sort(segments, [](const auto& a, const auto& b) {
    return a->rows != b->rows ? a->rows > b->rows : a->id < b->id;
  });
  const std::uint64_t bound = rows / nodes.size() + rows / nodes.size() / 4;
  std::vector<std::vector<metadata::SegmentPtr>> spread(nodes.size());
  std::vector<std::uint64_t> load(nodes.size(), 0);
  std::vector<std::size_t> order(nodes.size());
  for (metadata::SegmentPtr& segment : segments) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, std::greater<>(),
                      [&](std::size_t i) { return affinity(segment->id, nodes[i]->name); });
    const auto fits = std::ranges::find_if(
        order, [&](std::size_t i) { return load[i] == 0 || load[i] + segment->rows <= bound; });
    const std::size_t to = fits == order.end() ? order.front() : *fits;
    load[to] += segment->rows;
    spread[to].push_back(std::move(segment));
  }
  return spread;
}

bool overlaps(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::any_of(
      a, [&](const std::string& name) { return std::ranges::binary_search(b, name); });
}

ShareRequest request_of(const ScanTask& task, const Share& share) {
  return {.now_ns = task.execution.now_ns,
          .scan = task.request,
          .indexes = task.indexes,
          .border = task.picture->local().border(),
          .segments = share.segments,
          .memory_bytes = task.execution.memory.limit_bytes()};
}

}  // namespace

SharePlan plan_shares(const ScanTask& task) {
  const Picture& picture = *task.picture;
  std::map<NodeId, Share> shares;
  for (const cluster::LeaderTail& tail : picture.remote()) {
    if (!overlaps(tail.hold.indexes, task.indexes)) continue;
    shares[tail.node] = {.node = tail.node,
                         .segments = {},
                         .hold = tail.hold.id,
                         .parts = tail.hold.parts,
                         .tail_rows = tail.hold.rows};
  }
  SharePlan plan;
  std::vector<metadata::SegmentPtr> wanted;
  std::uint64_t rows = 0;
  for (const auto& [id, segment] : picture.state().segments) {
    if (!may_hold(*segment, task)) continue;
    wanted.push_back(segment);
    rows += segment->rows;
  }
  const auto nodes = scanners(picture);
  plan.spread = wanted.size() > 1 && nodes.size() > 1 &&
                rows >= picture.options().spread_rows_min && may_spread(task.request);
  if (plan.spread) {
    std::vector<std::vector<metadata::SegmentPtr>> spread =
        spread_out(std::move(wanted), rows, nodes);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i]->name == picture.options().own_name) {
        plan.own = std::move(spread[i]);
      } else if (!spread[i].empty()) {
        shares[nodes[i]->id].node = nodes[i]->id;
        shares[nodes[i]->id].segments = std::move(spread[i]);
      }
    }
  }
  for (auto& [node, share] : shares) plan.others.push_back(std::move(share));
  return plan;
}

// --- The answer ----------------------------------------------------------------------------------

ShareAnswer::ShareAnswer(const ScanTask& task, const Share& share)
    : task_(task), node_(task.picture->name_of(share.node)) {
  work_ = {.shares = 1, .segments = share.segments.size(), .tail_rows = share.tail_rows};
  const auto deadline =
      std::min(task.execution.cancellation.deadline(), Steady::now() + kLongestShare);
  stream_ = task.picture->nodes().run_share(share.node, share.hold, encode(request_of(task, share)),
                                            deadline);
  thread_ = std::thread([this] { fetch(); });
}

ShareAnswer::~ShareAnswer() {
  {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
  }
  stream_->cancel();
  changed_.notify_all();
  thread_.join();
  task_.execution.memory.release(bytes_);
  task_.picture->worked(node_, work_);
}

void ShareAnswer::fetch() {
  while (put(stream_->next())) {
  }
}

// False: that was the last, or nobody wants more.
bool ShareAnswer::put(Result<std::optional<std::string>> frame) {
  const base::MutexLock lock(mutex_);
  const bool more = frame && *frame;
  if (!frame) failure_ = frame.error();
  if (frame && !*frame) ended_ = true;
  if (more) {
    const std::size_t size = (*frame)->size();
    while (!stopped_ && !make_room(size)) {
      // With nothing waiting here nobody else will make room for it.
      if (frames_.empty()) {
        failure_ = Error{ErrorCode::kOutOfBudget,
                         "the query's memory has no room for events of other nodes",
                         "narrow the query, or raise query.max_query_memory"};
        break;
      }
      changed_.wait(mutex_);
    }
    if (!stopped_ && !failure_) {
      bytes_ += size;
      frames_.push_back(*std::move(*frame));
    }
  }
  changed_.notify_all();
  return more && !stopped_ && !failure_;
}

bool ShareAnswer::make_room(std::size_t size) {
  return frames_.size() < kFramesAhead && (frames_.empty() || bytes_ + size <= kAheadBytes) &&
         task_.execution.memory.try_reserve(size);
}

Result<std::optional<std::string>> ShareAnswer::next() {
  while (true) {
    TRY(task_.execution.cancellation.check());
    std::string bytes;
    {
      const base::MutexLock lock(mutex_);
      if (frames_.empty() && !failure_ && !ended_)
        (void)changed_.wait_until(mutex_, Steady::now() + kLookPause);
      if (frames_.empty()) {
        if (failure_) {
          ++work_.failures;
          return *failure_;
        }
        if (!ended_) continue;
        if (!completed_)
          return Error{ErrorCode::kUnavailable, node_ + ": its answer ended too early"};
        return std::optional<std::string>();
      }
      bytes = std::move(frames_.front());
      frames_.pop_front();
      bytes_ -= bytes.size();
      task_.execution.memory.release(bytes.size());
    }
    changed_.notify_all();
    work_.bytes_received += bytes.size();
    const Frame frame = TRY(decode_frame(bytes));
    if (frame.kind != FrameKind::kEnd) return std::optional(std::move(bytes));
    report(TRY(decode_share_report(frame.payload)));
  }
}

void ShareAnswer::report(const ShareReport& report) {
  completed_ = true;
  work_.rows_read = report.rows_read;
  scan::ScanCounters& counters = task_.picture->counters();
  counters.rows_read += report.rows_read;
  counters.bytes_read += report.bytes_read;
  counters.segments_total += work_.segments;
  for (std::size_t i = 0; i < scan::kSkips; ++i) {
    counters.segments_skipped[i] += report.segments_skipped[i];
    counters.row_groups_skipped[i] += report.row_groups_skipped[i];
  }
  for (const std::string& hint : report.hints) task_.execution.hints.add(hint);
}

// --- Lost nodes ----------------------------------------------------------------------------------

bool is_lost(const query::Execution& execution, const Error& error) {
  // What the query itself met would be met again.
  return execution.cancellation.check() && error.code != ErrorCode::kOutOfBudget &&
         error.code != ErrorCode::kInvalidArgument;
}

Result<std::vector<cluster::LeaderTail>> hold_again(const ScanTask& task, const Share& lost,
                                                    const Error& why) {
  std::vector<cluster::HeldPart> parts;
  for (const cluster::HeldPart& part : lost.parts)
    if (part.offsets.size() > 0) parts.push_back(part);
  if (parts.empty()) return std::vector<cluster::LeaderTail>();
  Picture& picture = *task.picture;
  const auto deadline = std::min(task.execution.cancellation.deadline(),
                                 Steady::now() + picture.options().lost_leader_timeout);
  auto tails = picture.nodes().hold_again(picture.state().version, parts, deadline);
  TRY(task.execution.cancellation.check());
  if (tails) return tails;
  if (!picture.options().partial) {
    return Error{ErrorCode::kUnavailable,
                 tails.error().message + " (" + picture.name_of(lost.node) +
                     " was lost: " + why.message + ")",
                 "retry"};
  }
  picture.missed(parts, tails.error().message);
  return std::vector<cluster::LeaderTail>();
}

}  // namespace lynxdb::gather
