#include "storage/segment_builder.h"

#include <random>
#include <utility>

#include <fmt/format.h>

#include "storage/staging.h"

namespace lynxdb::storage {
namespace {

std::string key_of(const SegmentContext& context, const SegmentPlan& plan, const std::string& id) {
  return fmt::format("{}{}/{}/l{}-{}.lsg", context.key_prefix, plan.index, plan.bucket, plan.level,
                     id);
}

}  // namespace

std::string random_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Result<std::unique_ptr<SegmentBuilder>> SegmentBuilder::create(const SegmentContext& context,
                                                               SegmentPlan plan) {
  std::string id = random_id();
  std::string path = staged_path(context.options, key_of(context, plan, id));
  auto file = TRY(context.files.open(path, io::OpenMode::kCreate));
  return std::unique_ptr<SegmentBuilder>(new SegmentBuilder(context, std::move(plan), std::move(id),
                                                            std::move(path), std::move(file)));
}

SegmentBuilder::SegmentBuilder(const SegmentContext& context, SegmentPlan plan, std::string id,
                               std::string path, std::unique_ptr<io::File> file)
    : context_(context),
      plan_(std::move(plan)),
      key_(key_of(context_, plan_, id)),
      path_(std::move(path)),
      file_(std::move(file)),
      sink_(*file_) {
  segment::WriterOptions writer;
  writer.segment_id = std::move(id);
  writer.index = plan_.index;
  writer.level = plan_.level;
  writer.compression = context.options.flush.compression;
  writer.row_group_rows = context.options.flush.row_group_rows;
  writer.raw_bytes = plan_.raw_bytes;
  writer_ = std::make_unique<segment::SegmentWriter>(sink_, std::move(writer));
}

SegmentBuilder::~SegmentBuilder() {
  file_.reset();
  // Whatever stays is removed at the next start.
  if (!path_.empty()) (void)context_.files.remove(path_).has_value();
}

Result<metadata::SegmentEntry> SegmentBuilder::finish() {
  std::vector<segment::OffsetRange> sources;
  for (const metadata::SegmentPart& part : plan_.parts) {
    sources.push_back({part.partition.value(), part.offsets.begin, part.offsets.end, part.rows});
  }
  const segment::SegmentInfo info = TRY(writer_->finish(std::move(sources)));
  metadata::SegmentEntry entry;
  entry.object_key = key_;
  entry.size_bytes = info.size_bytes;
  entry.crc32c = info.crc32c;
  entry.rows = info.rows;
  entry.index = plan_.index;
  entry.level = plan_.level;
  entry.time_min_ns = info.time_min_ns;
  entry.time_max_ns = info.time_max_ns;
  entry.parts = plan_.parts;
  return entry;
}

Result<StagedSegmentPtr> SegmentBuilder::stage() {
  metadata::SegmentEntry entry = TRY(finish());
  TRY(file_->sync());
  auto staged = TRY(
      StagedSegment::open(context_.files, path_, std::move(entry), context_.uploads.begin(key_)));
  path_.clear();
  return staged;
}

Result<UploadedSegment> SegmentBuilder::upload() {
  UploadedSegment uploaded{TRY(finish()), context_.uploads.begin(key_)};
  TRY(context_.objects.put_file(key_, *file_));
  return uploaded;
}

}  // namespace lynxdb::storage
