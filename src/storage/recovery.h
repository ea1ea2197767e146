// What a node knows when it starts: the metadata, the dedup snapshot, staged segments that are
// complete, and the log above them.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "metadata/metadata_store.h"
#include "storage/live_uploads.h"
#include "storage/options.h"
#include "storage/staging.h"
#include "storage/tail.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

struct Recovered {
  PartitionLogs partitions;
  AdoptedStaging staging;
  LiveUploads uploads;  // With those of what is staged.
  std::unique_ptr<Wal> wal;
};

std::string wal_directory(const StoreOptions& options);

// On a single node: creates the cluster when there is none yet. Errors: as Store::open.
Result<> ensure_cluster(const StoreOptions& options, io::FileSystem& files,
                        io::ObjectStore& objects, metadata::MetadataStore& metadata);

// The cluster exists. Memory: the events that are not staged, and
// one record. Errors: as Store::open.
Result<Recovered> recover(const StoreOptions& options, io::FileSystem& files,
                          metadata::MetadataStore& metadata);

}  // namespace lynxdb::storage
