#include "cluster/raft_disk/snapshot_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "io/whole_file.h"
#include "raft/entry_codec.h"

namespace lynxdb::cluster {
namespace {

constexpr std::string_view kSnapshotMagic = "LXRS";
constexpr std::uint8_t kSnapshotFileVersion = 1;
constexpr std::string_view kSnapshotFilePrefix = "snapshot-";
constexpr std::uint64_t kSnapshotFileBytesMax = std::uint64_t{1} << 30U;

Error bad_snapshot(const std::string& path, std::string_view what) {
  return Error{ErrorCode::kCorruption, fmt::format("{}: {}", path, what),
               "stop this node, move its raft directory away and start it again: it joins the "
               "cluster as a new member and gets the metadata from the others"};
}

std::string file_head(const raft::SnapshotMeta& meta, std::string_view state) {
  std::string meta_bytes;
  raft::encode(meta, meta_bytes);
  std::string covered;
  base::put_string(meta_bytes, covered);
  base::put_fixed(base::crc32c(state), covered);
  std::string head(kSnapshotMagic);
  base::put_fixed(kSnapshotFileVersion, head);
  base::put_fixed(base::crc32c(covered), head);
  return head + covered;
}

Result<SnapshotFile> parse_snapshot(std::string path, const std::string& bytes) {
  base::ByteReader in(bytes);
  if (in.take(kSnapshotMagic.size()) != kSnapshotMagic ||
      in.fixed<std::uint8_t>() != kSnapshotFileVersion) {
    return bad_snapshot(path, "is no snapshot of this version");
  }
  const auto crc = in.fixed<std::uint32_t>();
  const std::string_view covered = std::string_view(bytes).substr(bytes.size() - in.remaining());
  const std::string_view meta = in.string();
  const auto state_crc = in.fixed<std::uint32_t>();
  const std::string_view state = in.take(in.remaining());
  const auto covered_bytes = covered.size() - state.size();
  if (in.failed() || base::crc32c(covered.substr(0, covered_bytes)) != crc) {
    return bad_snapshot(path, "its head is damaged");
  }
  auto decoded = raft::decode_snapshot_meta(meta);
  if (!decoded) return bad_snapshot(path, decoded.error().message);
  if (decoded->size_bytes != state.size() || base::crc32c(state) != state_crc) {
    return bad_snapshot(path, "the state in it is damaged");
  }
  return SnapshotFile{std::move(path), *std::move(decoded), std::string(state)};
}

}  // namespace

Result<std::optional<SnapshotFile>> newest_snapshot(io::FileSystem& files,
                                                    const std::string& directory) {
  std::vector<std::string> names = TRY(files.list(directory));
  std::erase_if(names, [](const std::string& name) {
    return !name.starts_with(kSnapshotFilePrefix) || name.ends_with(".tmp");
  });
  if (names.empty()) return std::optional<SnapshotFile>();
  std::string path = directory + "/" + names.back();
  const std::string bytes = TRY(io::read_file(files, path, kSnapshotFileBytesMax));
  return std::optional(TRY(parse_snapshot(std::move(path), bytes)));
}

Result<std::string> write_snapshot(io::FileSystem& files, const std::string& directory,
                                   const raft::SnapshotMeta& meta, std::string_view state) {
  std::string path = fmt::format("{}/{}{:020}", directory, kSnapshotFilePrefix, meta.last.index);
  TRY(io::replace_file(files, path, file_head(meta, state) + std::string(state)));
  return path;
}

Result<std::string> read_snapshot_bytes(io::FileSystem& files, const std::string& path,
                                        std::uint64_t offset, std::uint64_t size) {
  auto file = TRY(files.open(path, io::OpenMode::kRead));
  // The meta's length is in front of it; a head is small.
  constexpr std::size_t kBefore = 9;
  constexpr std::size_t kLengthBytesMax = 10;
  std::string head(kBefore + kLengthBytesMax, '\0');
  head.resize(TRY(file->read_at(0, std::as_writable_bytes(std::span(head)))));
  base::ByteReader in(head);
  in.take(kBefore);
  const std::uint64_t before_length = in.remaining();
  const std::uint64_t meta_bytes = in.varint();
  if (in.failed()) return bad_snapshot(path, "its head is damaged");
  const std::uint64_t length_bytes = before_length - in.remaining();
  const std::uint64_t state_at = kBefore + length_bytes + meta_bytes + sizeof(std::uint32_t);
  std::string bytes(size, '\0');
  const auto read = TRY(file->read_at(state_at + offset, std::as_writable_bytes(std::span(bytes))));
  if (read != size) return bad_snapshot(path, "is shorter than its state");
  return bytes;
}

}  // namespace lynxdb::cluster
