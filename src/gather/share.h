// A part of a scan: what one node reads of it, and how its answer comes.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "gather/picture.h"
#include "gather/share_codec.h"
#include "query/execution.h"
#include "query/scan_request.h"

namespace lynxdb::gather {

// What a scan is about, the same for all of its shares. Outlives them.
struct ScanTask {
  std::shared_ptr<Picture> picture;
  query::ScanRequest request;
  std::vector<std::string> indexes;
  query::Execution& execution;
};

struct Share {
  metadata::NodeId node;
  std::vector<metadata::SegmentPtr> segments;
  std::uint64_t hold = 0;
  std::vector<cluster::HeldPart> parts;  // That the hold has.
  std::uint64_t tail_rows = 0;
};

struct SharePlan {
  std::vector<metadata::SegmentPtr> own;  // Segments that this node reads, when others read some.
  bool spread = false;                    // Whether others read segments.
  std::vector<Share> others;
};

// Tails to those who keep them; segments that may hold rows to all nodes, each to the one whose
// cache has it by rendezvous hashing, when that is worth it.
SharePlan plan_shares(const ScanTask& task);

// The answer of one share. Frames are fetched ahead, a few MB, within the query's memory.
class ShareAnswer {
 public:
  ShareAnswer(const ScanTask& task, const Share& share);
  ~ShareAnswer();
  ShareAnswer(const ShareAnswer&) = delete;
  ShareAnswer& operator=(const ShareAnswer&) = delete;

  // The next frame of rows or groups (its bytes), nullopt at the end, which was reported. Errors:
  // the query's own (kCancelled, kTimeout); others are the node's, who may be replaced.
  Result<std::optional<std::string>> next() EXCLUDES(mutex_);
  // For the picture's report.
  void count_rows(std::uint64_t rows) { work_.rows_received += rows; }

 private:
  void fetch() EXCLUDES(mutex_);
  bool put(Result<std::optional<std::string>> frame) EXCLUDES(mutex_);
  bool make_room(std::size_t size) REQUIRES(mutex_);
  void report(const ShareReport& report);

  const ScanTask& task_;
  const std::string node_;
  std::unique_ptr<cluster::ShareStream> stream_;
  NodeWork work_;
  bool completed_ = false;

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::string> frames_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  bool ended_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Whether another node, or this one, may do the share instead.
bool is_lost(const query::Execution& execution, const Error& error);

// What has to be read instead of a share whose node was lost: its segments here, and its tail where
// it is now. Tails that nobody has any more are an error, or missing where that is allowed.
Result<std::vector<cluster::LeaderTail>> hold_again(const ScanTask& task, const Share& lost,
                                                    const Error& why);

}  // namespace lynxdb::gather
