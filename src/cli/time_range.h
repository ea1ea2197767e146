// The time range that flags ask for.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "cli/session.h"

namespace lynxdb::cli {

struct TimeRange {
  std::optional<std::int64_t> from_ns;  // from <= _time < to
  std::optional<std::int64_t> to_ns;
};

// From --since, or --from and --to, or default_since of .lynxdbrc; all data otherwise.
// Errors: kInvalidArgument (no time, --since with the others, from after to).
Result<TimeRange> time_range(const Session& session, std::int64_t now_ns);

}  // namespace lynxdb::cli
