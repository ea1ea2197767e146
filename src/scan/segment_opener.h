// Opens segments where they are stored, and keeps the footers of those used last.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "base/result.h"
#include "metadata/state.h"
#include "segment/byte_source.h"
#include "segment/number_dictionaries.h"
#include "segment/segment_reader.h"

namespace lynxdb::scan {

// Where the bytes of a committed segment can be read: an object store, a cache before it.
using OpenBytes =
    std::function<Result<std::shared_ptr<segment::ByteSource>>(const metadata::SegmentEntry&)>;

// Thread-safe. A reader that was given out lives on when it is dropped here.
class SegmentOpener {
 public:
  static constexpr std::size_t kReadersMax = 256;

  explicit SegmentOpener(OpenBytes open_bytes) : open_bytes_(std::move(open_bytes)) {}

  // Errors: kCorruption (also when the object is not the segment of the manifest), the source's.
  Result<std::shared_ptr<const segment::SegmentReader>> open(const metadata::SegmentEntry& entry)
      EXCLUDES(mutex_);

  // For all scans over these segments.
  segment::NumberDictionaries& dictionaries() { return dictionaries_; }

 private:
  struct Open {
    metadata::SegmentId id;
    std::string object_key;
    std::shared_ptr<const segment::SegmentReader> reader;
  };

  std::shared_ptr<const segment::SegmentReader> known(const metadata::SegmentEntry& entry)
      EXCLUDES(mutex_);

  const OpenBytes open_bytes_;
  segment::NumberDictionaries dictionaries_;
  base::Mutex mutex_;
  std::list<Open> recent_ GUARDED_BY(mutex_);  // The one used last first.
  std::map<metadata::SegmentId, std::list<Open>::iterator> by_id_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::scan
