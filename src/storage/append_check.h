// What an append must be, so that nothing that comes later can refuse it: an acknowledged event
// that no segment takes would never leave the memtable.
#pragma once

#include "base/result.h"
#include "storage/store.h"

namespace lynxdb::storage {

inline constexpr std::string_view kDefaultIndex = "main";

// Errors: kInvalidArgument.
Result<> check_append(const AppendRequest& request);

}  // namespace lynxdb::storage
