// What tests of segments share: events made up and parsed, segments written to memory, and sources
// that count or break reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event_batch.h"
#include "segment/segment_reader.h"
#include "segment/segment_writer.h"

namespace lynxdb::segment {

// The events of these lines, last line first; times must ascend from line to line. Their text is
// kept by the batch.
event::EventBatch events_of(const std::string& lines);
// Rows last to first.
event::EventBatch reversed(const event::EventBatch& batch);
// Lines of a file of testdata/, each with its LF.
std::string test_data(std::string_view name);

// JSON lines of an access log, ascending by time.
std::string json_lines(std::size_t count, std::uint64_t seed);

struct Segment {
  std::string bytes;
  SegmentInfo info;
};

// Fails the test when writing does.
Segment segment_of(const std::vector<event::EventBatch>& batches, WriterOptions options = {});
std::shared_ptr<const SegmentReader> open_bytes(std::string bytes);
// All rows of all row groups, every field.
event::EventBatch read_all(const SegmentReader& reader);

// Fails the test where a value differs; fields without any value may be missing on either side.
void expect_same_events(const event::EventBatch& got, const event::EventBatch& wanted);

// A segment in memory that notes every read.
class CountingByteSource final : public ByteSource {
 public:
  explicit CountingByteSource(std::string bytes, std::uint64_t gap_bytes = 0)
      : memory_(std::move(bytes)), gap_bytes_(gap_bytes) {}

  std::uint64_t size() const override { return memory_.size(); }
  Result<SharedBytes> read(std::uint64_t offset, std::uint64_t size) override {
    reads.push_back({offset, size});
    if (reads.size() > reads_max) return Error{ErrorCode::kIo, "no more reads"};
    return memory_.read(offset, size);
  }
  std::uint64_t gap_bytes() const override { return gap_bytes_; }

  std::uint64_t bytes_read() const {
    std::uint64_t bytes = 0;
    for (const ByteRange& read : reads) bytes += read.size;
    return bytes;
  }

  std::vector<ByteRange> reads;
  std::size_t reads_max = SIZE_MAX;  // Later ones fail with kIo.

 private:
  MemoryByteSource memory_;
  std::uint64_t gap_bytes_;
};

}  // namespace lynxdb::segment
