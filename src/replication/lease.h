// Until when this node may trust what it knows of the metadata: nobody else can have been made
// leader of what it leads, and have committed without it.
//
// A heartbeat's answer says which version the metadata had when it came in. The lease counts only
// once that version is applied here: a node that gets answers, but no news, must not go on reading
// as the leader that it no longer is.
#pragma once

#include <vector>

#include "replication/types.h"

namespace lynxdb::replication {

class Lease {
 public:
  explicit Lease(TimeMs length_ms) : length_ms_(length_ms) {}

  // `sent_at`: of the heartbeat, by this node's clock.
  void granted(TimeMs sent_at, Version version);
  void applied(Version version);
  void forget();

  bool holds(TimeMs now) const { return now < end_; }
  TimeMs end() const { return end_; }

 private:
  struct Grant {
    TimeMs sent_at = 0;
    Version version = 0;
  };

  TimeMs length_ms_;
  TimeMs end_ = 0;
  Version applied_ = 0;
  std::vector<Grant> waiting_;  // For their version; few, the oldest goes first.
};

}  // namespace lynxdb::replication
