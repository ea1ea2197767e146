// The other nodes, as a query sees them. Tests have some of their own.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cluster/route/cluster_reader.h"

namespace lynxdb::gather {

// Thread-safe.
class Nodes {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  virtual ~Nodes() = default;
  // As ClusterReader says.
  virtual std::unique_ptr<cluster::ShareStream> run_share(metadata::NodeId at, std::uint64_t hold,
                                                          std::string request,
                                                          Deadline deadline) = 0;
  virtual Result<std::vector<cluster::LeaderTail>> hold_again(
      metadata::Version version, const std::vector<cluster::HeldPart>& parts,
      Deadline deadline) = 0;
  virtual void release(const cluster::LeaderTail& tail) = 0;
};

class ClusterNodes final : public Nodes {
 public:
  explicit ClusterNodes(cluster::ClusterReader& reader) : reader_(reader) {}

  std::unique_ptr<cluster::ShareStream> run_share(metadata::NodeId at, std::uint64_t hold,
                                                  std::string request, Deadline deadline) override {
    return reader_.run_share(at, hold, std::move(request), deadline);
  }
  Result<std::vector<cluster::LeaderTail>> hold_again(metadata::Version version,
                                                      const std::vector<cluster::HeldPart>& parts,
                                                      Deadline deadline) override {
    return reader_.hold_again(version, parts, deadline);
  }
  void release(const cluster::LeaderTail& tail) override { reader_.release(tail); }

 private:
  cluster::ClusterReader& reader_;
};

}  // namespace lynxdb::gather
