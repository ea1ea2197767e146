#include "storage/staging.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "io/whole_file.h"

namespace lynxdb::storage {
namespace {

//   manifest := "LXST" version:u8 command:string crc:u32
constexpr std::string_view kStagingMagic = "LXST";
constexpr std::uint8_t kStagingVersion = 1;
constexpr std::string_view kManifestPrefix = "flush-";
// A command names a few dozen segments; far more than that is no command.
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{64} << 20U;
constexpr std::size_t kCheckBytes = std::size_t{1} << 20U;

Error damaged(std::string what) { return Error{ErrorCode::kCorruption, std::move(what)}; }

// The number of a manifest, or nothing when the file is none.
std::optional<std::uint64_t> manifest_number(std::string_view name) {
  if (!name.starts_with(kManifestPrefix)) return std::nullopt;
  name.remove_prefix(kManifestPrefix.size());
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

Result<metadata::CommitFlush> read_manifest(io::FileSystem& files, const std::string& path) {
  const std::string bytes = TRY(io::read_file(files, path, kManifestBytesMax));
  base::ByteReader in(bytes);
  const std::string_view magic = in.take(kStagingMagic.size());
  const auto version = in.fixed<std::uint8_t>();
  const std::string_view command = in.string();
  const std::string_view covered = std::string_view(bytes).substr(0, bytes.size() - in.remaining());
  const auto crc = in.fixed<std::uint32_t>();
  if (in.failed() || in.remaining() != 0 || magic != kStagingMagic || version != kStagingVersion ||
      crc != base::crc32c(covered)) {
    return damaged("bad checksum");
  }
  auto decoded = TRY(metadata::decode_command(command));
  auto* flush = std::get_if<metadata::CommitFlush>(&decoded);
  if (flush == nullptr || flush->partitions.empty()) return damaged("names no flush");
  return std::move(*flush);
}

// Its offsets and segments became part of the manifest in one step: all of them, or none.
bool is_committed(const metadata::CommitFlush& command, const metadata::State& state) {
  const auto& first = command.partitions.front();
  const auto partition = state.partitions.find(first.partition);
  return partition != state.partitions.end() &&
         first.flushed_offset <= partition->second.flushed_offset;
}

// Adopts manifests one after the other; the first that does not fit ends it.
class Adoption {
 public:
  Adoption(const StoreOptions& options, io::FileSystem& files, const metadata::State& state,
           LiveUploads& uploads)
      : options_(options), files_(files), state_(state), uploads_(uploads) {
    for (const auto& [id, partition] : state.partitions) ends_[id] = partition.flushed_offset;
  }

  // Null when it is in the manifest already.
  Result<StagedFlushPtr> adopt(const std::string& path) {
    metadata::CommitFlush command = TRY(read_manifest(files_, path));
    if (is_committed(command, state_)) return StagedFlushPtr();
    TRY(check_offsets(command));
    std::vector<StagedSegmentPtr> segments;
    for (const SegmentEntry& entry : command.segments) segments.push_back(TRY(open(entry)));
    for (const auto& advance : command.partitions) {
      ends_[advance.partition] = advance.flushed_offset;
    }
    return StagedFlushPtr(std::make_shared<const StagedFlush>(
        std::move(command), std::move(segments), path, options_.clock->monotonic()));
  }

 private:
  Result<> check_offsets(const metadata::CommitFlush& command) const {
    for (const auto& advance : command.partitions) {
      const auto partition = state_.partitions.find(advance.partition);
      const bool follows = partition != state_.partitions.end() &&
                           partition->second.leader_epoch == advance.leader_epoch &&
                           ends_.at(advance.partition) == advance.expected_offset &&
                           advance.expected_offset < advance.flushed_offset;
      if (!follows) return damaged("does not go on where the manifest ends");
    }
    return {};
  }

  Result<StagedSegmentPtr> open(const SegmentEntry& entry) {
    const std::string path = staged_path(options_, entry.object_key);
    const auto file = TRY(files_.open(path, io::OpenMode::kRead));
    auto checked = check_staged_file(*file, entry);
    if (!checked) return std::move(checked).error().in(path);
    return TRY(StagedSegment::open(files_, path, entry, uploads_.begin(entry.object_key)));
  }

  const StoreOptions& options_;
  io::FileSystem& files_;
  const metadata::State& state_;
  LiveUploads& uploads_;
  std::map<PartitionId, Offset> ends_;
};

// Manifests first: what is left of a flush after a crash in here is a set of files that nobody
// names.
Result<> remove_others(io::FileSystem& files, const std::string& directory,
                       const std::vector<std::string>& names, const std::set<std::string>& kept) {
  for (const bool manifests : {true, false}) {
    for (const std::string& name : names) {
      const std::string path = directory + "/" + name;
      if (manifest_number(name).has_value() != manifests || kept.contains(path)) continue;
      TRY(files.remove(path));
    }
  }
  return {};
}

}  // namespace

std::string staging_directory(const StoreOptions& options) {
  return options.directory + "/staging";
}

std::string staged_path(const StoreOptions& options, const std::string& object_key) {
  const std::size_t slash = object_key.rfind('/');
  return staging_directory(options) + "/" +
         (slash == std::string::npos ? object_key : object_key.substr(slash + 1));
}

std::string staging_manifest_path(const StoreOptions& options, std::uint64_t number) {
  return fmt::format("{}/{}{:020}", staging_directory(options), kManifestPrefix, number);
}

Result<> check_staged_file(io::File& file, const SegmentEntry& entry) {
  if (TRY(file.size()) != entry.size_bytes) return damaged("has another size");
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kCheckBytes, entry.size_bytes));
  std::uint32_t crc = 0;
  for (std::uint64_t offset = 0; offset < entry.size_bytes;) {
    const std::size_t got = TRY(file.read_at(offset, buffer));
    if (got == 0) return damaged("ends early");
    crc = base::crc32c(std::span(buffer).first(got), crc);
    offset += got;
  }
  if (crc != entry.crc32c) return damaged("bad checksum");
  return {};
}

