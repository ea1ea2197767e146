// A segment's bytes straight from the object store, for work that reads each of them once.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/object_store.h"
#include "metadata/state.h"
#include "segment/byte_source.h"

namespace lynxdb::storage {

// What a reader of a committed segment is told when the object store failed it: never that its own
// request was at fault or took too long, nor that there is nothing.
Error object_read_error(Error error, const std::string& object_key);

// An error met in the content of a segment: damage says which object it is, and the way out.
Error segment_error(Error error, std::string_view object_key);

// The store must outlive it.
std::shared_ptr<segment::ByteSource> object_source(io::ObjectStore& objects,
                                                   const metadata::SegmentEntry& segment);

}  // namespace lynxdb::storage
