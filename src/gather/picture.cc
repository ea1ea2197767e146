#include "gather/picture.h"

#include <utility>

#include "scan/store_source.h"

namespace lynxdb::gather {

Picture::Picture(cluster::ClusterPicture picture, storage::ReadView local, Nodes& nodes,
                 scan::SegmentOpener& segments, PictureOptions options)
    : state_(std::move(picture.state)),
      local_(std::move(local)),
      nodes_(nodes),
      segments_(segments),
      options_(std::move(options)) {
  for (std::string& index : scan::known_indexes(local_)) indexes_.insert(std::move(index));
  for (cluster::LeaderTail& tail : picture.tails) {
    if (tail.is_own) {
      nodes_.release(tail);  // The view has its rows.
      continue;
    }
    indexes_.insert(tail.hold.indexes.begin(), tail.hold.indexes.end());
    if (tail.hold.rows > 0) remote_.push_back(std::move(tail));
  }
  for (cluster::MissingPart& part : picture.missing) missing_[part.partition] = std::move(part.why);
}

Picture::~Picture() {
  for (const cluster::LeaderTail& tail : remote_) nodes_.release(tail);
  const base::MutexLock lock(mutex_);
  for (const cluster::LeaderTail& tail : kept_) nodes_.release(tail);
}

void Picture::keep(cluster::LeaderTail tail) {
  const base::MutexLock lock(mutex_);
  tail.hold.batches.clear();
  kept_.push_back(std::move(tail));
}

std::string Picture::name_of(metadata::NodeId node) const {
  const auto found = state_->nodes.find(node);
  return found == state_->nodes.end() ? "node " + std::to_string(node.value()) : found->second.name;
}

void Picture::worked(const std::string& node, const NodeWork& work) {
  const base::MutexLock lock(mutex_);
  NodeWork& sum = work_[node];
  sum.shares += work.shares;
  sum.segments += work.segments;
  sum.tail_rows += work.tail_rows;
  sum.rows_read += work.rows_read;
  sum.rows_received += work.rows_received;
  sum.bytes_received += work.bytes_received;
  sum.failures += work.failures;
}

std::map<std::string, NodeWork> Picture::work() const {
  const base::MutexLock lock(mutex_);
  return work_;
}

void Picture::missed(const std::vector<cluster::HeldPart>& parts, const std::string& why) {
  const base::MutexLock lock(mutex_);
  for (const cluster::HeldPart& part : parts)
    if (part.offsets.size() > 0) missing_.emplace(part.partition, why);
}

std::vector<cluster::MissingPart> Picture::missing() const {
  const base::MutexLock lock(mutex_);
  std::vector<cluster::MissingPart> parts;
  for (const auto& [partition, why] : missing_) parts.push_back({partition, why});
  return parts;
}

}  // namespace lynxdb::gather