StagedFlush::StagedFlush(metadata::CommitFlush command, std::vector<StagedSegmentPtr> segments,
                         std::string manifest_path, base::Clock::Monotonic staged_at)
    : command_(std::move(command)),
      segments_(std::move(segments)),
      manifest_path_(std::move(manifest_path)),
      staged_at_(staged_at) {
  for (const SegmentEntry& segment : command_.segments) {
    rows_ += segment.rows;
    size_bytes_ += segment.size_bytes;
  }
}

bool StagedFlush::is_committed_in(const metadata::State& state) const {
  return is_committed(command_, state);
}

bool StagedFlush::is_open_in(const metadata::State& state) const {
  return std::all_of(
      command_.partitions.begin(), command_.partitions.end(), [&](const auto& advance) {
        const auto row = state.partitions.find(advance.partition);
        return row != state.partitions.end() && row->second.leader_epoch == advance.leader_epoch &&
               row->second.flushed_offset == advance.expected_offset;
      });
}

bool StagedFlush::has_segments_in(const metadata::State& state) const {
  return std::any_of(state.segments.begin(), state.segments.end(), [&](const auto& segment) {
    return segment.second->object_key == command_.segments.front().object_key;
  });
}

Result<> write_staging_manifest(io::FileSystem& files, const std::string& path,
                                const metadata::CommitFlush& command) {
  std::string bytes(kStagingMagic);
  base::put_fixed(kStagingVersion, bytes);
  std::string encoded;
  metadata::encode(command, encoded);
  base::put_string(encoded, bytes);
  base::put_fixed(base::crc32c(bytes), bytes);
  return io::replace_file(files, path, bytes);
}

Result<AdoptedStaging> adopt_staging(const StoreOptions& options, io::FileSystem& files,
                                     const metadata::State& state, LiveUploads& uploads) {
  const std::string directory = staging_directory(options);
  TRY(files.create_directories(directory));
  const std::vector<std::string> names = TRY(files.list(directory));
  AdoptedStaging adopted;
  Adoption adoption(options, files, state, uploads);
  std::set<std::string> kept;
  bool broken = false;
  for (const std::string& name : names) {  // Sorted: by number.
    const auto number = manifest_number(name);
    if (!number) continue;
    adopted.next_number = *number + 1;
    // In a cluster the log has what was staged, and another node may lead.
    if (broken || options.replicator != nullptr) continue;
    const std::string path = directory + "/" + name;
    auto flush = adoption.adopt(path);
    if (!flush) {
      broken = true;
      options.log(Severity::kWarning, fmt::format("{}: {}; its events are read from the log", path,
                                                  flush.error().message));
      continue;
    }
    if (*flush == nullptr) continue;
    kept.insert(path);
    for (const StagedSegmentPtr& segment : (*flush)->segments()) kept.insert(segment->path());
    adopted.flushes.push_back(*std::move(flush));
  }
  TRY(remove_others(files, directory, names, kept));
  return adopted;
}

}  // namespace lynxdb::storage
