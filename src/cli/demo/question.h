// Questions that a demo asks its servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/demo/picture.h"
#include "client/http_client.h"

namespace lynxdb::cli {

// Errors: those of the client; kUnavailable with what the server says when it refuses.
Result<TablePicture> ask(client::HttpClient& client, const std::string& query);

// How many events of the demo's sources there are. Errors: as above.
Result<std::uint64_t> count_demo_events(client::HttpClient& client);

}  // namespace lynxdb::cli
