// Writes and reads of another node's partitions as cluster.proto has them. Include in .cc files
// only.
#pragma once

#include "base/mutex.h"  // Before gRPC: Abseil has macros of the same names.
#include "base/result.h"
#include "cluster.grpc.pb.h"
#include "cluster/rpc/data_handlers.h"

namespace lynxdb::cluster {

void put(const storage::AppendRequest& from, v1::AppendPart& to);
// Errors: kCorruption.
Result<storage::AppendRequest> read(const v1::AppendPart& from);
void put(const Result<storage::Appended>& from, v1::AppendOutcome& to);
Result<storage::Appended> read(const v1::AppendOutcome& from, metadata::PartitionId partition);

void put(const TailQuestion& from, v1::TailPart& to);
TailQuestion read(const v1::TailPart& from);
void put(const Result<TailHold>& from, v1::HoldTailReply& to);
Result<TailHold> read(const v1::HoldTailReply& from);

void put(const NodeReport& from, v1::ReportReply& to);
NodeReport read(const v1::ReportReply& from);

}  // namespace lynxdb::cluster
