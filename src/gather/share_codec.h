// What nodes say to each other about a part of a query: the request, and the frames of its answer.
// Versioned and checksummed; docs/formats/query-share.md gives the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/state.h"
#include "query/scan_request.h"
#include "scan/scan_counters.h"
#include "storage/read_view.h"

namespace lynxdb::gather {

// Which rows, and what becomes of them: with a shard_text groups, else the rows that pass the
// filters, newest first, with the columns that say where they stand.
struct ShareRequest {
  std::int64_t now_ns = 0;
  // `filters` do not travel: filter_text does.
  query::ScanRequest scan;
  std::vector<std::string> indexes;  // Selected; sorted.
  storage::RetentionBorder border{};
  std::vector<metadata::SegmentPtr> segments;
  std::uint64_t memory_bytes = 0;  // That the query may use on one node.
};

// Of a share that ran to its end.
struct ShareReport {
  std::uint64_t rows_read = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t segments_skipped[scan::kSkips] = {};
  std::uint64_t row_groups_skipped[scan::kSkips] = {};
  std::vector<std::string> hints;
};

enum class FrameKind : std::uint8_t { kRows = 1, kGroups = 2, kEnd = 3 };

struct Frame {
  FrameKind kind = FrameKind::kEnd;
  std::string_view payload;  // Of the bytes that were read.
};

std::string encode(const ShareRequest& request);
// Takes any bytes. Errors: kCorruption.
Result<ShareRequest> decode_share_request(std::string_view bytes);

std::string encode_frame(FrameKind kind, std::string_view payload);
// Takes any bytes. Errors: kCorruption.
Result<Frame> decode_frame(std::string_view bytes);

std::string encode(const ShareReport& report);
Result<ShareReport> decode_share_report(std::string_view bytes);

}  // namespace lynxdb::gather
