// A segment's bytes straight from the object store, for work that reads each of them once.
#pragma once

#include <memory>
#include <string>

#include "io/object_store.h"
#include "metadata/state.h"
#include "segment/byte_source.h"

namespace lynxdb::storage {

// The store must outlive it.
std::shared_ptr<segment::ByteSource> object_source(io::ObjectStore& objects,
                                                   const metadata::SegmentEntry& segment);

}  // namespace lynxdb::storage
