// Timestamps as logs write them. Formats: docs/guide/ingest.md, "Timestamps".
//
// All results are ns since 1970 UTC within 1970..2262. Impossible dates (31 June, 25:00:00) do not
// fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lynxdb::event {

// What a timestamp may leave out.
struct TimestampDefaults {
  std::int64_t receipt_ns = 0;     // Gives the year: at most 1 day after, least before this.
  std::int32_t zone_offset_s = 0;  // Of times without a zone, east of UTC.
};

struct FoundTimestamp {
  std::int64_t ns = 0;
  std::size_t begin = 0;  // Its bytes in the line.
  std::size_t end = 0;
};

// The first place in the first 256 bytes of a text line, at its start or after whitespace or one of
// [ ( < > " ' | , ; =, where a format fits; the longest match there.
std::optional<FoundTimestamp> find_timestamp(std::string_view line,
                                             const TimestampDefaults& defaults);

// All of `text`, outer spaces aside: a document's string, a query's literal. Besides the formats of
// text: a date alone, hours and minutes alone, and epoch numbers of any length.
std::optional<std::int64_t> parse_timestamp(std::string_view text,
                                            const TimestampDefaults& defaults);

// Epoch numbers: seconds below 1e11, ms below 1e14, us below 1e17, else ns; below 1e8 none.
std::optional<std::int64_t> timestamp_of_epoch(std::int64_t number);
std::optional<std::int64_t> timestamp_of_epoch(double number);

// A timestamp at the start of `text`: its value and length. For formats that know where it stands.
// ISO 8601 (syslog RFC 5424), BSD syslog (`Jan  2 15:04:05`, a year after the day allowed), CLF.
std::optional<FoundTimestamp> iso_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults);
std::optional<FoundTimestamp> bsd_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults);
std::optional<FoundTimestamp> clf_timestamp_at(std::string_view text,
                                               const TimestampDefaults& defaults);

}  // namespace lynxdb::event
