// lynxdb health: whether a server takes requests; for scripts and probes.
#include <chrono>

#include "base/units.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_call.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"

namespace lynxdb::cli {
namespace {

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--timeout", "DURATION", arguments.timeout, "how long to wait (5s)");
}

Result<client::Response> ask(const Session& session) {
  client::Request request;
  request.path = "/health";
  request.total_max = std::chrono::seconds(5);
  if (session.arguments.timeout) {
    auto limit = base::parse_duration_setting(*session.arguments.timeout);
    if (!limit.has_value()) return std::move(limit.error()).in("--timeout");
    request.total_max = std::chrono::ceil<std::chrono::milliseconds>(*limit);
  }
  client::HttpClient client(TRY(client_options(session)));
  return client.send(request);
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kHealthCommand, "health takes no arguments");
  const Result<client::Response> response = ask(session);
  if (!response.has_value()) return report_failure(session.console, response.error());
  const auto status = json_member(response->body, "status");
  if (!status) return report_refusal(session.console, client::read_server_error(*response));
  const int printed =
      print_object(session, response->body.substr(0, response->body.find_last_not_of(" \r\n") + 1));
  if (printed != kExitOk || (response->ok() && *status == "\"ok\"")) return printed;
  const std::string reason = json_string_member(response->body, "reason");
  const std::string why = reason.empty() ? "" : ": " + reason;
  if (response->ok() && *status == "\"degraded\"") {
    session.console.hint("the server is degraded" + why);
    return kExitOk;
  }
  session.console.error("the server is unhealthy" + why);
  return kExitFailure;
}

}  // namespace

const Command kHealthCommand = {"health",      "",  "",  "ask whether a server takes requests",
                                declare_flags, run, true};

}  // namespace lynxdb::cli
