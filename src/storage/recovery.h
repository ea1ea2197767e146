// What a node knows when it starts: the metadata, the dedup snapshot, and the log above what is
// flushed.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "metadata/metadata_store.h"
#include "storage/options.h"
#include "storage/partition_log.h"
#include "storage/wal/wal.h"

namespace lynxdb::storage {

struct Recovered {
  std::vector<PartitionLog> partitions;
  std::unique_ptr<Wal> wal;
};

std::string wal_directory(const StoreOptions& options);
std::string staging_directory(const StoreOptions& options);

// Creates the cluster when there is none yet. Memory: the events that are not flushed, and one
// record. Errors: as Store::open.
Result<Recovered> recover(const StoreOptions& options, io::FileSystem& files,
                          metadata::MetadataStore& metadata);

}  // namespace lynxdb::storage
