#include "cluster/rpc/replica_codec.h"

#include <utility>

#include "cluster.pb.h"

namespace lynxdb::cluster {
namespace {

void put(const replication::Fetch& from, v1::Fetch& to) {
  to.set_partition(from.partition.value());
  to.set_id(from.id);
  to.set_node_epoch(from.node_epoch);
  to.set_leader_epoch(from.leader_epoch);
  to.set_partition_epoch(from.partition_epoch);
  to.set_log_end(from.log_end);
  to.set_durable(from.durable);
  to.set_last_epoch(from.last_epoch);
  to.set_wants_reset(from.wants_reset);
}

replication::Fetch read(const v1::Fetch& from) {
  return {.partition = metadata::PartitionId(from.partition()),
          .id = from.id(),
          .node_epoch = from.node_epoch(),
          .leader_epoch = from.leader_epoch(),
          .partition_epoch = from.partition_epoch(),
          .log_end = from.log_end(),
          .durable = from.durable(),
          .last_epoch = from.last_epoch(),
          .wants_reset = from.wants_reset()};
}

void put(const replication::FetchAnswer& from, v1::FetchAnswer& to) {
  to.set_partition(from.partition.value());
  to.set_id(from.id);
  to.set_leader_epoch(from.leader_epoch);
  to.set_outcome(static_cast<std::uint32_t>(from.outcome));
  to.set_high_watermark(from.high_watermark);
  for (const replication::Batch& batch : from.batches) {
    v1::LogBatch& put = *to.add_batches();
    put.set_base(batch.base);
    put.set_count(batch.count);
    put.set_epoch(batch.epoch);
    if (batch.payload != nullptr) put.set_record(*batch.payload);
  }
  to.set_diverging_epoch(from.diverging.epoch);
  to.set_diverging_end(from.diverging.end);
  to.set_start(from.start);
  for (const replication::EpochStart& epoch : from.epochs) {
    v1::EpochStart& put = *to.add_epochs();
    put.set_epoch(epoch.epoch);
    put.set_start(epoch.start);
  }
  if (from.dedup != nullptr) to.set_dedup(*from.dedup);
}

Result<replication::FetchAnswer> read(v1::FetchAnswer& from) {
  replication::FetchAnswer to;
  to.partition = metadata::PartitionId(from.partition());
  to.id = from.id();
  to.leader_epoch = from.leader_epoch();
  constexpr auto kFirst = static_cast<std::uint32_t>(replication::FetchOutcome::kRecords);
  constexpr auto kLast = static_cast<std::uint32_t>(replication::FetchOutcome::kNotLeader);
  if (from.outcome() < kFirst || from.outcome() > kLast)
    return Error{ErrorCode::kCorruption, "an unknown outcome of a fetch"};
  to.outcome = static_cast<replication::FetchOutcome>(from.outcome());
  to.high_watermark = from.high_watermark();
  for (v1::LogBatch& batch : *from.mutable_batches()) {
    const bool fits = batch.count() > 0 && batch.base() + batch.count() > batch.base();
    if (!fits) return Error{ErrorCode::kCorruption, "a batch without events"};
    to.batches.push_back(
        {.base = batch.base(),
         .count = batch.count(),
         .epoch = batch.epoch(),
         .payload = std::make_shared<const std::string>(std::move(*batch.mutable_record()))});
  }
  to.diverging = {.epoch = from.diverging_epoch(), .end = from.diverging_end()};
  to.start = from.start();
  for (const v1::EpochStart& epoch : from.epochs()) {
    const bool ascends = to.epochs.empty() || (to.epochs.back().epoch < epoch.epoch() &&
                                               to.epochs.back().start <= epoch.start());
    if (!ascends) return Error{ErrorCode::kCorruption, "epochs out of order"};
    to.epochs.push_back({.epoch = epoch.epoch(), .start = epoch.start()});
  }
  if (!from.dedup().empty())
    to.dedup = std::make_shared<const std::string>(std::move(*from.mutable_dedup()));
  return to;
}

}  // namespace

std::string encode(const ReplicaMessage& message) {
  v1::ReplicaMessage bytes;
  bytes.set_from(message.from.value());
  bytes.set_to(message.to.value());
  if (const auto* fetch = std::get_if<replication::Fetch>(&message.what)) {
    put(*fetch, *bytes.mutable_fetch());
  } else {
    put(std::get<replication::FetchAnswer>(message.what), *bytes.mutable_answer());
  }
  return bytes.SerializeAsString();
}

Result<ReplicaMessage> decode_replica_message(std::string_view bytes) {
  v1::ReplicaMessage message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{ErrorCode::kCorruption, "a message between copies cannot be read"};
  ReplicaMessage read_back{
      .from = metadata::NodeId(message.from()), .to = metadata::NodeId(message.to()), .what = {}};
  if (message.has_fetch()) {
    read_back.what = read(message.fetch());
  } else if (message.has_answer()) {
    read_back.what = TRY(read(*message.mutable_answer()));
  } else {
    return Error{ErrorCode::kCorruption, "a message between copies that says nothing"};
  }
  return read_back;
}

}  // namespace lynxdb::cluster
