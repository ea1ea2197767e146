// Deletes objects that nobody needs any more: those of segments that were replaced or dropped, once
// no read view looks at them, and orphans, that a crash left between upload and commit.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "metadata/metadata_store.h"
#include "storage/pins.h"
#include "storage/segment_builder.h"

namespace lynxdb::storage {

// Thread-safe.
class Garbage {
 public:
  Garbage(const SegmentContext& context, metadata::MetadataStore& metadata, const Pins& pins)
      : context_(context), metadata_(metadata), pins_(pins) {}

  // The segments of these objects are not in the manifest from `removed_in` on.
  void add(metadata::Version removed_in, std::vector<std::string> keys) EXCLUDES(mutex_);

  // Deletes what no view needs, `garbage_delay` after it was added. What cannot be deleted now is
  // tried again. Errors: the store's.
  Result<> collect() EXCLUDES(mutex_);
  // Deletes objects under our prefix that are in no manifest, older than `orphan_age` and not just
  // being uploaded; with a `garbage_delay` only those that it has found so long before, too: other
  // nodes may have removed them from the manifest just now. Lists them all: once an hour is enough,
  // more calls do nothing. Not beside a change of the manifest that has not yet been added here.
  Result<> collect_orphans() EXCLUDES(mutex_);

  std::uint64_t deleted() const { return deleted_.load(); }

 private:
  struct Removed {
    metadata::Version version = 0;
    std::vector<std::string> keys;
    base::Clock::Monotonic added;
  };
  using Orphans = std::map<std::string, base::Clock::Monotonic>;  // And when it was found first.

  std::vector<std::string> orphans_in(const io::ObjectPage& page) EXCLUDES(mutex_);
  std::vector<std::string> old_enough(std::vector<std::string> orphans, Orphans& found)
      EXCLUDES(mutex_);
  std::set<std::string> waiting_keys() EXCLUDES(mutex_);
  Result<> remove(const std::vector<std::string>& keys);

  const SegmentContext& context_;
  metadata::MetadataStore& metadata_;
  const Pins& pins_;
  std::atomic<std::uint64_t> deleted_{0};
  base::Mutex mutex_;
  std::deque<Removed> removed_ GUARDED_BY(mutex_);  // By version.
  std::optional<base::Clock::Monotonic> listed_ GUARDED_BY(mutex_);
  Orphans orphans_ GUARDED_BY(mutex_);  // Of the last listing, left for later.
};

}  // namespace lynxdb::storage
