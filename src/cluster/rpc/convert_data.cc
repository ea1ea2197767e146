#include "cluster/rpc/convert_data.h"

#include <utility>

#include "cluster/rpc/convert.h"
#include "event/batch_codec.h"

namespace lynxdb::cluster {
namespace {

Result<event::EventBatch> decode_events(const std::string& bytes) {
  const auto owned = std::make_shared<const std::string>(bytes);
  return event::decode(*owned, owned);
}

}  // namespace

void put(const storage::AppendRequest& from, v1::AppendPart& to) {
  to.set_partition(from.partition.value());
  event::encode(from.batch, *to.mutable_batch());
  to.set_batch_id(from.batch_id);
  to.set_part(from.part);
  to.set_content_crc(from.content_crc);
  for (const std::string& id : from.event_ids) to.add_event_ids(id);
}

Result<storage::AppendRequest> read(const v1::AppendPart& from) {
  storage::AppendRequest to;
  to.partition = metadata::PartitionId(from.partition());
  to.batch = TRY(decode_events(from.batch()));
  to.batch_id = from.batch_id();
  to.part = from.part();
  to.content_crc = from.content_crc();
  to.event_ids.assign(from.event_ids().begin(), from.event_ids().end());
  return to;
}

void put(const Result<storage::Appended>& from, v1::AppendOutcome& to) {
  if (!from) return put(from.error(), *to.mutable_failure());
  to.set_begin(from->offsets.begin);
  to.set_end(from->offsets.end);
  to.set_duplicate(from->duplicate);
  for (const std::uint32_t row : from->duplicate_rows) to.add_duplicate_rows(row);
}

Result<storage::Appended> read(const v1::AppendOutcome& from, metadata::PartitionId partition) {
  if (from.has_failure()) return read(from.failure());
  storage::Appended to;
  to.partition = partition;
  to.offsets = {from.begin(), from.end()};
  to.duplicate = from.duplicate();
  to.duplicate_rows.assign(from.duplicate_rows().begin(), from.duplicate_rows().end());
  return to;
}

void put(const TailQuestion& from, v1::TailPart& to) {
  to.set_partition(from.partition.value());
  to.set_flushed(from.flushed);
  if (from.end) to.set_end(*from.end);
}

TailQuestion read(const v1::TailPart& from) {
  TailQuestion to{metadata::PartitionId(from.partition()), from.flushed(), {}};
  if (from.has_end()) to.end = from.end();
  return to;
}

void put(const Result<TailHold>& from, v1::HoldTailReply& to) {
  if (!from) return put(from.error(), *to.mutable_failure());
  to.set_newer_version(from->newer_version);
  to.set_hold(from->id);
  for (const HeldPart& part : from->parts)
    put(TailQuestion{part.partition, part.offsets.begin, part.offsets.end}, *to.add_parts());
  to.set_rows(from->rows);
  for (const std::string& index : from->indexes) to.add_indexes(index);
}

Result<TailHold> read(const v1::HoldTailReply& from) {
  if (from.has_failure()) return read(from.failure());
  TailHold to{.newer_version = from.newer_version(),
              .id = from.hold(),
              .parts = {},
              .rows = from.rows(),
              .indexes = {from.indexes().begin(), from.indexes().end()},
              .batches = {}};
  for (const v1::TailPart& part : from.parts())
    to.parts.push_back({metadata::PartitionId(part.partition()), {part.flushed(), part.end()}});
  return to;
}

void put(const NodeReport& from, v1::ReportReply& to) {
  to.set_pending_segments(from.pending_segments);
  to.set_pending_bytes(from.pending_bytes);
  to.set_pending_seconds(from.pending_seconds);
  to.set_unflushed_events(from.unflushed_events);
  to.set_wal_bytes(from.wal_bytes);
  to.set_disk_used_bytes(from.disk_used_bytes);
  to.set_disk_total_bytes(from.disk_total_bytes);
  for (const NodeReport::Copy& copy : from.copies) {
    v1::CopyReport& report = *to.add_copies();
    report.set_partition(copy.partition.value());
    report.set_high_watermark(copy.high_watermark);
    report.set_log_end(copy.log_end);
    for (const NodeReport::Follower& follower : copy.followers) {
      v1::FollowerReport& entry = *report.add_followers();
      entry.set_node_id(follower.node.value());
      entry.set_log_end(follower.log_end);
    }
  }
}

NodeReport read(const v1::ReportReply& from) {
  NodeReport to{.pending_segments = from.pending_segments(),
                .pending_bytes = from.pending_bytes(),
                .pending_seconds = from.pending_seconds(),
                .unflushed_events = from.unflushed_events(),
                .wal_bytes = from.wal_bytes(),
                .disk_used_bytes = from.disk_used_bytes(),
                .disk_total_bytes = from.disk_total_bytes(),
                .copies = {}};
  for (const v1::CopyReport& report : from.copies()) {
    NodeReport::Copy& copy = to.copies.emplace_back();
    copy.partition = metadata::PartitionId(report.partition());
    copy.high_watermark = report.high_watermark();
    copy.log_end = report.log_end();
    for (const v1::FollowerReport& follower : report.followers())
      copy.followers.push_back({metadata::NodeId(follower.node_id()), follower.log_end()});
  }
  return to;
}

}  // namespace lynxdb::cluster
