#include "cli/demo_server.h"

#include "cli/server_target.h"

namespace lynxdb::cli {

Result<std::unique_ptr<DemoServer>> start_demo_server(const Session& /*session*/) {
  return Error{ErrorCode::kUnavailable, "no server at " + std::string(kDefaultServer),
               "name a running one with --server URL"};
}

}  // namespace lynxdb::cli
