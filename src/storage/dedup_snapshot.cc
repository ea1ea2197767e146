#include "storage/dedup_snapshot.h"

#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "io/whole_file.h"
#include "storage/wal/wal_record.h"

namespace lynxdb::storage {
namespace {

//   snapshot := "LXDD" version:u8 { partition:u32 log batches:string events:string }* crc:u32
//   log      := log_start:u64 epochs:varint { leader_epoch:u32 start:u64 }*    version 2
constexpr std::string_view kMagic = "LXDD";
constexpr std::uint8_t kFirstVersion = 1;
constexpr std::uint8_t kLogVersion = 2;
constexpr std::size_t kFrameBytes = kMagic.size() + sizeof(kLogVersion) + sizeof(std::uint32_t);
constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{16} << 30U;

std::string path_in(const std::string& directory) { return directory + "/dedup"; }

Error corrupt(const std::string& path, std::string_view what) {
  return Error{ErrorCode::kCorruption, path + ": " + std::string(what),
               "restore the file from a backup, or remove it: retries of batches that were "
               "acknowledged before the last trim of the log are then stored again"};
}

}  // namespace

Result<> write_dedup_snapshot(io::FileSystem& files, const std::string& directory,
                              const DedupSnapshots& windows) {
  std::string bytes(kMagic);
  base::put_fixed(kLogVersion, bytes);
  for (const auto& [partition, snapshot] : windows) {
    base::put_fixed(partition.value(), bytes);
    base::put_fixed(snapshot.log_start.value_or(0), bytes);
    put_epochs(snapshot.epochs, bytes);
    base::put_string(snapshot.batches, bytes);
    base::put_string(snapshot.events, bytes);
  }
  base::put_fixed(base::crc32c(bytes), bytes);
  return io::replace_file(files, path_in(directory), bytes);
}

Result<DedupSnapshots> read_dedup_snapshot(io::FileSystem& files, const std::string& directory) {
  DedupSnapshots windows;
  const std::string path = path_in(directory);
  auto read = io::read_file(files, path, kSnapshotBytesMax);
  if (!read && read.error().code == ErrorCode::kNotFound) return windows;
  const std::string bytes = TRY(std::move(read));
  if (bytes.size() < kFrameBytes || !bytes.starts_with(kMagic))
    return corrupt(path, "is no snapshot");
  const std::string_view covered =
      std::string_view(bytes).substr(0, bytes.size() - sizeof(std::uint32_t));
  base::ByteReader crc(std::string_view(bytes).substr(covered.size()));
  if (base::crc32c(covered) != crc.fixed<std::uint32_t>()) return corrupt(path, "bad checksum");
  base::ByteReader in(covered.substr(kMagic.size()));
  const auto version = in.fixed<std::uint8_t>();
  if (version != kFirstVersion && version != kLogVersion) return corrupt(path, "unknown version");
  while (in.remaining() > 0) {
    const metadata::PartitionId partition(in.fixed<std::uint32_t>());
    DedupSnapshot& snapshot = windows[partition];
    if (version >= kLogVersion) {
      snapshot.log_start = in.fixed<std::uint64_t>();
      snapshot.epochs = take_epochs(in);
    }
    snapshot.batches = std::string(in.string());
    snapshot.events = std::string(in.string());
  }
  if (in.failed()) return corrupt(path, "ends early");
  return windows;
}

}  // namespace lynxdb::storage
