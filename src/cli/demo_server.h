// The server that a demo runs against when there is none: in memory, within this process.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/session.h"

namespace lynxdb::cli {

// Runs as long as it lives.
class DemoServer {
 public:
  virtual ~DemoServer() = default;
  virtual std::string url() const = 0;
};

// On the configured address. Errors: kIo (the address is taken), kInvalidArgument (settings).
Result<std::unique_ptr<DemoServer>> start_demo_server(const Session& session);

}  // namespace lynxdb::cli
