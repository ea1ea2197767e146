// The servers that a demo runs against when it is given none.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"

namespace lynxdb::cli {

// They run as long as it lives.
class DemoServers {
 public:
  virtual ~DemoServers() = default;
  virtual std::vector<std::string> urls() const = 0;
};

// One, in memory and within this process, on the configured address. Errors: kIo (the address is
// taken), kInvalidArgument (settings).
Result<std::unique_ptr<DemoServers>> start_memory_server(const Session& session);

}  // namespace lynxdb::cli
