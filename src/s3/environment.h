// The process's environment and home, as something that a test can hand in.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace lynxdb::s3 {

// The value of a variable; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Reads it when asked. Nobody may change the environment meanwhile.
Environment process_environment();

}  // namespace lynxdb::s3
