// Any bytes as files of a data directory: the start reports damage, or gives a log that goes on and
// can be read again. Each input is read as a whole log file, and, because chance alone never finds
// a checksum, as payloads of intact records; as metadata and as a dedup snapshot, too.
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
#include "storage/wal/wal_files.h"

namespace {

using namespace lynxdb;

constexpr std::uint32_t kSalt = 1;

// Starts a node on a disk with this log; a log that was taken once is taken again.
void start_twice(std::string_view log_bytes) {
  io::FaultFileSystem disk;
  storage::StoreOptions options;
  options.directory = "d";
  disk.create_directories("d/wal").value();
  disk.set_contents(storage::wal_path("d/wal", 1), log_bytes);
  std::vector<std::uint64_t> log_ends;
  for (int start = 0; start < 2; ++start) {
    const auto metadata = metadata::LocalMetadata::open(disk, {"d/meta"});
    LYNXDB_CHECK(metadata.has_value());
    // A log without a cluster is refused before it is read.
    if (start == 0) (*metadata)->propose(metadata::CreateCluster{"c", 1}).value();
    const auto recovered = storage::recover(options, disk, **metadata);
    LYNXDB_CHECK(start == 0 || recovered.has_value());
    if (!recovered) return;
    log_ends.push_back(recovered->partitions[0].log_end());
  }
  LYNXDB_CHECK(log_ends[0] == log_ends[1]);
}

// The input cut into payloads: each begins with its length in one byte.
std::string log_of_payloads(std::string_view bytes) {
  io::FaultFileSystem disk;
  auto log = io::RecordLogWriter::create(disk, "log", io::LogKind::kWal, 1, kSalt);
  LYNXDB_CHECK(log.has_value());
  while (!bytes.empty()) {
    const auto size = static_cast<unsigned char>(bytes.front());
    const std::string_view payload = bytes.substr(1, size);
    const io::RecordParts record{storage::kBatchRecord, payload};
    log->append(std::span(&record, 1)).value();
    bytes.remove_prefix(1 + payload.size());
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
  start_twice(bytes);
  start_twice(log_of_payloads(bytes));
  read_metadata(bytes);
  storage::DedupWindow window({});
  (void)window.decode(bytes).has_value();
  return 0;
}
