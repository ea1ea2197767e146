// The ordered log of commands of one cluster, in etcd.
//
//   PREFIX/cluster                           the cluster's id, made once
//   PREFIX/ID/head                           index of the last entry, decimal
//   PREFIX/ID/log/INDEX                      entry; 20 digits, from 1, without a hole
//   PREFIX/ID/checkpoint                     "INDEX CHUNKS BYTES HASH" of the newest snapshot
//   PREFIX/ID/snapshot/INDEX/CHUNK           a piece of the encoded state after that entry
//   PREFIX/ID/controller                     who decides who is dead; under a lease
//
//   entry := version:u8=1 crc:u32 proposal:u64 proposal:u64 command:bytes    crc of what follows
//
// An entry is written together with the head, by one transaction that goes through only when the
// head is the entry before: no two are written to one place, none is left out, and a place that was
// written once is never written again, though what stood there may have been deleted by now. So
// whoever does not know what became of a transaction may send it again.
//
// docs/formats/etcd.md
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/consensus/raft_group.h"
#include "metadata/state.h"

namespace lynxdb::cluster {

class EtcdClient;

using LogIndex = std::uint64_t;

struct ProposalId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const ProposalId&, const ProposalId&) = default;
};

struct LogEntry {
  ProposalId proposal;
  std::string command;
};
std::string encode_entry(const LogEntry& entry);
// Errors: kCorruption.
Result<LogEntry> decode_entry(std::string_view bytes);

// Above it a command is refused: etcd takes requests of 1.5 MB.
inline constexpr std::size_t kEntryBytesMax = std::size_t{1} << 20U;

struct Controller {
  std::int64_t term = 0;  // The revision at which it was elected: grows, never comes again.
  std::string address;    // Of its cluster port.
  std::uint64_t incarnation = 0;
};
std::string encode_controller(const Controller& controller);
Controller decode_controller(std::int64_t term, std::string_view value);

struct Checkpoint {
  LogIndex index = 0;
  std::uint32_t chunks = 0;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  // state_hash()
};

// What etcd holds, at one moment.
struct LogPicture {
  bool done = false;          // What was asked for has been written.
  std::int64_t revision = 0;  // Of etcd.
  LogIndex head = 0;
  std::vector<std::pair<LogIndex, std::string>>
      entries;  // From the asked one on; not all, perhaps.
  std::optional<Controller> controller;
  std::optional<Checkpoint> checkpoint;
};

// Thread-safe. Errors of all calls: as those of EtcdClient; kCorruption where etcd holds what
// nobody of us wrote.
class EtcdLog {
 public:
  // `client` must outlive it.
  EtcdLog(EtcdClient& client, const std::string& prefix, std::string cluster_id);

  // The id of the cluster under `prefix`; empty when there is none.
  static Result<std::string> find_cluster(EtcdClient& client, const std::string& prefix,
                                          Deadline deadline);
  // Makes the cluster, with its first entry, unless there is one.
  static Result<> create_cluster(EtcdClient& client, const std::string& prefix,
                                 const std::string& cluster_id, const std::string& first_entry,
                                 Deadline deadline);

  // What is there now, entries from `from` on.
  Result<LogPicture> read(LogIndex from, Deadline deadline);
  // Puts `entry` at `index` when that is the place behind the head and, unless `term` is 0, when
  // that controller is in office; else what there is instead.
  Result<LogPicture> append(LogIndex index, const std::string& entry, std::int64_t term,
                            Deadline deadline);

  // Takes office when nobody is in it. `done` says whether; then `controller` is the new one.
  Result<LogPicture> campaign(const Controller& candidate, std::int64_t lease, Deadline deadline);
  // Ends that term, if it is not over yet.
  Result<> end_term(std::int64_t term, Deadline deadline);

  // The state of a checkpoint. kNotFound: it has been replaced by a newer one meanwhile.
  Result<metadata::StatePtr> load(const Checkpoint& checkpoint, Deadline deadline);
  // One piece of a snapshot that is being written.
  Result<> put_chunk(LogIndex index, std::uint32_t chunk, std::string bytes, Deadline deadline);
  // Makes `next` the newest checkpoint, if that controller is in office, and deletes the entries up
  // to `trim_to`, and snapshots older than `previous`. kConflict: it is in office no more.
  Result<> publish(const Checkpoint& next, LogIndex previous, LogIndex trim_to, std::int64_t term,
                   Deadline deadline);

  // What changes as the log does: controller, head and entries, but no pieces of snapshots.
  std::string watched_begin() const { return controller_key(); }
  std::string watched_end() const;
  std::string controller_key() const { return base_ + "controller"; }
  // Of an entry's key; nothing for others.
  std::optional<LogIndex> index_of(std::string_view key) const;

 private:
  std::string log_key(LogIndex index) const;
  std::string chunk_key(LogIndex index, std::uint32_t chunk) const;

  EtcdClient& client_;
  const std::string base_;
};

}  // namespace lynxdb::cluster
