#include "query/operators/partition_files.h"

#include <utility>

#include "base/hash.h"

namespace lynxdb::query {

PartitionFiles::PartitionFiles(Execution& execution, std::string command, unsigned depth)
    : execution_(execution), command_(std::move(command)), depth_(depth) {}

std::size_t PartitionFiles::partition_of(std::string_view key) const {
  return static_cast<std::size_t>(base::xxh3(key, depth_ + 1) % kPartitions);
}

Result<> PartitionFiles::add(const event::EventBatch& batch, const RowKeys& keys,
                             std::span<const std::uint32_t> rows) {
  std::array<std::vector<std::uint32_t>, kPartitions> rows_of;
  for (const std::uint32_t row : rows) rows_of[partition_of(keys.key(row))].push_back(row);
  for (std::size_t p = 0; p < kPartitions; ++p) {
    if (rows_of[p].empty()) continue;
    if (files_[p] == nullptr) files_[p] = TRY(SpillFile::create(execution_.spill));
    auto written = files_[p]->append(batch.take(rows_of[p]));
    if (!written) return std::move(written).error().in(command_);
  }
  return {};
}

Result<> PartitionFiles::finish() {
  for (const std::unique_ptr<SpillFile>& file : files_)
    if (file != nullptr) TRY(file->finish());
  return {};
}

}  // namespace lynxdb::query
