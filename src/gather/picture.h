// One read view of the whole cluster, and what reading it came to: shared by all sources that one
// request opens over it.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "cluster/route/cluster_reader.h"
#include "gather/nodes.h"
#include "scan/scan_counters.h"
#include "scan/segment_opener.h"
#include "storage/read_view.h"

namespace lynxdb::gather {

struct PictureOptions {
  std::string own_name;
  bool partial = false;  // Rows that nobody can give are missing instead of an error.
  // How long a lost leader's successor is waited for.
  std::chrono::milliseconds lost_leader_timeout{30'000};
  // Scans of fewer rows of segments stay on this node: asking others costs more.
  std::uint64_t spread_rows_min = 65'536;
};

// What one node did for the request.
struct NodeWork {
  std::uint64_t shares = 0;
  std::uint64_t segments = 0;
  std::uint64_t tail_rows = 0;
  std::uint64_t rows_read = 0;
  std::uint64_t rows_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t failures = 0;  // Shares that others had to do.
};

// Thread-safe. `nodes` and `segments` outlive it.
class Picture {
 public:
  // `local`: a view with the segments of the cluster's picture and the tails that are here.
  Picture(cluster::ClusterPicture picture, storage::ReadView local, Nodes& nodes,
          scan::SegmentOpener& segments, PictureOptions options);
  ~Picture();
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const metadata::State& state() const { return *state_; }
  const storage::ReadView& local() const { return local_; }
  const std::vector<cluster::LeaderTail>& remote() const { return remote_; }
  Nodes& nodes() const { return nodes_; }
  scan::SegmentOpener& segments() const { return segments_; }
  const PictureOptions& options() const { return options_; }
  scan::ScanCounters& counters() { return counters_; }
  const scan::ScanCounters& counters() const { return counters_; }
  // Names of the indexes that hold events.
  const std::set<std::string>& indexes() const { return indexes_; }
  std::string name_of(metadata::NodeId node) const;

  void worked(const std::string& node, const NodeWork& work) EXCLUDES(mutex_);
  std::map<std::string, NodeWork> work() const EXCLUDES(mutex_);
  // Rows of these partitions did not come into the answer.
  void missed(const std::vector<cluster::HeldPart>& parts, const std::string& why) EXCLUDES(mutex_);
  std::vector<cluster::MissingPart> missing() const EXCLUDES(mutex_);
  // Is held until the picture goes.
  void keep(cluster::LeaderTail tail) EXCLUDES(mutex_);

 private:
  const metadata::StatePtr state_;
  const storage::ReadView local_;
  std::vector<cluster::LeaderTail> remote_;
  Nodes& nodes_;
  scan::SegmentOpener& segments_;
  const PictureOptions options_;
  scan::ScanCounters counters_;
  std::set<std::string> indexes_;

  mutable base::Mutex mutex_;
  std::map<std::string, NodeWork> work_ GUARDED_BY(mutex_);
  std::map<metadata::PartitionId, std::string> missing_ GUARDED_BY(mutex_);
  std::vector<cluster::LeaderTail> kept_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::gather
