// What the storage engine says about itself, in the server's words.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "io/disk_space.h"
#include "io/object_store.h"
#include "io/range_cache.h"
#include "server/metrics/store_status.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. The store outlives it.
class StoreMonitor final : public server::StoreMonitor {
 public:
  struct Sources {
    std::function<Result<io::DiskSpace>()> disk;  // Of the data directory; may be empty.
    io::ObjectStore* objects = nullptr;           // Where it is a service; else null.
    io::RangeCache* cache = nullptr;              // Of its objects; else null.
  };

  // In words: "7d".
  struct Retention {
    std::string all;
    std::map<std::string, std::string> by_index;
  };

  // What `sources` names outlives it.
  StoreMonitor(storage::Store& store, Retention retention, Sources sources)
      : store_(store), retention_(std::move(retention)), sources_(std::move(sources)) {}

  // Of a reload.
  void set_retention(Retention retention) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    retention_ = std::move(retention);
  }

  server::StoreStatus status() const override;
  server::Health health() const override;
  void write_metrics(server::MetricsText& out) const override;

 private:
  Retention retention() const EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return retention_;
  }

  storage::Store& store_;
  mutable base::Mutex mutex_;
  Retention retention_ GUARDED_BY(mutex_);
  const Sources sources_;
};

}  // namespace lynxdb::instance
