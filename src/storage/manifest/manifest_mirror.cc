#include "storage/manifest/manifest_mirror.h"

#include <utility>
#include <vector>

#include "storage/manifest/manifest.h"

namespace lynxdb::storage {
namespace {

// Somebody may just be reading the one before.
constexpr std::size_t kKept = 2;
constexpr std::size_t kLeftoversMax = 10'000;

}  // namespace

Result<> ManifestMirror::update() {
  const base::MutexLock lock(mutex_);
  const metadata::StatePtr state = metadata_.state();
  if (!begun_) TRY(begin(*state));
  const Fingerprint now{state->next_segment_id, state->segments.size()};
  if (now == written_) return {};
  std::string bytes;
  metadata::encode(*state, bytes);
  std::string key = manifest_key(state->cluster_id, state->version);
  TRY(objects_.put(key, bytes));
  written_ = now;
  written_bytes_ = bytes.size();
  if (keys_.empty() || keys_.back() < key) keys_.push_back(std::move(key));
  return remove_old();
}

void ManifestMirror::leave_to_others() {
  const base::MutexLock lock(mutex_);
  begun_ = false;
  written_ = {};
}

// Others may have kept it before; and the order that this cluster began with is done.
Result<> ManifestMirror::begin(const metadata::State& state) {
  const std::string prefix = manifest_key(state.cluster_id, 0);
  keys_.clear();
  for (const io::ObjectInfo& object : TRY(io::list_all(
           objects_, std::string_view(prefix).substr(0, prefix.rfind('/') + 1), kLeftoversMax)))
    keys_.push_back(object.key);
  const auto order = TRY(read_order(objects_));
  if (order && order->cluster_id == state.cluster_id) TRY(remove_order(objects_));
  begun_ = true;
  return {};
}

Result<> ManifestMirror::remove_old() {
  if (keys_.size() <= kKept) return {};
  const std::vector<std::string> old(keys_.begin(),
                                     keys_.end() - static_cast<std::ptrdiff_t>(kKept));
  TRY(objects_.remove(old));
  keys_.erase(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(old.size()));
  return {};
}

}  // namespace lynxdb::storage
