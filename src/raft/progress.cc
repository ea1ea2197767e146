#include "raft/progress.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::raft {

bool AppendWindow::has_room(const Options& options) const {
  return sent_.size() < options.inflight_appends_max && bytes_ < options.inflight_bytes_max;
}

void AppendWindow::add(Index last, std::size_t bytes) {
  sent_.push_back({last, bytes});
  bytes_ += bytes;
}

void AppendWindow::free_to(Index index) {
  std::size_t count = 0;
  while (count < sent_.size() && sent_[count].last <= index) bytes_ -= sent_[count++].bytes;
  sent_.erase(sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(count));
}

void AppendWindow::clear() {
  sent_.clear();
  bytes_ = 0;
}

Progress::Progress(NodeId node, Index next, std::uint64_t tick)
    : node_(node), next_(next), heard_tick_(tick) {}

void Progress::hear_stamp(Stamp stamp) {
  acked_round_ = std::max(acked_round_, stamp.round);
  acked_tick_ = std::max(acked_tick_, stamp.tick);
}

bool Progress::may_append(const Options& options) const {
  if (mode_ == Mode::kProbe) return !probe_sent_;
  return mode_ == Mode::kReplicate && window_.has_room(options);
}

void Progress::sent_append(const AppendRequest& append, std::size_t bytes) {
  sent_commit_ = append.commit;
  if (mode_ == Mode::kProbe) probe_sent_ = true;
  if (mode_ != Mode::kReplicate || append.entries.empty()) return;
  next_ = append.entries.back().index + 1;
  window_.add(next_ - 1, bytes);
}

bool Progress::accepted(Index index) {
  const bool news = index > match_;
  const bool found = mode_ == Mode::kProbe && (news || index + 1 == next_);
  if (!news && !found) return false;
  match_ = std::max(match_, index);
  next_ = std::max(next_, match_ + 1);
  if (mode_ == Mode::kProbe) mode_ = Mode::kReplicate;
  if (mode_ == Mode::kReplicate) window_.free_to(match_);
  return true;
}

bool Progress::refused(Index refused, Index next) {
  if (mode_ == Mode::kSnapshot || refused <= match_) return false;
  // A probe has one question open; an older one's answer says nothing about it.
  if (mode_ == Mode::kProbe && refused + 1 != next_) return false;
  probe_from(std::clamp(next, match_ + 1, refused));
  return true;
}

void Progress::probe_from(Index next) {
  LYNXDB_CHECK(next > match_);
  mode_ = Mode::kProbe;
  probe_sent_ = false;
  next_ = next;
  window_.clear();
  snapshot_ = {};
}

void Progress::start_snapshot(SnapshotMeta meta) {
  mode_ = Mode::kSnapshot;
  window_.clear();
  next_ = std::max(meta.last.index, match_) + 1;
  snapshot_ = {};
  snapshot_.meta = std::move(meta);
}

}  // namespace lynxdb::raft
