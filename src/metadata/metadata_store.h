// Where the agreed state lives: an ordered log of commands, and the state that they make. A log
// file on a single node (local_metadata.h), a Raft group in a cluster.
#pragma once

#include <chrono>

#include "base/result.h"
#include "metadata/command.h"
#include "metadata/state.h"

namespace lynxdb::metadata {

// Thread-safe.
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;

  // Returns once the command is durable and applied, with the state that holds it.
  // kConflict: refused, nothing changed. kUnavailable, kTimeout, kIo: unknown; it may be applied
  // later, or be found applied after a restart. Look at state() before trying again.
  virtual Result<StatePtr> propose(const Command& command) = 0;

  // Why no command can be taken any more, until a person acts; or nothing.
  virtual Result<> health() const = 0;

  // The newest applied state. Never null; never goes back.
  virtual StatePtr state() const = 0;

  // The state as soon as its version is above `version`; what there is when `timeout` passes first.
  virtual StatePtr wait_beyond(Version version, std::chrono::milliseconds timeout) const = 0;
};

}  // namespace lynxdb::metadata
