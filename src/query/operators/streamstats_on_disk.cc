#include "query/operators/streamstats_on_disk.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "query/expression_memory.h"
#include "query/field.h"
#include "query/operators/budget_error.h"
#include "query/operators/ordinal.h"

namespace lynxdb::query {

using event::ColumnPtr;
using event::EventBatch;

namespace {

const std::string kCommand = "streamstats";
constexpr std::size_t kResultShare = 4;
constexpr std::size_t kBlockBytes = 32U << 10U;
// Results of this size go to the sort: lists make them far larger than their rows.
constexpr std::size_t kResultBytesMax = 4U << 20U;

// Fields of entries, in this order: the keys, the arguments, then these.
const std::string kShown = "shown";
const std::string kEntryTime = "time";

std::string key_name(std::size_t k) { return "k" + std::to_string(k); }
std::string argument_name(std::size_t i) { return "a" + std::to_string(i); }

std::vector<ColumnPtr> keys_of(const EventBatch& entries, std::size_t keys) {
  std::vector<ColumnPtr> columns;
  for (std::size_t k = 0; k < keys; ++k) columns.push_back(entries.fields()[k].column);
  return columns;
}

std::vector<std::string> outputs_of(const AggregationSpec& spec) {
  std::vector<std::string> outputs;
  for (const AggregationSpec::Call& call : spec.calls) outputs.push_back(call.aggregate.output);
  return outputs;
}

Result<std::optional<EventBatch>> next_of(SpillFile* file) {
  if (file == nullptr) return std::optional<EventBatch>();
  return file->next();
}

}  // namespace

EventBatch StreamEntries::make(const AggregationSpec& spec, const EventBatch& rows, bool with_time,
                               std::int64_t first_ordinal) {
  std::vector<ColumnPtr> key_columns;
  for (const AggregationSpec::Key& key : spec.keys) key_columns.push_back(key.expr->evaluate(rows));
  const ExplodedKeys keys = explode_lists(std::move(key_columns));
  const std::size_t size = keys.exploded ? keys.rows.size() : rows.rows();
  const auto entry_column = [&](const ColumnPtr& column) {
    return keys.exploded ? event::take(column, keys.rows) : column;
  };
  EventBatch entries(size);
  for (std::size_t k = 0; k < keys.columns.size(); ++k) entries.set(key_name(k), keys.columns[k]);
  for (std::size_t i = 0; i < spec.calls.size(); ++i)
    if (spec.calls[i].argument != nullptr)
      entries.set(argument_name(i), entry_column(spec.calls[i].argument->evaluate(rows)));
  if (with_time) entries.set(kEntryTime, entry_column(resolve_field(rows, event::kTime)));

  std::vector<std::int64_t> ordinals(size);
  std::vector<std::uint8_t> shown(size, 1);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t row = keys.exploded ? keys.rows[i] : i;
    ordinals[i] = first_ordinal + static_cast<std::int64_t>(row);
    if (i > 0 && ordinals[i] == ordinals[i - 1]) shown[i] = 0;
  }
  entries.set(kOrdinalField, event::Column::ints(std::move(ordinals)));
  entries.set(kShown, event::Column::bools(std::move(shown)));
  return entries;
}

// --- Parts ---------------------------------------------------------------------------------------

StreamstatsOnDisk::Parts::Parts(Execution& running, unsigned level)
    : execution(running), depth(level), entries(running, kCommand, level) {}

Result<> StreamstatsOnDisk::Parts::add_groups(const StreamGroups& loaded, std::size_t keys) {
  std::array<std::string, PartitionFiles::kPartitions> blocks;
  const auto write = [&](std::size_t p) -> Result<> {
    if (blocks[p].empty()) return {};
    if (groups[p] == nullptr) groups[p] = TRY(SpillFile::create(execution.spill));
    const auto written = groups[p]->append_bytes(blocks[p]);
    if (!written) return Error(written.error()).in(kCommand);
    blocks[p].clear();
    return {};
  };
  for (std::size_t begin = 0; begin < loaded.size(); begin += kBatchRows) {
    std::vector<std::uint32_t> some(std::min(kBatchRows, loaded.size() - begin));
    std::iota(some.begin(), some.end(), static_cast<std::uint32_t>(begin));
    std::vector<ColumnPtr> columns;
    for (std::size_t k = 0; k < keys; ++k) columns.push_back(loaded.table().key_column(k, some));
    RowKeys encoded;
    encoded.encode(columns, some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::size_t p = entries.partition_of(encoded.key(i));
      loaded.encode(some[i], blocks[p]);
      if (blocks[p].size() >= kBlockBytes) TRY(write(p));
    }
  }
  for (std::size_t p = 0; p < blocks.size(); ++p) TRY(write(p));
  return {};
}

Result<> StreamstatsOnDisk::Parts::add_entries(const EventBatch& batch, std::size_t keys) {
  RowKeys encoded;
  encoded.encode(keys_of(batch, keys), batch.rows());
  std::vector<std::uint32_t> all(batch.rows());
  std::iota(all.begin(), all.end(), 0U);
  return entries.add(batch, encoded, all);
}

Result<> StreamstatsOnDisk::Parts::finish() {
  for (const auto& file : groups)
    if (file != nullptr) TRY(file->finish());
  return entries.finish();
}

// --- The rest of the rows ------------------------------------------------------------------------

