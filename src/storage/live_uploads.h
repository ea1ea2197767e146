// Objects that are uploaded but not yet in the manifest: the collector of orphans leaves them
// alone, however long the commit takes.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"

namespace lynxdb::storage {

// Thread-safe.
class LiveUploads {
 public:
  // Ends when the last copy is gone: after the commit, or when it is given up.
  std::shared_ptr<const void> begin(const std::string& key) {
    {
      const base::MutexLock lock(shared_->mutex);
      shared_->keys.insert(key);
    }
    return {nullptr, [shared = shared_, key](const void*) {
              const base::MutexLock lock(shared->mutex);
              shared->keys.erase(key);
            }};
  }

  std::set<std::string> keys() const {
    const base::MutexLock lock(shared_->mutex);
    return shared_->keys;
  }

 private:
  struct Shared {
    base::Mutex mutex;
    std::set<std::string> keys GUARDED_BY(mutex);
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace lynxdb::storage
