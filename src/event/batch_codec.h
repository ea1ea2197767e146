// The one encoding of an EventBatch: what the log holds, what goes between nodes, what a query
// spills. Compact, versioned, checksummed; docs/formats/event-batch.md gives the bytes.
//
// Rows, fields, values, `named`, `ordered` and `sequence` come back as they were. The kind of a
// column may not: one without any value comes back as kNull, a dictionary with more entries than
// rows as plain strings. No code may depend on that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/event_batch.h"

namespace lynxdb::event {

// The largest batch that can be encoded; decode refuses more. Far above what any caller makes:
// they exist so that a few damaged bytes cannot ask for the work of billions of rows.
inline constexpr std::uint64_t kBatchRowsMax = 1ULL << 26U;
inline constexpr std::uint64_t kBatchFieldsMax = 1ULL << 16U;

// Appends the encoding of `batch` to `out`. The batch must be within the limits above.
void encode(const EventBatch& batch, std::string& out);

// Reads what encode wrote: `bytes` is one encoding, no more, no less. The strings of the batch are
// borrowed from `bytes`; `owner` keeps these alive (null when the caller sees to it).
// Takes any bytes: memory stays within 150 times their size. Errors: kCorruption.
Result<EventBatch> decode(std::string_view bytes, const Column::Owner& owner);

}  // namespace lynxdb::event