StreamstatsOnDisk::StreamstatsOnDisk(const AggregationSpec& spec, std::uint64_t window,
                                     bool current, std::uint64_t sequence, Execution& execution)
    : spec_(spec),
      window_(window),
      current_(current),
      execution_(execution),
      sequence_(sequence),
      parts_(std::make_unique<Parts>(execution, 0)),
      results_(outputs_of(spec), execution, kCommand, kResultShare),
      memory_(execution.memory) {
  for (const AggregationSpec::Call& call : spec.calls)
    needs_time_ = needs_time_ || needs_time(call.aggregate);
}

StreamGroups StreamstatsOnDisk::make_groups() const {
  return {spec_, window_, execution_.memory.limit_bytes()};
}

Result<> StreamstatsOnDisk::add_groups(const StreamGroups& groups) {
  return parts_->add_groups(groups, spec_.keys.size());
}

Result<> StreamstatsOnDisk::add_rows(const EventBatch& rows) {
  ExpressionMemory made(execution_);
  const EventBatch entries = StreamEntries::make(spec_, rows, needs_time_, rows_);
  TRY(made.check(kCommand));
  rows_ += static_cast<std::int64_t>(rows.rows());
  return parts_->add_entries(entries, spec_.keys.size());
}

Result<> StreamstatsOnDisk::finish() {
  TRY(compute(*parts_));
  parts_.reset();
  memory_.clear();
  return results_.finish();
}

// Depth is at most PartitionFiles::kDepthMax.
Result<> StreamstatsOnDisk::compute(Parts& parts) {
  TRY(parts.finish());
  for (std::size_t p = 0; p < PartitionFiles::kPartitions; ++p)
    TRY(compute_file(std::move(parts.groups[p]), parts.entries.take(p), parts.depth));
  return {};
}

bool StreamstatsOnDisk::account(const StreamGroups& groups) {
  return memory_.resize(groups.memory_bytes());
}

Result<> StreamstatsOnDisk::compute_file(std::unique_ptr<SpillFile> groups,
                                         std::unique_ptr<SpillFile> entries, unsigned depth) {
  if (entries == nullptr) return {};  // Groups that no row asks for any more.
  StreamGroups loaded = make_groups();
  if (groups != nullptr) {
    while (const std::optional<std::string> block = TRY(groups->next_bytes())) {
      TRY(loaded.decode(*block));
      if (!account(loaded)) return split(loaded, groups.get(), entries.get(), depth);
    }
  }
  while (const std::optional<EventBatch> batch = TRY(entries->next())) {
    TRY(execution_.cancellation.check());
    TRY(run(loaded, *batch));
    if (!account(loaded)) return split(loaded, nullptr, entries.get(), depth);
  }
  return {};
}

Result<> StreamstatsOnDisk::split(const StreamGroups& loaded, SpillFile* groups, SpillFile* entries,
                                  unsigned depth) {
  if (loaded.size() < 2 || depth + 1 >= PartitionFiles::kDepthMax)
    return out_of_memory(execution_.memory, kCommand);
  const std::size_t keys = spec_.keys.size();
  Parts parts(execution_, depth + 1);
  TRY(parts.add_groups(loaded, keys));
  if (groups != nullptr) {
    while (const std::optional<std::string> block = TRY(groups->next_bytes())) {
      StreamGroups more = make_groups();
      TRY(more.decode(*block));
      TRY(parts.add_groups(more, keys));
    }
  }
  while (const std::optional<EventBatch> batch = TRY(next_of(entries))) {
    TRY(execution_.cancellation.check());
    TRY(parts.add_entries(*batch, keys));
  }
  return compute(parts);
}

Result<> StreamstatsOnDisk::run(StreamGroups& groups, const EventBatch& entries) {
  std::vector<std::uint32_t> group_of(entries.rows());
  groups.assign(keys_of(entries, spec_.keys.size()), group_of);
  std::vector<ColumnPtr> arguments(spec_.calls.size());
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (const ColumnPtr* argument = entries.find(argument_name(i))) arguments[i] = *argument;
  const ColumnPtr* time = entries.find(kEntryTime);
  RowOrigin origin{.sequence = sequence_++,
                   .time = time == nullptr ? nullptr : time->get(),
                   .newest_first = spec_.newest_first};
  const event::Column& shown = **entries.find(kShown);
  const event::Column& numbers = **entries.find(kOrdinalField);

  std::vector<event::ColumnBuilder> builders(spec_.calls.size());
  std::vector<std::int64_t> ordinals;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<> {
    std::vector<ColumnPtr> results;
    for (event::ColumnBuilder& builder : builders) results.push_back(builder.finish());
    bytes = 0;
    return results_.add(std::exchange(ordinals, {}), std::move(results));
  };
  for (std::size_t row = 0; row < entries.rows(); ++row) {
    const bool show = shown.view(row).as_bool();
    origin.first = row;
    for (std::size_t i = 0; i < builders.size(); ++i) {
      const auto append = [&] {
        const event::Value value = groups.current(i, group_of[row]);
        bytes += made_bytes(value);
        builders[i].append(value);
      };
      if (show && !current_) append();
      if (!groups.add(i, group_of[row], arguments[i].get(), origin))
        return out_of_memory(execution_.memory, kCommand);
      if (show && current_) append();
    }
    if (show) ordinals.push_back(numbers.view(row).as_int());
    if (bytes >= kResultBytesMax) TRY(flush());
  }
  return ordinals.empty() ? Result<>{} : flush();
}

}  // namespace lynxdb::query
