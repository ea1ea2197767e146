// Who a node is, kept in its data directory: an empty disk under an old name is another node.
//
//   node   := "LXND" version:u8=1 crc:u32 name:string incarnation:u64 cluster_id:string
//   member := "LXNM" version:u8=1 crc:u32 raft_id:u64          beside the Raft log
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "raft/types.h"

namespace lynxdb::cluster {

struct Identity {
  std::string node_name;          // cluster.node_id
  std::uint64_t incarnation = 0;  // Random, of this directory; never 0.
  std::string cluster_id;         // Empty until it belongs to one.
};

// Of `directory`, made when there is none. kConflict: the directory is that of a node with another
// name. Errors: kCorruption, kIo.
Result<Identity> open_identity(io::FileSystem& files, const std::string& directory,
                               const std::string& node_name);
// Durable when it returns. Errors: kIo.
Result<> save_identity(io::FileSystem& files, const std::string& directory,
                       const Identity& identity);

// Of the Raft group's files in `raft_directory`, so that they go together: which member they are.
// kNobody: none yet. Errors: kCorruption, kIo.
Result<raft::NodeId> read_member_id(io::FileSystem& files, const std::string& raft_directory);
Result<> save_member_id(io::FileSystem& files, const std::string& raft_directory, raft::NodeId id);

// Where a node keeps its member of the Raft group.
inline std::string member_directory(const std::string& data_directory) {
  return data_directory + "/raft";
}

}  // namespace lynxdb::cluster
