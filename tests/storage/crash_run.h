// One random history of a store, from one seed: appends, retries, flushes, compaction, retention,
// failing disks, failing uploads, crashes in the middle of anything, restarts. And what must hold
// whenever somebody looks: every acknowledged event is there exactly once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "io/fault_file.h"
#include "io/object_store.h"
#include "metadata/local_metadata.h"
#include "storage/store.h"
#include "tests/storage/flaky_object_store.h"

namespace lynxdb::tests {

class CrashRun {
 public:
  explicit CrashRun(std::uint64_t seed);
  ~CrashRun();

  // "" when all went well, else what was wrong.
  std::string run();

 private:
  // A batch that a client sent, and sends again until it knows.
  struct Batch {
    std::string batch_id;
    storage::PartitionId partition;
    std::vector<std::string> ids;
    std::string index;
    std::int64_t time_ns = 0;
    std::optional<storage::OffsetRange> offsets;  // Of the first acknowledgement.
  };
  // A view that is kept while the store goes on, and what was in it.
  struct OldView {
    storage::ReadView view;
    std::vector<std::string> ids;
  };

  bool open();
  void close();
  void crash();
  void order_fault();
  void live();
  void step();
  void append_new();
  void retry(std::size_t batch);
  void send(Batch& batch);
  void remember_view();
  void check_old_view();
  void check_everything();
  void check_manifest(const metadata::State& state);
  std::vector<std::string> read(const storage::ReadView& view);
  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  void fail(const std::string& what);

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  std::string failure_;
  base::ManualClock clock_;
  storage::StoreOptions options_;
  bool keeps_unsynced_ = false;  // Only the process dies, the machine never does.
  bool has_retention_ = false;

  io::FaultFileSystem disk_;
  std::unique_ptr<io::ObjectStore> local_objects_;
  std::unique_ptr<FlakyObjectStore> objects_;
  std::unique_ptr<metadata::LocalMetadata> metadata_;
  std::unique_ptr<storage::Store> store_;

  std::vector<Batch> batches_;
  std::vector<OldView> views_;
  std::uint64_t next_id_ = 0;
};

}  // namespace lynxdb::tests
