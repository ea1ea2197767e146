// Writes one segment: batches of rows in, row groups of compressed columns with their text indexes
// and a footer out (docs/formats/segment.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "io/file.h"
#include "segment/byte_source.h"
#include "segment/chunk_codec.h"
#include "segment/footer.h"

namespace lynxdb::segment {

// Takes the bytes of a segment, front to back.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<> append(std::string_view bytes) = 0;
};

// Does not sync: whoever owns the file does, before others hear of it.
class FileSink final : public ByteSink {
 public:
  explicit FileSink(io::File& file) : file_(file) {}
  Result<> append(std::string_view bytes) override { return file_.append(bytes); }

 private:
  io::File& file_;
};

class StringSink final : public ByteSink {
 public:
  Result<> append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

struct WriterOptions {
  std::string segment_id;
  std::string index;
  std::uint32_t level = 0;
  Compression compression = Compression::kZstd;
  std::size_t row_group_rows = 65'536;  // At most kRowGroupRowsMax.
  // A row group is also cut when its rows hold about this much memory: few, but huge, lines.
  std::size_t row_group_bytes = 128U << 20U;
  // SegmentInfo::raw_bytes, where it is known and row groups are copied; else they are counted.
  std::optional<std::uint64_t> raw_bytes{};
};

struct SegmentInfo {
  std::uint64_t rows = 0;
  std::uint64_t size_bytes = 0;
  std::uint32_t crc32c = 0;  // Of the whole file.
  std::int64_t time_min_ns = 0;
  std::int64_t time_max_ns = 0;
  std::uint64_t raw_bytes = 0;
  std::size_t row_groups = 0;
};

// Belongs to one thread. Rows are given in the order in which queries return them: `_time`
// descending, equal times as the caller orders them; they keep that order.
//
// Holds the rows of one row group (row_group_rows, row_group_bytes), what they encode to, and the
// footer. After an error the writer must not be used again, and what the sink got is no segment.
class SegmentWriter {
 public:
  SegmentWriter(ByteSink& sink, WriterOptions options);
  ~SegmentWriter();

  // `batch` has a `_time` column without nulls (kTimestamp) and none later than the row
  // before it. Strings are borrowed until the row group is written. Fields with empty or doubled
  // names must not occur. Errors: kInvalidArgument (no `_time`, rows out of order), those of the
  // sink.
  Result<> add(const event::EventBatch& batch);

  // Ends the row group at hand: the rows given so far do not share one with those that follow.
  Result<> cut();
  // Takes a row group of another segment as it is, all checksums compared: as add() of its rows,
  // between two cut()s. `from`: the footer of `source`. Errors: as add(), kCorruption, those of the
  // source.
  Result<> copy_row_group(ByteSource& source, const Footer& from, std::size_t row_group);

  // Writes what is left and the footer. `sources` are stored as given (row counts not checked).
  // A segment without rows is one, too.
  Result<SegmentInfo> finish(std::vector<OffsetRange> sources);

  std::uint64_t rows() const;
  // Bytes given to the sink so far: for cutting segments at a size.
  std::uint64_t size_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lynxdb::segment
