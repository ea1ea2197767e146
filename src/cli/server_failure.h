// What did not work with a server: said to people, and as an exit code to scripts.
#pragma once

#include <string_view>

#include "cli/console.h"
#include "cli/exit_code.h"
#include "client/server_error.h"

namespace lynxdb::cli {

// No answer: the connection failed, broke, or took too long.
ExitCode report_failure(const Console& console, const Error& error);

// The server refused. Errors in a query are shown where they are in `query`.
ExitCode report_refusal(const Console& console, const client::ServerError& error,
                        std::string_view query = "");

}  // namespace lynxdb::cli
