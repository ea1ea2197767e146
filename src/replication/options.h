// Times of the protocol. They depend on each other: see each one's reason.
#pragma once

#include "replication/types.h"

namespace lynxdb::replication {

struct Options {
  // A lease ends this long after the heartbeat that it answers was sent. The metadata waits for
  // 6 s from the last heartbeat that it received before it fences a node, so that the lease is over
  // first, with clocks that run 10 % apart.
  TimeMs lease_ms = 4'000;
  // A follower that has not had all of the log for so long leaves the ISR. Longer than a lease by
  // more than the drift, for another reason: a new leader must not go on without the former one
  // while that may still answer reads (decision 010).
  TimeMs lag_max_ms = 5'000;
  // A question for records is answered after so long with none.
  TimeMs fetch_wait_ms = 500;
  // A question is asked again when it was not answered for so long.
  TimeMs fetch_retry_ms = 1'500;
  // ... or when it was refused: one of the two lacks the newest metadata.
  TimeMs refused_retry_ms = 100;
  // The next attempt to change an ISR after one that failed or was not answered.
  TimeMs proposal_retry_ms = 500;
  TimeMs proposal_timeout_ms = 3'000;
  // Between two ticks there was a pause: nobody was slow but this node.
  TimeMs pause_ms = 1'000;
};

}  // namespace lynxdb::replication
