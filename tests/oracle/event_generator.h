// Random events: as the oracle's rows, and as NDJSON for the engine.
#pragma once

#include <string>

#include "tests/oracle/random.h"
#include "tests/oracle/row.h"

namespace lynxdb::oracle {

struct Events {
  Rows rows;
  std::string ndjson;
};

// `now_ns`: the time of events that have none of their own.
Events generate_events(Random& random, std::size_t count, std::int64_t now_ns);

}  // namespace lynxdb::oracle
