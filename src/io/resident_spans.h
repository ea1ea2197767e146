// How much of the mapped files counts as memory of this process: the parts that were read last.
// What was let go stays in the system's cache, and comes back page by page when it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "io/mapped_region.h"

namespace lynxdb::io {

// Thread-safe. Regions need not outlive it, nor it them.
class ResidentSpans {
 public:
  // Regions are looked at in parts of this size.
  static constexpr std::uint64_t kSpanBytes = std::uint64_t{1} << 20U;

  // At most this is resident of all regions together, and what readers touch at one moment.
  explicit ResidentSpans(std::uint64_t bytes_max) : spans_max_(bytes_max / kSpanBytes) {}

  // Before bytes [offset, offset + size) of `region` are read, `size` > 0.
  void touch(const std::shared_ptr<const MappedRegion>& region, std::uint64_t offset,
             std::uint64_t size) EXCLUDES(mutex_);

  std::size_t spans() const EXCLUDES(mutex_);

 private:
  struct Id {
    const MappedRegion* region = nullptr;
    std::uint64_t number = 0;
    friend bool operator==(const Id&, const Id&) = default;
  };
  struct HashId {
    std::size_t operator()(const Id& id) const;
  };
  struct Span {
    Id id;
    // The region may be gone, and another one at its place.
    std::weak_ptr<const MappedRegion> region;
  };

  void drop_oldest() REQUIRES(mutex_);

  const std::uint64_t spans_max_;
  mutable base::Mutex mutex_;
  std::list<Span> recent_ GUARDED_BY(mutex_);  // The one read last first.
  std::unordered_map<Id, std::list<Span>::iterator, HashId> by_id_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::io
