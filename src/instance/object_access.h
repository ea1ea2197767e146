// The bytes of segments: from files of this machine where the system's page cache is the cache, or
// from S3 through a cache of our own.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/server_config.h"
#include "io/file.h"
#include "io/object_store.h"
#include "io/range_cache.h"
#include "io/resident_spans.h"
#include "metadata/state.h"
#include "segment/byte_source.h"

namespace lynxdb::instance {

// Thread-safe.
class ObjectAccess {
 public:
  // `files` and `objects` outlive it. Errors: kIo, of the cache's directory.
  static Result<std::unique_ptr<ObjectAccess>> open(const config::ServerConfig& config,
                                                    io::FileSystem& files,
                                                    io::ObjectStore& objects);

  Result<std::shared_ptr<segment::ByteSource>> open_bytes(const metadata::SegmentEntry& entry);
  // Of S3 objects; else null.
  io::RangeCache* cache() { return cache_.get(); }

 private:
  ObjectAccess(io::ObjectStore& objects, std::string local_directory);

  Result<std::shared_ptr<segment::ByteSource>> mapped_bytes(const metadata::SegmentEntry& entry);

  io::ObjectStore& objects_;
  const std::string local_directory_;  // "" when the objects are no files of this machine.
  io::ResidentSpans mapped_spans_;
  std::unique_ptr<io::RangeCache> cache_;
};

}  // namespace lynxdb::instance
