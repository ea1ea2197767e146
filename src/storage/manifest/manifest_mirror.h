// Keeps the object store's copy of the manifest new (manifest.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>

#include "base/mutex.h"
#include "io/object_store.h"
#include "metadata/metadata_store.h"

namespace lynxdb::storage {

// Thread-safe.
class ManifestMirror {
 public:
  ManifestMirror(io::ObjectStore& objects, metadata::MetadataStore& metadata)
      : objects_(objects), metadata_(metadata) {}

  // Puts the manifest when segments changed since it was last put, and deletes old ones. On success
  // whoever rebuilds from the object store finds every segment of the state that the caller knew.
  // Errors: the store's.
  Result<> update() EXCLUDES(mutex_);
  // Somebody else keeps it from now on: the next update() looks at what is there first.
  void leave_to_others() EXCLUDES(mutex_);

  // Bytes of the newest one put, 0: none yet.
  std::uint64_t written_bytes() const { return written_bytes_.load(); }

 private:
  // Segments come with new ids, and go: both change these.
  struct Fingerprint {
    metadata::SegmentId next_id{0};
    std::size_t segments = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };

  Result<> begin(const metadata::State& state) REQUIRES(mutex_);
  Result<> remove_old() REQUIRES(mutex_);

  io::ObjectStore& objects_;
  metadata::MetadataStore& metadata_;
  std::atomic<std::uint64_t> written_bytes_{0};
  base::Mutex mutex_;  // One at a time.
  bool begun_ GUARDED_BY(mutex_) = false;
  Fingerprint written_ GUARDED_BY(mutex_);
  std::deque<std::string> keys_ GUARDED_BY(mutex_);  // That may be there, oldest first.
};

}  // namespace lynxdb::storage
