// The plan of a query as a server sees it (remote_query.h).
#include <simdjson.h>

#include "cli/exit_code.h"
#include "cli/remote_query.h"
#include "cli/remote_range.h"
#include "cli/result_output.h"
#include "cli/run_query.h"
#include "cli/server_call.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"
#include "client/address.h"

namespace lynxdb::cli {
namespace {

// A GET must not be longer than servers take request lines.
constexpr std::size_t kQueryBytesMax = std::size_t{32} << 10U;

std::string explain_path(const std::string& text, bool analyze,
                         std::vector<std::pair<std::string, std::string>> range) {
  std::vector<std::pair<std::string, std::string>> parameters = {{"q", text}};
  parameters.insert(parameters.end(), range.begin(), range.end());
  if (analyze) parameters.emplace_back("analyze", "true");
  return client::with_parameters("/api/v1/query/explain", parameters);
}

// Whether a server listens at the default address, which nobody named.
bool finds_default_server(const Session& session) {
  const Result<ServerTarget> target = server_target(session);
  if (!target.has_value() || !target->is_default()) return true;
  client::HttpClient client({.servers = target->servers});
  const auto answer = client.send({.path = "/health", .total_max = std::chrono::seconds(5)});
  return answer.has_value() || answer.error().code != ErrorCode::kUnavailable;
}

int explain_here(const Session& session, const std::string& text) {
  const int code = explain_query(session, text);
  if (code == kExitOk)
    session.console.hint("no server at " + std::string(kDefaultServer) +
                         ": this is the plan for files and standard input");
  return code;
}

// The errors of a query that is not valid, each where it stands.
int report_errors(const Session& session, const std::string& text, const std::string& plan) {
  for (const std::string& error : json_elements(json_member(plan, "errors").value_or("[]"))) {
    client::ServerError shown = client::read_error_object(error, 400);
    shown.code = "INVALID_QUERY";
    report_refusal(session.console, shown, text);
  }
  return kExitQuery;
}

}  // namespace

int explain_remote_query(const Session& session, const std::string& text, ExplainTo to) {
  const bool analyze = to != ExplainTo::kOutput;
  const auto range = remote_range(session);
  if (!range.has_value()) return report_failure(session.console, range.error());
  if (!analyze && !finds_default_server(session)) return explain_here(session, text);
  const std::string path = explain_path(text, analyze, *range);
  if (path.size() > kQueryBytesMax)
    return report_failure(session.console,
                          {ErrorCode::kInvalidArgument, "the query is too long to be explained"});
  const CallOutcome outcome = get_from_server(session, path, text);
  if (!outcome.data) return outcome.exit_code;
  if (json_member(*outcome.data, "is_valid") == "false")
    return report_errors(session, text, *outcome.data);
  const std::optional<std::string> execution = json_member(*outcome.data, "execution");
  if (to != ExplainTo::kMessages) return print_object(session, *outcome.data);
  session.console.print(json_outline(execution.value_or(*outcome.data)));
  return kExitOk;
}

}  // namespace lynxdb::cli
