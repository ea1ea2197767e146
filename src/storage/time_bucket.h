// Days and hours: segments hold the events of one, so that time ranges and retention drop whole
// segments.
#pragma once

#include <cstdint>
#include <string>

#include "storage/options.h"

namespace lynxdb::storage {

// Hours or days since 1970, rounded down.
std::int64_t bucket_of(std::int64_t time_ns, TimeBucket bucket);

// "2026-11-23" or "2026-11-23T05": sorts by time, may stand in an object's key.
std::string bucket_name(std::int64_t number, TimeBucket bucket);

}  // namespace lynxdb::storage
