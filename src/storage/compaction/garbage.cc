#include "storage/compaction/garbage.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lynxdb::storage {
namespace {

constexpr std::chrono::hours kListInterval{1};

}  // namespace

void Garbage::add(metadata::Version removed_in, std::vector<std::string> keys) {
  const base::MutexLock lock(mutex_);
  removed_.push_back({removed_in, std::move(keys), context_.options.clock->monotonic()});
}

Result<> Garbage::collect() {
  for (;;) {
    Removed next;
    {
      const base::MutexLock lock(mutex_);
      const auto oldest = pins_.oldest();
      const auto added_max = context_.options.clock->monotonic() - context_.options.garbage_delay;
      // A view of version v may read what is removed in any later one.
      const auto free = std::find_if(removed_.begin(), removed_.end(), [&](const Removed& removed) {
        return removed.added <= added_max && (!oldest || *oldest >= removed.version);
      });
      if (free == removed_.end()) return {};
      next = std::move(*free);
      removed_.erase(free);
    }
    auto done = remove(next.keys);
    if (!done) {
      const base::MutexLock lock(mutex_);
      removed_.push_back(std::move(next));
      return done;
    }
  }
}

Result<> Garbage::collect_orphans() {
  {
    const base::MutexLock lock(mutex_);
    const auto now = context_.options.clock->monotonic();
    if (listed_ && now - *listed_ < kListInterval) return {};
    listed_ = now;
  }
  std::string after;
  Orphans found;
  for (;;) {
    const io::ObjectPage page = TRY(context_.objects.list(context_.key_prefix, after));
    const auto orphans = old_enough(orphans_in(page), found);
    if (!orphans.empty()) TRY(remove(orphans));
    if (!page.more || page.objects.empty()) break;
    after = page.objects.back().key;
  }
  const base::MutexLock lock(mutex_);
  orphans_ = std::move(found);
  return {};
}

std::vector<std::string> Garbage::old_enough(std::vector<std::string> orphans, Orphans& found) {
  const auto now = context_.options.clock->monotonic();
  std::vector<std::string> old;
  const base::MutexLock lock(mutex_);
  for (std::string& key : orphans) {
    const auto before = orphans_.find(key);
    const auto since = before == orphans_.end() ? now : before->second;
    if (now - since >= context_.options.garbage_delay) {
      old.push_back(std::move(key));
    } else {
      found.emplace(std::move(key), since);
    }
  }
  return old;
}

std::vector<std::string> Garbage::orphans_in(const io::ObjectPage& page) {
  // In this order: what is neither listed as live nor in the state that is read afterwards was
  // given up before.
  const std::set<std::string> live = context_.uploads.keys();
  const metadata::StatePtr state = metadata_.state();
  std::set<std::string_view> known;
  for (const auto& [id, segment] : state->segments) known.insert(segment->object_key);
  const std::int64_t border_ns = context_.options.clock->wall_ns() -
                                 std::chrono::nanoseconds(context_.options.orphan_age).count();
  const std::set<std::string> waiting = waiting_keys();  // Some view may still read them.
  std::vector<std::string> orphans;
  for (const io::ObjectInfo& object : page.objects) {
    const bool needed = object.modified_ns >= border_ns || live.contains(object.key) ||
                        known.contains(object.key) || waiting.contains(object.key);
    if (!needed) orphans.push_back(object.key);
  }
  return orphans;
}

std::set<std::string> Garbage::waiting_keys() {
  std::set<std::string> keys;
  const base::MutexLock lock(mutex_);
  for (const Removed& removed : removed_) keys.insert(removed.keys.begin(), removed.keys.end());
  return keys;
}

Result<> Garbage::remove(const std::vector<std::string>& keys) {
  // I10: no referenced object is ever deleted. Keys are never used again, so asking now is enough.
  const metadata::StatePtr state = metadata_.state();
  for (const auto& [id, segment] : state->segments) {
    LYNXDB_CHECK(std::find(keys.begin(), keys.end(), segment->object_key) == keys.end());
  }
  TRY(context_.objects.remove(keys));
  deleted_ += keys.size();
  return {};
}

}  // namespace lynxdb::storage
