// Which server a command talks to, and how.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"
#include "client/http_client.h"

namespace lynxdb::cli {

inline constexpr std::string_view kDefaultServer = "http://localhost:3100";

struct ServerTarget {
  std::vector<std::string> servers;
  std::string token;
  std::string origin;  // Who named it, for messages; empty: nobody, it is the default.

  bool is_default() const { return origin.empty(); }
};

// The first of --server, --profile, LYNXDB_SERVER, LYNXDB_PROFILE, server and profile of
// .lynxdbrc; the token of --token, LYNXDB_TOKEN, or the profile. Errors: kInvalidArgument (no such
// profile, no URL, both flags, a bad LYNXDB_TLS_SKIP_VERIFY).
Result<ServerTarget> server_target(const Session& session);

// The same, ready for a client. Errors: as above.
Result<client::HttpClient::Options> client_options(const Session& session);

}  // namespace lynxdb::cli
