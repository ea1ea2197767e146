// A store in memory, for tests of the server: everything that the interfaces promise, without disk.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "server/ingest/event_sink.h"
#include "server/metrics/store_status.h"
#include "server/query/event_reader.h"

namespace lynxdb::server::testing {

// Thread-safe.
class MemoryStore final : public EventSink, public EventReader, public StoreMonitor {
 public:
  void append(IngestBatch batch, IngestDone done) override EXCLUDES(mutex_);
  Result<std::shared_ptr<QueryView>> view() override EXCLUDES(mutex_);
  StoreStatus status() const override EXCLUDES(mutex_);
  Health health() const override EXCLUDES(mutex_);
  void write_metrics(MetricsText& out) const override;

  // Appends fail with this from now on; nullopt: they work again.
  void fail_appends(std::optional<Error> error) EXCLUDES(mutex_);
  // Sources hand out a batch only this long after the one before.
  void slow_down(std::chrono::milliseconds per_batch) EXCLUDES(mutex_);
  // The answer to appends is kept until release_appends().
  void hold_appends() EXCLUDES(mutex_);
  void release_appends() EXCLUDES(mutex_);
  // Sources that were opened and neither read to their end nor destroyed.
  int open_sources() const { return *open_sources_; }
  std::uint64_t events() const EXCLUDES(mutex_);
  // Events times fields of the batch that has most of them.
  std::size_t cells_max() const EXCLUDES(mutex_);

 private:
  struct KnownBatch {
    std::uint32_t content_crc = 0;
    Ingested first;
  };
  Result<Ingested> store(IngestBatch& batch) REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::vector<event::EventBatch> batches_ GUARDED_BY(mutex_);  // One index each.
  std::map<std::string, KnownBatch> known_batches_ GUARDED_BY(mutex_);
  std::set<std::string> known_ids_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  std::chrono::milliseconds delay_ GUARDED_BY(mutex_){0};
  bool holds_ GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> held_ GUARDED_BY(mutex_);
  std::shared_ptr<std::atomic<int>> open_sources_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace lynxdb::server::testing
