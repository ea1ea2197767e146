// The filters that a pipeline begins with, one by one, for sources that can skip by them.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "query/plan/rewrite.h"
#include "query/scan_request.h"

namespace lynxdb::query {

// The conditions that every event must meet to pass the leading search, where and regex commands:
// their ANDed parts, each for itself. Parts that cannot be compiled are left out.
std::vector<ScanFilter> scan_filters(const PlannedCommands& commands, std::int64_t now_ns);

// What a source has to read for these.
std::set<std::string> stored_fields(const FieldSet& read);

}  // namespace lynxdb::query
