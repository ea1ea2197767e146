#include "replication/lease.h"

#include <algorithm>

namespace lynxdb::replication {
namespace {
constexpr std::size_t kGrantsWaitingMax = 16;
}

void Lease::granted(TimeMs sent_at, Version version) {
  if (waiting_.size() == kGrantsWaitingMax) waiting_.erase(waiting_.begin());
  waiting_.push_back({sent_at, version});
  applied(applied_);
}

void Lease::applied(Version version) {
  applied_ = std::max(applied_, version);
  std::erase_if(waiting_, [&](const Grant& grant) {
    if (grant.version > applied_) return false;
    end_ = std::max(end_, grant.sent_at + length_ms_);
    return true;
  });
}

void Lease::forget() {
  waiting_.clear();
  end_ = 0;
}

}  // namespace lynxdb::replication
