// A segment that is complete and read by queries, but not in the object store yet.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "metadata/state.h"
#include "segment/segment_reader.h"

namespace lynxdb::storage {

// Thread-safe. The file stays while somebody holds this; after that it goes when the segment was
// committed, and waits for the next process when it was not. `files` must outlive it.
class StagedSegment {
 public:
  // `entry` as it will be committed, its id 0; `upload` keeps its object from being taken for an
  // orphan. Errors: kIo, kCorruption.
  static Result<std::shared_ptr<const StagedSegment>> open(io::FileSystem& files, std::string path,
                                                           metadata::SegmentEntry entry,
                                                           std::shared_ptr<const void> upload);
  ~StagedSegment();
  StagedSegment(const StagedSegment&) = delete;
  StagedSegment& operator=(const StagedSegment&) = delete;

  const metadata::SegmentEntry& entry() const { return entry_; }
  const std::shared_ptr<const segment::SegmentReader>& reader() const { return reader_; }
  const std::string& path() const { return path_; }

  // The file is needed no longer than this.
  void set_disposable() const { disposable_ = true; }

 private:
  StagedSegment(io::FileSystem& files, std::string path, metadata::SegmentEntry entry,
                std::shared_ptr<const segment::SegmentReader> reader,
                std::shared_ptr<const void> upload);

  io::FileSystem& files_;
  const std::string path_;
  const metadata::SegmentEntry entry_;
  const std::shared_ptr<const segment::SegmentReader> reader_;
  const std::shared_ptr<const void> upload_;
  mutable std::atomic<bool> disposable_{false};
};

using StagedSegmentPtr = std::shared_ptr<const StagedSegment>;

}  // namespace lynxdb::storage
