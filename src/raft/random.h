// The core draws its election timeouts from one that it is handed, so a run is a function of its
// inputs.
#pragma once

#include "base/random.h"

namespace lynxdb::raft {

using base::Random;

}  // namespace lynxdb::raft
