// What single values cannot show: settings that contradict each other.
#pragma once

#include "base/result.h"
#include "config/server_config.h"

namespace lynxdb::config {

inline constexpr std::uint16_t kClusterPort = 9400;

// Errors: kInvalidArgument naming the keys and where one of them was set.
Result<> check_consistent(const ServerConfig& config, const Settings& settings);

}  // namespace lynxdb::config
