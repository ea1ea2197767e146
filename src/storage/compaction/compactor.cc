#include "storage/compaction/compactor.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/mutex.h"
#include "storage/compaction/segment_merge.h"
#include "storage/object_source.h"

namespace lynxdb::storage {
namespace {

std::vector<metadata::SegmentPart> joined_parts(const CompactionJob& job) {
  std::map<metadata::PartitionId, metadata::SegmentPart> parts;
  for (const auto& input : job.inputs) {
    for (const metadata::SegmentPart& part : input->parts) {
      const auto [joined, is_new] = parts.try_emplace(part.partition, part);
      if (is_new) continue;
      metadata::OffsetRange& offsets = joined->second.offsets;
      offsets = {std::min(offsets.begin, part.offsets.begin),
                 std::max(offsets.end, part.offsets.end)};
      joined->second.rows += part.rows;
    }
  }
  std::vector<metadata::SegmentPart> list;
  for (const auto& [partition, part] : parts) list.push_back(part);
  return list;
}

Error stopped() { return Error{ErrorCode::kCancelled, "the store is stopping"}; }

// A merge on its way into a new segment.
class MergedSegment final : public MergeSink {
 public:
  // `wait`: for the time of so many rows; false when the store stops.
  MergedSegment(const CompactionJob& job, SegmentBuilder& builder,
                std::span<const std::shared_ptr<segment::ByteSource>> sources,
                std::span<const std::shared_ptr<const segment::SegmentReader>> readers,
                std::function<bool(std::uint64_t rows)> wait)
      : job_(job),
        builder_(builder),
        sources_(sources),
        readers_(readers),
        wait_(std::move(wait)) {}

  Result<> add(const event::EventBatch& batch) override {
    if (!wait_(batch.rows())) return stopped();
    return builder_.add(batch);
  }
  Result<> cut() override { return builder_.writer().cut(); }
  Result<> copy(std::size_t input, std::size_t row_group) override {
    const segment::Footer& footer = readers_[input]->footer();
    if (!wait_(footer.row_groups[row_group].rows)) return stopped();
    auto copied = builder_.writer().copy_row_group(*sources_[input], footer, row_group);
    if (!copied) return in_input(input, std::move(copied).error());
    return {};
  }
  Error in_input(std::size_t input, Error error) const override {
    return segment_error(std::move(error), job_.inputs[input]->object_key);
  }

 private:
  const CompactionJob& job_;
  SegmentBuilder& builder_;
  const std::span<const std::shared_ptr<segment::ByteSource>> sources_;
  const std::span<const std::shared_ptr<const segment::SegmentReader>> readers_;
  const std::function<bool(std::uint64_t)> wait_;
};

}  // namespace

Result<> Compactor::run(Retry retry) {
  const auto jobs =
      plan_compaction(*metadata_.state(), context_.options.compaction,
                      context_.options.flush.bucket, context_.options.clock->wall_ns());
  forget_others(jobs);
  std::atomic<std::size_t> next{0};
  base::Mutex mutex;
  std::optional<Error> first_error;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size() && !rate_.stopped(); i = next++) {
      if (retry == Retry::kWhenTimeHasPassed && must_wait(jobs[i])) continue;
      auto done = compact(jobs[i]);
      note(jobs[i], done);
      if (done || done.error().code == ErrorCode::kCancelled) continue;
      ++failures_;
      context_.options.log(Severity::kError, "compaction: " + done.error().message);
      const base::MutexLock lock(mutex);
      if (!first_error) first_error = std::move(done).error();
    }
  };
  std::vector<std::thread> workers;
  const std::size_t wanted = std::max<std::size_t>(context_.options.compaction.workers, 1);
  for (std::size_t i = 1; i < std::min(wanted, jobs.size()); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (first_error) return *std::move(first_error);
  return {};
}

Compactor::JobKey Compactor::key_of(const CompactionJob& job) {
  JobKey key;
  for (const auto& input : job.inputs) key.push_back(input->id);
  return key;
}

// What is not planned any more (retention, a segment that was dropped) keeps nobody waiting.
void Compactor::forget_others(const std::vector<CompactionJob>& jobs) {
  std::set<JobKey> planned;
  for (const CompactionJob& job : jobs) planned.insert(key_of(job));
  const base::MutexLock lock(mutex_);
  std::erase_if(failed_, [&](const auto& failed) { return !planned.contains(failed.first); });
}

bool Compactor::must_wait(const CompactionJob& job) const {
  const base::MutexLock lock(mutex_);
  const auto failed = failed_.find(key_of(job));
  return failed != failed_.end() && context_.options.clock->monotonic() < failed->second.retry_at;
}

// Only damage stays: what else fails may work at the next tick.
void Compactor::note(const CompactionJob& job, const Result<>& done) {
  constexpr std::chrono::seconds kPauseMin{60};
  constexpr std::chrono::seconds kPauseMax{3600};
  const base::MutexLock lock(mutex_);
  if (done || done.error().code != ErrorCode::kCorruption) {
    failed_.erase(key_of(job));
    return;
  }
  Failed& failed = failed_[key_of(job)];
  failed.error = done.error();
  failed.pause = std::clamp(2 * failed.pause, kPauseMin, kPauseMax);
  failed.retry_at = context_.options.clock->monotonic() + failed.pause;
}

std::optional<Error> Compactor::problem() const {
  const base::MutexLock lock(mutex_);
  if (failed_.empty()) return std::nullopt;
  return failed_.begin()->second.error;
}

Result<> Compactor::compact(const CompactionJob& job) {
  UploadedSegment merged = TRY(merge(job));
  metadata::ReplaceSegments command;
  std::vector<std::string> keys;
  for (const auto& input : job.inputs) {
    command.removed.push_back(input->id);
    keys.push_back(input->object_key);
  }
  command.added.push_back(std::move(merged.entry));
  const metadata::StatePtr state = TRY(metadata_.propose(command));
  context_.options.log(Severity::kInfo,
                       fmt::format("merged {} segments of {} into one of level {}", keys.size(),
                                   job.inputs.front()->index, job.level));
  garbage_.add(state->version, std::move(keys));
  ++compactions_;
  return {};
}

Result<UploadedSegment> Compactor::merge(const CompactionJob& job) {
  std::vector<std::shared_ptr<segment::ByteSource>> sources;
  std::vector<std::shared_ptr<const segment::SegmentReader>> readers;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t raw_bytes = 0;
  for (const auto& input : job.inputs) {
    sources.push_back(object_source(context_.objects, *input));
    auto reader = segment::SegmentReader::open(sources.back());
    if (!reader) return segment_error(std::move(reader).error(), input->object_key);
    raw_bytes += (*reader)->footer().raw_bytes;
    readers.push_back(*std::move(reader));
    bytes += input->size_bytes;
    rows += input->rows;
  }
  const auto builder = TRY(SegmentBuilder::create(
      context_, {job.inputs.front()->index, job.bucket, job.level, joined_parts(job), raw_bytes}));
  MergedSegment sink(job, *builder, sources, readers,
                     [&](std::uint64_t some) { return rate_.wait(bytes * some / rows); });
  TRY(merge_segments(readers, context_.options.flush.row_group_rows, sink));
  UploadedSegment merged = TRY(builder->upload());
  if (merged.entry.rows != rows) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("merged {} events of {}", merged.entry.rows, rows)};
  }
  return merged;
}

}  // namespace lynxdb::storage
