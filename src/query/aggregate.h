// Aggregates in partial / merge / final form: the same for workers, spilled runs, segments, nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/column.h"
#include "query/execution.h"
#include "spl2/ast.h"

namespace lynxdb::query {

// Where rows of a batch stand in the whole input, for first/last/earliest/latest/list and their
// ties.
struct RowOrigin {
  std::uint64_t sequence = 0;           // The batch's sequence; row r is (sequence, r).
  const event::Column* time = nullptr;  // `_time` of the argument's rows; null if there is none.
  std::span<const std::uint32_t> rows = {};  // Row numbers within the batch; empty = 0, 1, 2...
  std::size_t first = 0;                     // The first row of the argument that is meant.
  bool newest_first = false;  // Of two rows with one time the first is the later event.

  std::uint32_t row(std::size_t i) const {
    return rows.empty() ? static_cast<std::uint32_t>(first + i) : rows[first + i];
  }
};

// The states of one aggregate for many groups, numbered from 0. Belongs to one thread at a time.
// All merges are exact but for dc and percentiles beyond 10,000 values of a group (HyperLogLog,
// quantile sketch), and even these do not depend on how rows were cut into partials or in which
// order partials are merged: the same rows give the same result on any number of threads and nodes.
class AggregateStates {
 public:
  virtual ~AggregateStates() = default;

  // Makes room for groups [0, groups); new ones are empty.
  virtual void resize(std::size_t groups) = 0;
  // Row origin.first + i of `argument` goes to group groups[i]. A list gives each element. For
  // count without an argument, `argument` is null and every row counts.
  virtual void update(std::span<const std::uint32_t> groups, const event::Column* argument,
                      const RowOrigin& origin) = 0;
  // Group i of `other` is merged into group mapping[i]. `other` is of the same aggregate.
  virtual void merge(const AggregateStates& other, std::span<const std::uint32_t> mapping) = 0;
  // The values of these groups, one row each; may add hints (values/list cut at 10,000).
  virtual event::ColumnPtr finish(std::span<const std::uint32_t> groups, Hints& hints) const = 0;
  // The same of all groups.
  event::ColumnPtr finish(Hints& hints) const;
  // The result of one group so far (streamstats).
  virtual event::Value current(std::size_t group) const = 0;

  // Bytes of the states of groups [first, last), appended to `out`; decode appends them as new
  // groups.
  virtual void encode(std::size_t group, std::string& out) const = 0;
  // Reads one group's state, appended as a new group; advances `bytes`. Error: kCorruption.
  virtual Result<> decode_append(std::string_view& bytes) = 0;

  virtual std::size_t groups() const = 0;
  virtual std::size_t memory_bytes() const = 0;
};

// Fresh states for the aggregate; `aggregate.argument` is evaluated by the caller. The function
// must be one of is_aggregate().
std::unique_ptr<AggregateStates> make_states(const spl2::Aggregate& aggregate);

// count and dc give 0 where others give null: cells that timechart fills.
bool counts(const spl2::Aggregate& aggregate);

// Whether make_states knows the function, by its canonical name.
bool is_aggregate(std::string_view function);

// Whether the aggregate looks at `_time` (earliest, latest): the source must deliver it.
bool needs_time(const spl2::Aggregate& aggregate);

// At most this many values per group are kept exactly or listed (docs/guide/aggregates.md).
inline constexpr std::size_t kGroupValuesMax = 10'000;

}  // namespace lynxdb::query
