#include "instance/store_monitor.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace lynxdb::instance {
namespace {

using server::IndexStatus;

void widen(IndexStatus& status, std::int64_t first_ns, std::int64_t last_ns) {
  status.first_ns = std::min(status.first_ns.value_or(first_ns), first_ns);
  status.last_ns = std::max(status.last_ns.value_or(last_ns), last_ns);
}

using Indexes = std::map<std::string, IndexStatus, std::less<>>;

IndexStatus& of(Indexes& indexes, std::string_view name) {
  const auto found = indexes.find(name);
  if (found != indexes.end()) return found->second;
  IndexStatus& status = indexes[std::string(name)];
  status.name = name;
  return status;
}

// Rows of one index mostly come one after the other: it is looked up once for each run of them.
void add_tail(const storage::TailBatch& tail, Indexes& indexes) {
  const event::ColumnPtr* names = tail.batch->find(event::kIndex);
  IndexStatus* last = nullptr;
  for (std::size_t row = 0; row < tail.batch->rows(); ++row) {
    const event::ValueView value = names == nullptr ? event::ValueView() : (*names)->view(row);
    const std::string_view name = value.type() == event::Type::kString ? value.as_string() : "main";
    if (last == nullptr || last->name != name) {
      last = &of(indexes, name);
      widen(*last, tail.time_min_ns, tail.time_max_ns);
    }
    ++last->events;
  }
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

void write_object_store(server::MetricsText& out, const io::ObjectStoreStats& stats) {
  out.counter("s3_requests_total", "Requests to the object store, repeated ones too.",
              stats.requests)
      .counter("s3_retries_total", "Requests that were repeated.", stats.retries)
      .counter("s3_errors_total", "Operations that failed in the end.", stats.errors)
      .counter("s3_sent_bytes_total", "Bytes of objects sent.", stats.bytes_sent)
      .counter("s3_received_bytes_total", "Bytes of objects received.", stats.bytes_received);
}

// Counted in blocks of io::RangeCache::kBlockBytes.
void write_cache(server::MetricsText& out, const io::RangeCacheStats& stats) {
  out.family("cache_hits_total", "counter", "Blocks of objects that were cached.");
  out.sample(stats.memory_hits, {{"tier", "memory"}});
  out.sample(stats.disk_hits, {{"tier", "disk"}});
  out.counter("cache_misses_total", "Blocks that had to be fetched.", stats.misses);
  out.counter("cache_damaged_total", "Cached blocks that were not what had been written.",
              stats.damaged);
  out.family("cache_bytes", "gauge", "Bytes of cached blocks.");
  out.sample(stats.memory_bytes, {{"tier", "memory"}});
  out.sample(stats.disk_bytes, {{"tier", "disk"}});
}

}  // namespace

server::StoreStatus StoreMonitor::status() const {
  const Retention retention = this->retention();
  const storage::StoreStats stats = store_.stats();
  const storage::ReadView view = store_.read_view();
  server::StoreStatus status{.wal_bytes = stats.wal_bytes,
                             .segments = view.state().segments.size(),
                             .pending_uploads = {.segments = stats.staged_segments,
                                                 .bytes = stats.staged_bytes,
                                                 .oldest_seconds = seconds(stats.staged_oldest),
                                                 .problem = stats.upload_problem},
                             .retention = retention.all,
                             .indexes = {}};
  Indexes indexes;
  const auto add = [&](const metadata::SegmentEntry& segment) {
    IndexStatus& index = of(indexes, segment.index);
    index.events += segment.rows;
    index.storage_bytes += segment.size_bytes;
    widen(index, segment.time_min_ns, segment.time_max_ns);
    status.events += segment.rows;
    status.storage_bytes += segment.size_bytes;
  };
  for (const auto& [id, segment] : view.state().segments) add(*segment);
  for (const storage::StagedSegmentPtr& staged : view.staged()) add(staged->entry());
  for (const storage::TailBatchPtr& tail : view.tail()) {
    add_tail(*tail, indexes);
    status.memtable_events += tail->batch->rows();
  }
  status.events += status.memtable_events;
  for (auto& [name, index] : indexes) {
    if (const auto own = retention.by_index.find(name); own != retention.by_index.end())
      index.retention = own->second;
    status.indexes.push_back(std::move(index));
  }
  if (sources_.disk) {
    if (const Result<io::DiskSpace> disk = sources_.disk()) {
      status.disk_total_bytes = disk->total_bytes;
      status.disk_used_bytes = disk->total_bytes - disk->free_bytes;
    }
  }
  return status;
}

server::Health StoreMonitor::health() const {
  using server::HealthState;
  if (const auto takes = store_.takes_events(); !takes) {
    const bool may_retry = takes.error().code == ErrorCode::kOverloaded;
    return {may_retry ? HealthState::kDegraded : HealthState::kUnhealthy, takes.error().message};
  }
  const storage::StoreStats stats = store_.stats();
  if (!stats.flush_problem.empty())
    return {HealthState::kDegraded, "flushes fail: " + stats.flush_problem};
  if (!stats.compaction_problem.empty())
    return {HealthState::kDegraded, "segments cannot be merged: " + stats.compaction_problem};
  if (!stats.upload_problem.empty())
    return {HealthState::kDegraded, "uploads fail: " + stats.upload_problem};
  return {};
}

void StoreMonitor::write_metrics(server::MetricsText& out) const {
  const storage::StoreStats stats = store_.stats();
  out.counter("store_appended_batches_total", "Batches written to the log.", stats.appended_batches)
      .counter("store_appended_events_total", "Events written to the log.", stats.appended_events)
      .counter("store_appended_bytes_total", "Encoded bytes written to the log.",
               stats.appended_bytes)
      .counter("store_duplicate_batches_total", "Retries of batches that were stored before.",
               stats.duplicate_batches)
      .counter("store_refused_batches_total", "Batches refused for want of room.",
               stats.refused_batches)
      .gauge("wal_files", "Files of the log.", stats.wal_files)
      .gauge("wal_queue_bytes", "Waiting to be written to the log.", stats.wal_queue_bytes)
      .counter("wal_syncs_total", "Times the log was synced.", stats.wal_syncs)
      .counter("wal_sync_seconds_total", "Time spent in syncing the log.",
               seconds(stats.wal_sync_time))
      .gauge("wal_sync_seconds_max", "The longest sync of the log.",
             seconds(stats.wal_sync_time_max))
      .gauge("memtable_bytes", "Memory of events that are not flushed.", stats.memtable_bytes)
      .gauge("memtable_batches", "Batches that are not flushed.", stats.memtable_batches)
      .counter("flushes_total", "Flushes to segments.", stats.flushes)
      .counter("flush_failures_total", "Flushes that failed; nothing was lost.",
               stats.flush_failures)
      .counter("upload_failures_total", "Uploads that failed; they are repeated.",
               stats.upload_failures)
      .gauge("pending_upload_segments", "Segments that wait for the object store.",
             stats.staged_segments)
      .gauge("pending_upload_bytes", "Bytes of these.", stats.staged_bytes)
      .gauge("pending_upload_oldest_seconds", "How long the oldest of these has waited.",
             seconds(stats.staged_oldest))
      .counter("compactions_total", "Compactions.", stats.compactions)
      .counter("compaction_failures_total", "Compactions that failed.", stats.compaction_failures)
      .gauge("compaction_blocked", "1 while segments cannot be merged because one is damaged.",
             stats.compaction_problem.empty() ? 0 : 1)
      .counter("dropped_segments_total", "Segments dropped by retention.", stats.dropped_segments)
      .counter("deleted_objects_total", "Objects deleted.", stats.deleted_objects);

  std::array<std::uint64_t, metadata::kSegmentLevels> levels{};
  const storage::ReadView view = store_.read_view();
  for (const auto& [id, segment] : view.state().segments)
    ++levels[std::min<std::size_t>(segment->level, levels.size() - 1)];
  out.family("segments_by_level", "gauge", "Segments of each level of compaction.");
  constexpr std::array<std::string_view, metadata::kSegmentLevels> kNames{"0", "1", "2"};
  for (std::size_t i = 0; i < levels.size(); ++i) out.sample(levels[i], {{"level", kNames[i]}});
  if (sources_.objects != nullptr) write_object_store(out, sources_.objects->stats());
  if (sources_.cache != nullptr) write_cache(out, sources_.cache->stats());
}

}  // namespace lynxdb::instance
