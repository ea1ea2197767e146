#include "storage/compaction/compaction_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "storage/time_bucket.h"

namespace lynxdb::storage {
namespace {

// What one merge may hold open: it keeps a row group of each segment that overlaps in time.
constexpr std::size_t kInputsMax = 16;
// Late events are still likely in the bucket before the current one.
constexpr std::int64_t kBucketsUntilCold = 2;

// The segments of one index and time bucket.
struct Group {
  std::array<std::vector<metadata::SegmentPtr>, metadata::kSegmentLevels> levels;
};

using GroupKey = std::pair<std::string, std::int64_t>;

// The oldest segments that together make about `bytes_max`; at least two, if there are two.
std::vector<metadata::SegmentPtr> oldest(const std::vector<metadata::SegmentPtr>& segments,
                                         std::uint64_t bytes_max) {
  std::vector<metadata::SegmentPtr> chosen;
  std::uint64_t bytes = 0;
  for (const auto& segment : segments) {
    const bool enough = chosen.size() >= 2 && bytes + segment->size_bytes > bytes_max;
    if (enough || chosen.size() == kInputsMax) break;
    bytes += segment->size_bytes;
    chosen.push_back(segment);
  }
  return chosen;
}

class Planner {
 public:
  Planner(const CompactionOptions& options, TimeBucket bucket, std::int64_t now_ns)
      : options_(options), bucket_(bucket), current_(bucket_of(now_ns, bucket)) {}

  std::optional<CompactionJob> plan(const Group& group, std::int64_t number) const {
    const auto& [l0, l1, l2] = group.levels;
    std::optional<CompactionJob> job;
    if (l0.size() >= std::max<std::size_t>(options_.l0_threshold, 2)) {
      job = CompactionJob{oldest(l0, options_.l2_target_bytes), 1, ""};
    } else if (l1.size() >= std::max<std::size_t>(options_.l1_threshold, 2)) {
      job = CompactionJob{oldest(with_last_small(l2, l1), options_.l2_target_bytes), 2, ""};
    } else if (number + kBucketsUntilCold <= current_) {
      job = plan_cold(group);
    }
    if (job) job->bucket = bucket_name(number, bucket_);
    return job;
  }

 private:
  // `upper`, and before it the last segment of `lower` if that can still grow.
  std::vector<metadata::SegmentPtr> with_last_small(
      const std::vector<metadata::SegmentPtr>& lower,
      const std::vector<metadata::SegmentPtr>& upper) const {
    std::vector<metadata::SegmentPtr> segments;
    if (!lower.empty() && lower.back()->size_bytes <= options_.l2_target_bytes / 2) {
      segments.push_back(lower.back());
    }
    segments.insert(segments.end(), upper.begin(), upper.end());
    return segments;
  }

  // Nothing more will come: what is left on all levels becomes one L2 segment, if it is small
  // enough to be worth it.
  std::optional<CompactionJob> plan_cold(const Group& group) const {
    const auto& [l0, l1, l2] = group.levels;
    if (l0.empty() && l1.empty()) return std::nullopt;
    std::vector<metadata::SegmentPtr> segments = with_last_small(l2, l1);
    segments.insert(segments.end(), l0.begin(), l0.end());
    if (segments.size() < 2) return std::nullopt;
    return CompactionJob{oldest(segments, options_.l2_target_bytes), 2, ""};
  }

  const CompactionOptions& options_;
  const TimeBucket bucket_;
  const std::int64_t current_;
};

}  // namespace

std::vector<CompactionJob> plan_compaction(const metadata::State& state,
                                           const CompactionOptions& options, TimeBucket bucket,
                                           std::int64_t now_ns) {
  std::map<GroupKey, Group> groups;
  // By id: in the order in which they were committed, which within a level is that of their events.
  for (const auto& [id, segment] : state.segments) {
    Group& group = groups[{segment->index, bucket_of(segment->time_max_ns, bucket)}];
    group.levels[segment->level].push_back(segment);
  }
  const Planner planner(options, bucket, now_ns);
  std::vector<CompactionJob> jobs;
  for (const auto& [key, group] : groups) {
    if (auto job = planner.plan(group, key.second)) jobs.push_back(*std::move(job));
  }
  return jobs;
}

}  // namespace lynxdb::storage
