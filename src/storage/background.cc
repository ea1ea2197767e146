// What the store does by itself: stage when it is time, upload what is staged, maintain at
// intervals.
#include <algorithm>
#include <limits>
#include <random>

#include "event/time/civil.h"
#include "storage/store_impl.h"

namespace lynxdb::storage {
namespace {

constexpr std::chrono::milliseconds kFlushCheck{100};
constexpr std::chrono::milliseconds kRetryMin{1'000};
constexpr std::chrono::milliseconds kRetryMax{30'000};
// Even where events never stop coming, and never come fast enough to fill a memtable, they are
// flushed after this many idle time-outs.
constexpr int kOldestInIdleTimeouts = 10;
// Where segments are not merged, what has expired and what nobody reads goes nevertheless.
constexpr std::chrono::milliseconds kCleaning{30'000};
// How old the object store's copy of the manifest may be; older when it is so large that putting it
// would take more than this much of the network.
constexpr std::chrono::milliseconds kManifestCheck{2'000};
constexpr std::uint64_t kManifestBytesPerMs = 4'000;

}  // namespace

void StoreImpl::run_flushes() {
  std::chrono::milliseconds retry = kRetryMin;
  while (pause(kFlushCheck)) {
    if (!should_flush()) continue;
    if (stage_now()) {
      retry = kRetryMin;
      continue;
    }
    if (!pause(retry)) return;
    retry = std::min(2 * retry, kRetryMax);
  }
}

void StoreImpl::run_uploads() {
  std::minstd_rand random{std::random_device{}()};
  std::chrono::milliseconds retry = kRetryMin;
  while (pause(kFlushCheck)) {
    if (uploader_.upload_staged()) {
      retry = kRetryMin;
      continue;
    }
    // Nodes that lost the same store do not come back to it in step.
    std::uniform_int_distribution<std::int64_t> wait(retry.count() / 2, retry.count());
    if (!pause(std::chrono::milliseconds(wait(random)))) return;
    retry = std::min(2 * retry, kRetryMax);
  }
}

bool StoreImpl::should_flush() {
  if (is_replicated() && tail_.staged_size().flushes > 0) return false;  // One at a time.
  const TailSize size = tail_.size();
  if (size.events == 0) {
    last_flush_ = now_ns();
    return false;
  }
  // Memory that only other nodes can free is no reason to flush crumbs.
  constexpr std::size_t kLedPartMin = 8;
  const bool is_worth_it = size.led_bytes >= size.bytes / kLedPartMin;
  if (size.bytes >= options_.flush.begin_bytes() && is_worth_it) return true;
  if (options_.flush.idle_timeout.count() == 0) return false;
  const std::chrono::nanoseconds now(now_ns());
  const std::chrono::nanoseconds idle = now - std::chrono::nanoseconds(last_append_.load());
  const std::chrono::nanoseconds age = now - std::chrono::nanoseconds(last_flush_.load());
  return idle >= options_.flush.idle_timeout ||
         age >= kOldestInIdleTimeouts * options_.flush.idle_timeout;
}

void StoreImpl::run_maintenance() {
  const bool merges = options_.compaction.interval.count() > 0;
  while (pause(merges ? options_.compaction.interval : kCleaning)) {
    // It logs what goes wrong, and the next round tries again.
    (void)maintain(merges, Compactor::Retry::kWhenTimeHasPassed).has_value();
  }
}

void StoreImpl::run_manifest() {
  std::string noted;
  const auto wait = [&] {
    const std::chrono::milliseconds cost(manifest_.written_bytes() / kManifestBytesPerMs);
    return std::max(kManifestCheck, cost);
  };
  while (pause(wait())) {
    if (options_.keeps_house && !options_.keeps_house()) {
      manifest_.leave_to_others();
      continue;
    }
    const auto updated = manifest_.update();
    const std::string problem = updated ? "" : updated.error().message;
    if (!problem.empty() && problem != noted && updated.error().code != ErrorCode::kCancelled)
      options_.log(Severity::kError, "the object store's copy of the manifest: " + problem);
    noted = problem;
  }
}

Result<> StoreImpl::maintain_now() { return maintain(true, Compactor::Retry::kAll); }

Result<> StoreImpl::maintain(bool merges, Compactor::Retry retry) {
  const base::MutexLock lock(maintenance_mutex_);
  if (options_.keeps_house && !options_.keeps_house()) return {};
  // Each is worth doing when the one before fails.
  auto compacted = merges ? compactor_.run(retry) : Result<>();
  auto dropped = drop_expired();
  // What is deleted must not be named by the manifest that a rebuild would find, nor by a change
  // whose outcome is unknown because the metadata's log broke: it may be there after a restart.
  auto mirrored = metadata_.health();
  if (mirrored) mirrored = manifest_.update();
  auto collected = mirrored ? garbage_.collect() : Result<>();
  auto orphans = mirrored ? garbage_.collect_orphans() : Result<>();
  for (auto* done : {&dropped, &mirrored, &collected, &orphans}) {
    if (!*done) options_.log(Severity::kError, "maintenance: " + done->error().message);
  }
  TRY(std::move(compacted));
  TRY(std::move(dropped));
  TRY(std::move(mirrored));
  TRY(std::move(collected));
  return orphans;
}

Result<> StoreImpl::drop_expired() {
  const RetentionBorder border = retention_border();
  metadata::DropSegments command;
  std::vector<std::string> keys;
  const metadata::StatePtr state = metadata_.state();
  for (const auto& [id, segment] : state->segments) {
    if (segment->time_max_ns >= border.visible_from_ns(segment->index)) continue;
    command.removed.push_back(id);
    keys.push_back(segment->object_key);
  }
  if (keys.empty()) return {};
  const metadata::StatePtr after = TRY(metadata_.propose(command));
  counters_.dropped_segments += keys.size();
  garbage_.add(after->version, std::move(keys));
  return {};
}

bool StoreImpl::pause(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!stopped_ && wake_.wait_until(mutex_, until)) {
  }
  return !stopped_;
}

RetentionBorder StoreImpl::retention_border() const {
  const base::MutexLock lock(mutex_);
  const std::int64_t now = options_.clock->wall_ns();
  const auto border = [&](std::chrono::seconds age) {
    // 0 is for ever, and so is what began before 1970.
    const bool limited = age.count() > 0 && age.count() < now / event::kNsPerSecond;
    if (!limited) return std::numeric_limits<std::int64_t>::min();
    return now - std::chrono::nanoseconds(age).count();
  };
  RetentionBorder result{border(retention_.all), {}};
  for (const auto& [index, age] : retention_.by_index) result.by_index[index] = border(age);
  return result;
}

}  // namespace lynxdb::storage
