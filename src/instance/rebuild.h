// Rebuilding a cluster from its object store alone (docs/guide/small-cluster.md): what could be
// rebuilt, and the order to do so, which the next cluster that is founded carries out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "storage/manifest/manifest.h"

namespace lynxdb::instance {

// What one cluster left.
struct RebuildSource {
  storage::ManifestInfo manifest;
  std::uint64_t partitions = 0;
  std::uint64_t segments = 0;
  std::uint64_t events = 0;
  std::uint64_t size_bytes = 0;
  std::vector<std::string> missing{};  // Objects that are not there, or are of another size.
  std::string goes_on_as{};            // Another cluster that has its segments already.
};

// Of each cluster that has segments. Reads its manifest, and lists its objects. Errors: the
// store's; a manifest cannot be read.
Result<std::vector<RebuildSource>> rebuild_sources(io::ObjectStore& objects);

// The id of the cluster that will be founded.
Result<std::string> order_rebuild(io::ObjectStore& objects, const RebuildSource& source);

}  // namespace lynxdb::instance
