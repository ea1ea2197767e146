// Rows spread over temporary files by a hash of their keys: rows of one key share a file.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "event/event_batch.h"
#include "query/execution.h"
#include "query/key_encoder.h"
#include "query/spill.h"

namespace lynxdb::query {

// Belongs to one thread.
class PartitionFiles {
 public:
  static constexpr std::size_t kPartitions = 16;
  // Partitions of partitions: 16^6 parts. What does not fit then is one key with too many rows.
  static constexpr unsigned kDepthMax = 6;

  // Each depth spreads by bits of its own, else a partition would stay in one piece.
  PartitionFiles(Execution& execution, std::string command, unsigned depth);

  // `keys` are those of the whole batch; only `rows` of it are written.
  Result<> add(const event::EventBatch& batch, const RowKeys& keys,
               std::span<const std::uint32_t> rows);
  Result<> finish();
  std::size_t partition_of(std::string_view key) const;
  // The file of a partition, at its start; null when no row went there.
  std::unique_ptr<SpillFile> take(std::size_t partition) { return std::move(files_[partition]); }

 private:
  Execution& execution_;
  std::string command_;
  unsigned depth_;
  std::array<std::unique_ptr<SpillFile>, kPartitions> files_;
};

}  // namespace lynxdb::query
