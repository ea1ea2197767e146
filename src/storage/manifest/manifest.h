// The manifest, again in the object store: without it segments are bytes that nobody can put in
// order, so it must not live on the nodes' disks alone. docs/formats/metadata-log.md has the bytes.
//
//   manifests/CLUSTER/VERSION   the State of a cluster at that version (20 digits)
//   manifests/rebuild           a person's order: the next cluster that is founded goes on from one
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"
#include "metadata/command.h"
#include "metadata/state.h"

namespace lynxdb::storage {

struct ManifestInfo {
  std::string cluster_id;
  metadata::Version version = 0;
  std::string key;
  std::uint64_t size_bytes = 0;
  std::int64_t written_ns = 0;  // By the store's clock.
};

std::string manifest_key(std::string_view cluster_id, metadata::Version version);

// The newest of each cluster, by its id. Errors: the store's; kOutOfBudget when there are very
// many.
Result<std::vector<ManifestInfo>> list_manifests(io::ObjectStore& objects);
// Errors: kCorruption, and the store's.
Result<metadata::State> read_manifest(io::ObjectStore& objects, const ManifestInfo& manifest);

struct RebuildOrder {
  std::string manifest_key;
  std::string cluster_id;  // Of the cluster that is to be founded: an order is for one.
};

// In place of an earlier one.
Result<> put_order(io::ObjectStore& objects, const RebuildOrder& order);
// Nothing when there is none. Errors: kCorruption, and the store's.
Result<std::optional<RebuildOrder>> read_order(io::ObjectStore& objects);
Result<> remove_order(io::ObjectStore& objects);

// What founds a cluster: `create`, unless somebody ordered that it goes on from another one.
// Errors: what was ordered cannot be read.
Result<metadata::Command> founding_command(io::ObjectStore& objects,
                                           metadata::CreateCluster create);

}  // namespace lynxdb::storage
