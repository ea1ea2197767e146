// Which versions of the metadata state read views still look at.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "base/mutex.h"
#include "metadata/ids.h"

namespace lynxdb::storage {

// Thread-safe. Pins may outlive the registry.
class Pins {
 public:
  // Holds `version` until the last copy of what is returned is gone.
  std::shared_ptr<const void> pin(metadata::Version version) {
    {
      const base::MutexLock lock(shared_->mutex);
      shared_->versions.insert(version);
    }
    return {nullptr, [shared = shared_, version](const void*) {
              const base::MutexLock lock(shared->mutex);
              shared->versions.erase(shared->versions.find(version));
            }};
  }

  std::optional<metadata::Version> oldest() const {
    const base::MutexLock lock(shared_->mutex);
    if (shared_->versions.empty()) return std::nullopt;
    return *shared_->versions.begin();
  }

 private:
  struct Shared {
    base::Mutex mutex;
    std::multiset<metadata::Version> versions GUARDED_BY(mutex);
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace lynxdb::storage
