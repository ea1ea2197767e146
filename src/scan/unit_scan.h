// Reads one unit: the rows of a time range that pass the query's filters, and of these the fields
// that the query reads.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "query/execution.h"
#include "query/scan_request.h"
#include "scan/scan_counters.h"
#include "scan/unit.h"
#include "scan/unit_findings.h"

namespace lynxdb::scan {

// Columns that say where a row stands among others of the same time. No event has fields of such
// names: they begin with a control byte.
inline constexpr std::string_view kOffsetColumn = "\x01offset";
inline constexpr std::string_view kPartitionColumn = "\x01partition";

// Columns of the ints 0, 1, 2...: row groups mostly have the same number of rows, so one is made
// for all. Thread-safe.
class PlaceColumns {
 public:
  event::ColumnPtr first(std::size_t count) EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  event::ColumnPtr last_ GUARDED_BY(mutex_);
};

// What is the same for all units of a scan. Outlives their scans; thread-safe.
struct UnitScan {
  const query::ScanRequest& request;
  std::vector<std::string> indexes;  // Sorted; events of others are left out. Empty: all.
  const storage::ReadView& view;     // What has expired is left out.
  query::Execution& execution;
  ScanCounters& counters;
  FindingsRoom& findings_room;
  PlaceColumns& places;
  // For fields of whole row groups; null: texts come as strings, or as dictionaries of the strings
  // that the row group has.
  segment::NumberDictionaries* dictionaries;
  const std::atomic<bool>& stopped;  // Nobody wants the rows any more: they may be left out.

  bool wants_index(std::string_view name) const;
};

// Filters that read least first: the text of events comes last.
std::vector<const query::ScanFilter*> filters_by_cost(const query::ScanRequest& request);

// Columns besides those asked for.
enum class OrderColumns : std::uint8_t {
  kNo,
  kYes,  // `_time` and the two above, as far as they are stored.
};

// Rows newest first; of one time those with the higher offset first. Field names that are not
// stored are left out. `findings` are those of this unit. Errors: the reader's, kCancelled,
// kTimeout.
Result<event::EventBatch> scan_row_group(const Unit& unit, const TimeRange& time,
                                         const UnitScan& scan, OrderColumns order,
                                         UnitFindings& findings);
Result<event::EventBatch> scan_tail(const Unit& unit, const TimeRange& time, const UnitScan& scan,
                                    OrderColumns order);

// Whether the footer alone tells that no row of the row group can pass, and why.
std::optional<Skip> skip_row_group(const segment::Footer& footer, const segment::RowGroup& group,
                                   const query::ScanRequest& request);

}  // namespace lynxdb::scan
