// A read view as a source of queries: events newest first, out of segments and the tail alike.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/engine.h"
#include "scan/scan_counters.h"
#include "scan/segment_opener.h"
#include "spl2/ast.h"
#include "storage/read_view.h"

namespace lynxdb::scan {

// Names of the indexes that hold events, sorted.
std::vector<std::string> known_indexes(const storage::ReadView& view);

// Indexes that `names` mean in this view, sorted: names and globs. A name that no event has is
// left out, with a hint.
std::vector<std::string> select_indexes(const storage::ReadView& view,
                                        const std::vector<spl2::SourceName>& names,
                                        query::Hints& hints);

// The same of indexes that are known from elsewhere.
std::vector<std::string> select_indexes(const std::set<std::string>& known,
                                        const std::vector<spl2::SourceName>& names,
                                        query::Hints& hints);

// Columns besides those asked for: what says where a row stands among others (unit_scan.h).
enum class KeepOrder : std::uint8_t { kNo, kYes };

// Opens the segments that may hold events for `request` (their footers) and gives a source over
// them and the tail. `opener`, `counters` and `execution` outlive the source.
// Errors: those of SegmentOpener::open.
Result<query::SourcePtr> open_store_source(storage::ReadView view, SegmentOpener& opener,
                                           const std::vector<spl2::SourceName>& names,
                                           const query::ScanRequest& request,
                                           query::Execution& execution, ScanCounters& counters);
// The same for indexes that were selected before; none are no events.
Result<query::SourcePtr> open_store_source(storage::ReadView view, SegmentOpener& opener,
                                           std::vector<std::string> indexes,
                                           const query::ScanRequest& request,
                                           query::Execution& execution, ScanCounters& counters,
                                           KeepOrder keep_order);

}  // namespace lynxdb::scan
