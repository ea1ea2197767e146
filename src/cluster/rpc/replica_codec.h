// Messages between the copies of partitions as bytes (cluster.proto, ReplicaMessage).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "replication/message.h"

namespace lynxdb::cluster {

struct ReplicaMessage {
  metadata::NodeId from;
  metadata::NodeId to;
  std::variant<replication::Fetch, replication::FetchAnswer> what;
};

std::string encode(const ReplicaMessage& message);
// Payloads are taken as they are: whoever appends them checks them. Errors: kCorruption.
Result<ReplicaMessage> decode_replica_message(std::string_view bytes);

}  // namespace lynxdb::cluster
