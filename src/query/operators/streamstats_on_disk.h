// The rest of a streamstats whose groups no longer fit in memory.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "query/operators/ordered_results.h"
#include "query/operators/partition_files.h"
#include "query/operators/streamstats_groups.h"

namespace lynxdb::query {

// Rows on their way to their groups. An entry is a row in one of its groups, with all that the
// aggregates read of it; only a row's first entry shows its results.
struct StreamEntries {
  static event::EventBatch make(const AggregationSpec& spec, const event::EventBatch& rows,
                                bool with_time, std::int64_t first_ordinal);
};

// The groups so far and the entries to come are spread over files by key; each file is computed by
// itself, in the order of its entries, and the results are sorted back by row. Belongs to one
// thread.
class StreamstatsOnDisk {
 public:
  // Keeps `spec`, which must outlive it. `sequence`: of the rows so far.
  StreamstatsOnDisk(const AggregationSpec& spec, std::uint64_t window, bool current,
                    std::uint64_t sequence, Execution& execution);

  Result<> add_groups(const StreamGroups& groups);
  Result<> add_rows(const event::EventBatch& rows);
  // No more rows: computes their results.
  Result<> finish();
  // Takes the first rows off `rows`, in the order of add_rows, and gives them with their results.
  Result<event::EventBatch> complete(event::EventBatch& rows) { return results_.complete(rows); }

 private:
  // Groups and entries of some keys, spread once more at each depth.
  struct Parts {
    Parts(Execution& running, unsigned level);
    Result<> add_groups(const StreamGroups& groups, std::size_t keys);
    Result<> add_entries(const event::EventBatch& entries, std::size_t keys);
    Result<> finish();

    Execution& execution;
    const unsigned depth;
    PartitionFiles entries;
    std::array<std::unique_ptr<SpillFile>, PartitionFiles::kPartitions> groups;
  };

  StreamGroups make_groups() const;
  Result<> compute(Parts& parts);
  Result<> compute_file(std::unique_ptr<SpillFile> groups, std::unique_ptr<SpillFile> entries,
                        unsigned depth);
  // Goes on where the memory ended.
  Result<> split(const StreamGroups& loaded, SpillFile* groups, SpillFile* entries, unsigned depth);
  Result<> run(StreamGroups& groups, const event::EventBatch& entries);
  bool account(const StreamGroups& groups);

  const AggregationSpec& spec_;
  const std::uint64_t window_;
  const bool current_;
  Execution& execution_;
  bool needs_time_ = false;
  std::uint64_t sequence_;
  std::int64_t rows_ = 0;
  std::unique_ptr<Parts> parts_;
  OrderedResults results_;
  base::MemoryReservation memory_;
};

}  // namespace lynxdb::query
