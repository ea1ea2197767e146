#include "storage/staged_segment.h"

#include <utility>

#include "segment/byte_source.h"

namespace lynxdb::storage {

Result<StagedSegmentPtr> StagedSegment::open(io::FileSystem& files, std::string path,
                                             metadata::SegmentEntry entry,
                                             std::shared_ptr<const void> upload) {
  auto bytes = TRY(segment::LocalByteSource::open(files, path));
  auto reader = TRY(segment::SegmentReader::open(std::move(bytes)));
  if (reader->footer().rows != entry.rows) {
    return Error{ErrorCode::kCorruption, path + ": has another number of rows"};
  }
  return StagedSegmentPtr(new StagedSegment(files, std::move(path), std::move(entry),
                                            std::move(reader), std::move(upload)));
}

StagedSegment::StagedSegment(io::FileSystem& files, std::string path, metadata::SegmentEntry entry,
                             std::shared_ptr<const segment::SegmentReader> reader,
                             std::shared_ptr<const void> upload)
    : files_(files),
      path_(std::move(path)),
      entry_(std::move(entry)),
      reader_(std::move(reader)),
      upload_(std::move(upload)) {}

StagedSegment::~StagedSegment() {
  // A file that stays is removed at the next start.
  if (disposable_) (void)files_.remove(path_).has_value();
}

}  // namespace lynxdb::storage
