// What the storage engine says about itself, in the server's words.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "io/disk_space.h"
#include "server/metrics/store_status.h"
#include "storage/store.h"

namespace lynxdb::instance {

// Thread-safe. The store outlives it.
class StoreMonitor final : public server::StoreMonitor {
 public:
  // `measure_disk`: of the data directory's file system; may be empty.
  StoreMonitor(storage::Store& store, std::string retention,
               std::function<Result<io::DiskSpace>()> measure_disk)
      : store_(store), retention_(std::move(retention)), measure_disk_(std::move(measure_disk)) {}

  // Of a reload.
  void set_retention(std::string retention) EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    retention_ = std::move(retention);
  }

  server::StoreStatus status() const override;
  Result<> health() const override { return store_.health(); }
  void write_metrics(server::MetricsText& out) const override;

 private:
  std::string retention() const EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    return retention_;
  }

  storage::Store& store_;
  mutable base::Mutex mutex_;
  std::string retention_ GUARDED_BY(mutex_);
  const std::function<Result<io::DiskSpace>()> measure_disk_;
};

}  // namespace lynxdb::instance
