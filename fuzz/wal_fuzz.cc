// Any bytes as files of a data directory: the start reports damage, or gives a log that goes on and
// can be read again. Each input is read as a whole log file, and, because chance alone never finds
// a checksum, as payloads of intact records; as metadata and as a dedup snapshot, too. Once as a
// node that is alone, once as one of a cluster, which takes more types of records.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "io/fault_file.h"
#include "io/record_log.h"
#include "metadata/command.h"
#include "metadata/local_metadata.h"
#include "storage/dedup_window.h"
#include "storage/recovery.h"
#include "storage/replicated_log.h"
#include "storage/wal/wal_files.h"

namespace {

using namespace lynxdb;

constexpr std::uint32_t kSalt = 1;

// Says that the node is one of a cluster; nobody asks it anything while the log is read.
class NoReplicator final : public storage::Replicator {
 public:
  Result<> place(storage::PartitionId, storage::LeaderEpoch, std::uint32_t,
                 const std::function<void(const storage::Place&)>&) override {
    return {};
  }
  void durable(std::span<const storage::LogEnd>) override {}
  void log_failed(const Error&) override {}
  std::map<storage::PartitionId, storage::Flushable> flushable() override { return {}; }
  std::map<storage::PartitionId, storage::Offset> trimmable() override { return {}; }
  void trimmed(storage::PartitionId, storage::Offset) override {}
};

std::vector<storage::Offset> ends_of(const storage::PartitionLogs& logs) {
  std::vector<storage::Offset> ends;
  for (const auto& [id, log] : logs) {
    LYNXDB_CHECK(log.log_start() <= log.log_end());
    ends.insert(ends.end(), {log.log_start(), log.log_end(), log.epochs().newest()});
  }
  return ends;
}

// Starts a node on a disk with this log; a log that was taken once is taken again.
void start_twice(std::string_view log_bytes, storage::Replicator* replicator) {
  io::FaultFileSystem disk;
  storage::StoreOptions options;
  options.directory = "d";
  options.replicator = replicator;
  disk.create_directories("d/wal").value();
  disk.set_contents(storage::wal_path("d/wal", 1), log_bytes);
  std::vector<std::vector<storage::Offset>> ends;
  for (int start = 0; start < 2; ++start) {
    const auto metadata = metadata::LocalMetadata::open(disk, {"d/meta"});
    LYNXDB_CHECK(metadata.has_value());
    // A log without a cluster is refused before it is read.
    if (start == 0) (*metadata)->propose(metadata::CreateCluster{"c", 1}).value();
    const auto recovered = storage::recover(options, disk, **metadata);
    LYNXDB_CHECK(start == 0 || recovered.has_value());
    if (!recovered) return;
    ends.push_back(ends_of(recovered->partitions));
  }
  LYNXDB_CHECK(ends[0] == ends[1]);
}

// The input cut into payloads: each begins with its length in one byte. With types: there is one
// before it that says its type.
std::string log_of_payloads(std::string_view bytes, bool has_types) {
  io::FaultFileSystem disk;
  auto log = io::RecordLogWriter::create(disk, "log", io::LogKind::kWal, 1, kSalt);
  LYNXDB_CHECK(log.has_value());
  while (!bytes.empty()) {
    io::RecordParts record{storage::kBatchRecord, {}};
    if (has_types) {
      record.type = static_cast<std::uint8_t>(bytes.front()) % (storage::kRemovedRecord + 2);
      bytes.remove_prefix(1);
    }
    if (bytes.empty()) break;
    const auto size = static_cast<unsigned char>(bytes.front());
    record.head = bytes.substr(1, size);
    log->append(std::span(&record, 1)).value();
    bytes.remove_prefix(1 + record.head.size());
  }
  return disk.contents("log");
}

void read_metadata(std::string_view bytes) {
  (void)metadata::decode_state(bytes).has_value();
  const auto command = metadata::decode_command(bytes);
  if (!command) return;
  std::string again;
  metadata::encode(*command, again);
  LYNXDB_CHECK(metadata::decode_command(again).has_value());
  (void)metadata::apply_command(metadata::State{}, *command).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  NoReplicator replicator;
  start_twice(bytes, nullptr);
  start_twice(bytes, &replicator);
  start_twice(log_of_payloads(bytes, false), nullptr);
  start_twice(log_of_payloads(bytes, true), &replicator);
  read_metadata(bytes);
  storage::DedupWindow window({});
  (void)window.decode(bytes).has_value();
  storage::DedupWindows windows({});
  (void)storage::decode(bytes, windows).has_value();
  return 0;
}
