// Between messages.h and what protoc makes of cluster.proto. Include in .cc files only.
#pragma once

#include <string>

#include "base/mutex.h"  // Before gRPC: Abseil has macros of the same names.
#include "base/result.h"
#include "cluster.grpc.pb.h"
#include "cluster/rpc/messages.h"

namespace lynxdb::cluster {

void put(const Introduction& from, v1::Introduction& to);
Introduction read(const v1::Introduction& from);
void put(const JoinRequest& from, v1::JoinRequest& to);
JoinRequest read(const v1::JoinRequest& from);
void put(const JoinReply& from, v1::JoinReply& to);
JoinReply read(const v1::JoinReply& from);

void put(const Error& from, v1::Failure& to);
Error read(const v1::Failure& from);

// Milliseconds until `deadline`, at least 1; and back again.
std::uint32_t milliseconds_until(std::chrono::steady_clock::time_point deadline);
std::chrono::steady_clock::time_point deadline_after(std::uint32_t milliseconds);

}  // namespace lynxdb::cluster
