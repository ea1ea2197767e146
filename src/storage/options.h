// What the storage engine may be told. Defaults are those of the configuration keys.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "io/disk_space.h"
#include "segment/chunk_codec.h"

namespace lynxdb::storage {

using std::chrono::milliseconds;

class Replicator;

// What an acknowledgement survives on this node. In every mode it survives the death of the
// process: the bytes have been given to the operating system.
enum class SyncMode {
  kNone,   // Not power loss: the system writes to disk when it likes.
  kWrite,  // Power loss, but for what was written in the last `sync_interval`.
  kFsync,  // Power loss: synced before it is acknowledged.
};

struct WalOptions {
  SyncMode sync_mode = SyncMode::kWrite;
  milliseconds sync_interval{100};  // kWrite only.
  std::uint64_t sync_bytes = 0;     // kWrite only: sync after this many bytes, too. 0: do not.
  std::uint64_t file_bytes_max = std::uint64_t{256} << 20U;
  // Appends wait in a queue for the group that is being written. A full one refuses (kOverloaded).
  std::size_t queue_bytes_max = std::size_t{64} << 20U;
};

enum class TimeBucket { kDaily, kHourly };

struct FlushOptions {
  // Memory of all events that are not in segments yet: what is flushed, what waits, what comes in.
  // From here on appends are refused. Copies of partitions that other nodes lead count, too.
  std::size_t threshold_bytes = std::size_t{512} << 20U;
  milliseconds idle_timeout{30'000};  // 0: by size only.
  // A flush begins when there is one part of 1 + immutable_max of it: so many more may come in
  // while the first is written.
  std::size_t immutable_max = 2;
  // While the object store does not answer, flushes stay on disk, and so does the log that they
  // were made from. From this size of both on appends are refused.
  std::uint64_t staging_bytes_max = std::uint64_t{20} << 30U;
  TimeBucket bucket = TimeBucket::kDaily;
  std::size_t row_group_rows = 65536;
  segment::Compression compression = segment::Compression::kLz4;

  std::size_t begin_bytes() const { return threshold_bytes / (1 + immutable_max); }
};

struct DedupOptions {
  std::chrono::seconds window{24 * 3600};
  std::size_t batches_max = 1'000'000;  // Per partition; and as many events with ids of their own.
};

struct CompactionOptions {
  milliseconds interval{30'000};  // 0: nothing is merged.
  std::size_t workers = 2;
  std::uint64_t rate_limit_bytes = 0;  // Per second; 0: none.
  std::size_t l0_threshold = 4;        // Segments of one index and time bucket.
  std::size_t l1_threshold = 10;
  std::uint64_t l2_target_bytes = std::uint64_t{1} << 30U;
};

struct RetentionOptions {
  std::chrono::seconds all{7 * 24 * 3600};  // 0: for ever.
  std::map<std::string, std::chrono::seconds, std::less<>> by_index;
};

struct DiskOptions {
  unsigned high_percent = 85;    // From here on appends are refused with kOverloaded (429).
  unsigned full_percent = 92;    // With kUnavailable (503).
  unsigned resume_percent = 75;  // Back to normal.
  std::function<Result<io::DiskSpace>()> measure;  // Empty: never full.
};

enum class Severity { kInfo, kWarning, kError };
// Called from any thread, sometimes with locks held: must not call back, and must be quick.
using Log = std::function<void(Severity, std::string_view)>;

struct StoreOptions {
  std::string directory;  // Of the WAL and temporary files, in the file system given to open().
  std::string object_prefix = "segments";  // Of keys; the cluster's id comes next.
  std::uint32_t partition_count = 1;       // When the cluster is created; later ones must agree.
  // Not owned. With one, the store is a node's of a cluster: the metadata has been created by
  // others and says how many partitions there are; which of them are here, and which are led here,
  // the Replicator says (replicated_log.h). Null: the store is alone.
  Replicator* replicator = nullptr;
  // Compaction, retention and garbage collection run only while it says so. Empty: always.
  std::function<bool()> keeps_house;
  WalOptions wal;
  FlushOptions flush;
  DedupOptions dedup;
  CompactionOptions compaction;
  RetentionOptions retention;
  DiskOptions disk;
  // Objects that no manifest names are deleted when they are older than this: the longest upload,
  // and an hour.
  std::chrono::seconds orphan_age{2 * 3600};
  // Objects of segments that were replaced or dropped are deleted this long after: queries of other
  // nodes may still read them.
  std::chrono::seconds garbage_delay{0};
  // Cut the log at damage instead of refusing to open. The operator's explicit way out: what is
  // behind the damage is kept aside, and lost to queries.
  bool accept_log_damage = false;
  bool background = true;  // Flush, compact and expire by itself; tests do it by hand.
  const base::Clock* clock = &base::real_clock();
  Log log = [](Severity, std::string_view) {};
};

}  // namespace lynxdb::storage
