// Builds one segment in a staging file, and stages it or puts it into the object store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/file.h"
#include "io/object_store.h"
#include "metadata/state.h"
#include "segment/segment_writer.h"
#include "storage/live_uploads.h"
#include "storage/options.h"
#include "storage/staged_segment.h"

namespace lynxdb::storage {

// 32 random hexadecimal digits.
std::string random_id();

struct SegmentPlan {
  std::string index;
  std::string bucket;  // bucket_name
  std::uint32_t level = 0;
  std::vector<metadata::SegmentPart> parts;  // By partition.
  std::optional<std::uint64_t> raw_bytes{};  // As segment::WriterOptions has it.
};

// A segment in the store, ready to be committed. `guard` keeps it from being taken for an orphan:
// hold it until the commit is decided.
struct UploadedSegment {
  metadata::SegmentEntry entry;
  std::shared_ptr<const void> guard;
};

// What every builder needs. All of it must outlive them.
struct SegmentContext {
  const StoreOptions& options;
  io::FileSystem& files;
  io::ObjectStore& objects;
  std::string key_prefix;  // Ends in '/'.
  LiveUploads& uploads;
};

// Belongs to one thread. The staging file is removed on destruction, unless it was staged.
class SegmentBuilder {
 public:
  // Errors: kIo.
  static Result<std::unique_ptr<SegmentBuilder>> create(const SegmentContext& context,
                                                        SegmentPlan plan);
  ~SegmentBuilder();
  SegmentBuilder(const SegmentBuilder&) = delete;
  SegmentBuilder& operator=(const SegmentBuilder&) = delete;

  // Rows newest first; see segment::SegmentWriter.
  Result<> add(const event::EventBatch& batch) { return writer_->add(batch); }
  segment::SegmentWriter& writer() { return *writer_; }

  // Completes the file, synced, for queries to read and for an upload later on.
  // Errors: kIo.
  Result<StagedSegmentPtr> stage();
  // Uploads it, verified, under a key that nothing else has: a late or repeated upload replaces
  // nothing. Errors: those of the store.
  Result<UploadedSegment> upload();

 private:
  SegmentBuilder(const SegmentContext& context, SegmentPlan plan, std::string id, std::string path,
                 std::unique_ptr<io::File> file);

  Result<metadata::SegmentEntry> finish();

  const SegmentContext& context_;
  const SegmentPlan plan_;
  const std::string key_;
  std::string path_;  // "" when the file is somebody else's now.
  std::unique_ptr<io::File> file_;
  segment::FileSink sink_;
  std::unique_ptr<segment::SegmentWriter> writer_;
};

}  // namespace lynxdb::storage
