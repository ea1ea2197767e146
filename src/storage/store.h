// The storage engine of one node: events go in with append() and are found by read_view().
//
//   append -> dedup -> log (group commit) -> memtable, visible -> acknowledged
//   memtable -> staged segments -> object store -> CommitFlush in the metadata -> log trimmed
//
// An acknowledged batch is in every later read view exactly once, whatever dies when; see
// docs/ARCHITECTURE.md and docs/formats/wal.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "io/file.h"
#include "io/object_store.h"
#include "metadata/metadata_store.h"
#include "storage/options.h"
#include "storage/read_view.h"

namespace lynxdb::storage {

class ReplicatedLog;

struct AppendRequest {
  PartitionId partition;
  // 1 to kAppendRowsMax rows, and at most kAppendBytesMax encoded: larger requests come in parts.
  // Every row has a `_time`; a row without `_index` belongs to "main".
  event::EventBatch batch;
  // Of the client's request: the key that makes a retry safe. "" = never seen again.
  std::string batch_id;
  // Counts the pieces of a request that came in several: (batch_id, part) is the key.
  std::uint32_t part = 0;
  // crc32c of what the client sent (the same for all parts), not of `batch`: that holds times and
  // ids made on receipt.
  std::uint32_t content_crc = 0;
  // Ids that clients gave to single events: empty, or one for each row ("" = none). A row whose id
  // is known is left out.
  std::vector<std::string> event_ids;
};

inline constexpr std::size_t kAppendRowsMax = std::size_t{1} << 20U;
inline constexpr std::size_t kAppendBytesMax = std::size_t{64} << 20U;
// A client's id (512) and what tells the parts of its request apart.
inline constexpr std::size_t kBatchIdBytesMax = 544;

struct Appended {
  PartitionId partition;
  OffsetRange offsets;                        // Empty when every row was a duplicate.
  bool duplicate = false;                     // A retry: this is the first one's answer.
  std::vector<std::uint32_t> duplicate_rows;  // Left out because of their event id; ascending.
};

// Called once, on a thread of the store (or on the caller's, within append): must be quick, must
// not block and must not call the store.
using AppendCallback = std::function<void(Result<Appended>)>;

struct StoreStats {
  std::uint64_t appended_batches = 0;  // Since open(), like all counters.
  std::uint64_t appended_events = 0;
  std::uint64_t appended_bytes = 0;  // Encoded.
  std::uint64_t duplicate_batches = 0;
  std::uint64_t refused_batches = 0;  // kOverloaded, kUnavailable.
  std::uint64_t wal_bytes = 0;        // On disk now.
  std::uint64_t wal_files = 0;
  std::uint64_t wal_queue_bytes = 0;
  std::uint64_t wal_syncs = 0;
  std::chrono::nanoseconds wal_sync_time{};  // Sum.
  std::chrono::nanoseconds wal_sync_time_max{};
  std::uint64_t memtable_events = 0;  // Now; those being staged included.
  std::uint64_t memtable_bytes = 0;
  std::uint64_t memtable_batches = 0;
  std::uint64_t flushes = 0;
  std::uint64_t flush_failures = 0;  // Before the upload: memory is not freed.
  std::string flush_problem;         // Why the last one failed; "" once one has succeeded.
  std::uint64_t upload_failures = 0;
  std::string upload_problem;  // Why the last upload failed; "" once one has succeeded.
  // Complete, and not yet committed: now.
  std::uint64_t staged_segments = 0;
  std::uint64_t staged_events = 0;
  std::uint64_t staged_bytes = 0;
  std::chrono::nanoseconds staged_oldest{};  // How long it has waited.
  std::uint64_t compactions = 0;
  std::uint64_t compaction_failures = 0;
  std::string compaction_problem;      // Why segments cannot be merged, for damage; "" = they can.
  std::uint64_t dropped_segments = 0;  // By retention.
  std::uint64_t deleted_objects = 0;   // Replaced, dropped or orphaned.
};

struct PartitionStatus {
  PartitionId id;
  LeaderEpoch leader_epoch = 0;
  Offset flushed_offset = 0;
  Offset high_watermark = 0;
  Offset log_end = 0;
};

// Thread-safe. Everything given to open() must outlive it.
class Store {
 public:
  // Reads the log above what is flushed: seconds for gigabytes. Only one store may work in a
  // directory: hold a DataDirectory (data_directory.h).
  // Errors: kCorruption (damage in the middle of the log; the message names file, position and way
  // out), kInvalidArgument (another partition count), kIo.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, io::FileSystem& files,
                                             io::ObjectStore& objects,
                                             metadata::MetadataStore& metadata);
  virtual ~Store() = default;  // stop()

  // Durable as `sync_mode` says and visible to the next read view when `done` is called with a
  // value. Errors:
  //   kInvalidArgument  the batch is not as AppendRequest wants it
  //   kConflict         the batch id was used for other content
  //   kOverloaded       too much is waiting (or the disk is filling): retry after retry_after()
  //   kUnavailable      the disk is full, the log failed or the store is stopping; or the partition
  //                     is led elsewhere (now). If the append had begun, the outcome is unknown:
  //                     retry with the same batch id
  virtual void append(AppendRequest request, AppendCallback done) = 0;
  // Waits for the answer. Not for callbacks.
  Result<Appended> append_and_wait(AppendRequest request);
  virtual std::chrono::seconds retry_after() const = 0;

  // fnv32a(host) % partition_count.
  virtual PartitionId partition_of(std::string_view host) const = 0;

  // Everything acknowledged before the call is in it: of a cluster's node, that of the partitions
  // that it leads.
  virtual ReadView read_view() = 0;
  // A picture that was put together elsewhere: `tail` holds all committed rows above the flushed
  // offsets of `state`, by partition, then offset. What has expired is left out as in read_view().
  virtual ReadView view_of(metadata::StatePtr state, std::vector<TailBatchPtr> tail) = 0;

  // Flushes what was acknowledged before the call; returns when it is committed. After an error the
  // rows are in memory or in staged segments, and in the log.
  virtual Result<> flush_now() = 0;
  // One round of compaction, retention and garbage collection, as the background does it.
  virtual Result<> maintain_now() = 0;

  // Takes effect with the next read view and maintenance round.
  virtual void set_retention(RetentionOptions retention) = 0;
  virtual void set_compaction_rate_limit(std::uint64_t bytes_per_second) = 0;

  // Why appends are refused until a restart (a failed log, failed metadata), or nothing.
  virtual Result<> health() const = 0;
  // Why the log cannot be written just now; it is tried again. kUnavailable.
  virtual Result<> log_health() const = 0;
  // What an append would be refused with now: health(), kOverloaded or kUnavailable; or nothing.
  virtual Result<> takes_events() const = 0;
  virtual StoreStats stats() const = 0;
  virtual std::vector<PartitionStatus> partitions() const = 0;

  // For the Replicator of a store that has one.
  virtual ReplicatedLog& replicated() = 0;

  // Refuses new appends, answers those that wait, syncs the log, ends all threads. Idempotent.
  // The memtable is not flushed: call flush_now() before, if the next start shall be quick.
  virtual void stop() = 0;
};

}  // namespace lynxdb::storage
