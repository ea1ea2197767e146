// Entries, hard state and snapshot metas as bytes, for the log on disk; and the pieces of which
// messages are made, too (docs/formats/raft.md). Each record checks itself:
//
//   record := version:u8=1 crc32c:u32 body      the crc is of the body
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "raft/snapshot_meta.h"
#include "raft/types.h"

namespace lynxdb::raft {

void encode(const Entry& entry, std::string& out);
void encode(const HardState& state, std::string& out);
void encode(const SnapshotMeta& meta, std::string& out);

// Of whole records, nothing behind them. Errors: kCorruption.
Result<Entry> decode_entry(std::string_view bytes);
Result<HardState> decode_hard_state(std::string_view bytes);
Result<SnapshotMeta> decode_snapshot_meta(std::string_view bytes);

// --- Pieces --------------------------------------------------------------------------------------

// Puts version and crc around what `out` has from `start` on.
class RecordFrame {
 public:
  explicit RecordFrame(std::string& out);
  void close();

 private:
  std::string& out_;
  std::size_t start_;
};
// The body. Errors: kCorruption.
Result<std::string_view> open_record(std::string_view bytes);
// kCorruption unless all of it was read.
Result<> expect_end(const base::ByteReader& in);

// index:varint term:varint
void put_id(EntryId id, std::string& out);
EntryId read_id(base::ByteReader& in);
// kind:u8 term:varint payload:string; the index is where it stands.
void put_entry(const Entry& entry, std::string& out);
Entry read_entry(base::ByteReader& in, Index index);
// last:id size:varint configuration:string
void put_meta(const SnapshotMeta& meta, std::string& out);
SnapshotMeta read_meta(base::ByteReader& in);
// At most kIndexMax.
Index read_index(base::ByteReader& in);
// 0 or 1.
bool read_flag(base::ByteReader& in);

}  // namespace lynxdb::raft
