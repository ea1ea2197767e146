// The file of one snapshot of the metadata state (docs/formats/raft.md):
//
//   file := "LXRS" version:u8=1 crc:u32 meta:string state_crc:u32 state
//
// `crc` is of all that follows it up to the state, `state_crc` of the state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"
#include "raft/snapshot_meta.h"

namespace lynxdb::cluster {

struct SnapshotFile {
  std::string path;
  raft::SnapshotMeta meta;
  std::string state;
};

// The one that reaches furthest. Errors: kCorruption (file and what is wrong), kIo.
Result<std::optional<SnapshotFile>> newest_snapshot(io::FileSystem& files,
                                                    const std::string& directory);

// Durable when it returns its path. Errors: kIo.
Result<std::string> write_snapshot(io::FileSystem& files, const std::string& directory,
                                   const raft::SnapshotMeta& meta, std::string_view state);

// Bytes [offset, offset + size) of the state. Errors: kCorruption, kIo.
Result<std::string> read_snapshot_bytes(io::FileSystem& files, const std::string& path,
                                        std::uint64_t offset, std::uint64_t size);

}  // namespace lynxdb::cluster
