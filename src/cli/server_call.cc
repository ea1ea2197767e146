#include "cli/server_call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/units.h"
#include "cli/exit_code.h"
#include "cli/json_rows.h"
#include "cli/result_output.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;

Result<milliseconds> time_limit(const Session& session) {
  constexpr milliseconds kUsual{30'000};
  if (!session.arguments.timeout) return kUsual;
  auto limit = base::parse_duration_setting(*session.arguments.timeout);
  if (!limit.has_value()) return std::move(limit.error()).in("--timeout");
  if (limit->count() == 0) return milliseconds{0};
  return std::max(std::chrono::duration_cast<milliseconds>(*limit), milliseconds{1});
}

Result<client::Response> send(const Session& session, std::string_view method,
                              const std::string& path, std::string_view body) {
  client::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.total_max = TRY(time_limit(session));
  client::HttpClient client(TRY(client_options(session)));
  return client.send(request);
}

CallOutcome call(const Session& session, std::string_view method, const std::string& path,
                 std::string_view body, std::string_view query) {
  CallOutcome outcome;
  const Result<client::Response> response = send(session, method, path, body);
  if (!response.has_value()) {
    outcome.exit_code = report_failure(session.console, response.error());
    if (outcome.exit_code == kExitOtherTimeout && !query.empty()) outcome.exit_code = kExitTimeout;
    return outcome;
  }
  if (!response->ok()) {
    outcome.exit_code =
        report_refusal(session.console, client::read_server_error(*response), query);
    return outcome;
  }
  outcome.data = json_member(response->body, "data");
  if (outcome.data) return outcome;
  session.console.error("the server's answer to " + path.substr(0, path.find('?')) +
                        " cannot be read");
  outcome.exit_code = kExitFailure;
  return outcome;
}

}  // namespace

CallOutcome get_from_server(const Session& session, const std::string& path,
                            std::string_view query) {
  return call(session, "GET", path, "", query);
}

CallOutcome ask_server(const Session& session, std::string_view method, const std::string& path,
                       std::string_view body) {
  return call(session, method, path, body, "");
}

int print_rows(const Session& session, const std::vector<std::string>& rows,
               const MakeWriter& make) {
  Result<output::WriterOptions> options = writer_options(session);
  if (!options.has_value()) return report_failure(session.console, options.error());
  options->aggregate_result = true;
  const auto print = [&]() -> Result<> {
    const std::unique_ptr<output::ByteSink> sink = TRY(open_output(session));
    output::OutputBuffer buffer(*sink);
    query::SpillSpace spill(temporary_directory(session), std::uint64_t{1} << 30U);
    const std::unique_ptr<output::Writer> writer = make(*options, buffer, spill);
    JsonRows batches([&](const event::EventBatch& batch) { return writer->write(batch); });
    const auto write = [&]() -> Result<> {
      for (const std::string& row : rows) TRY(batches.add(row));
      TRY(batches.flush());
      TRY(writer->finish());
      TRY(buffer.flush());
      return sink->commit();
    };
    const Result<> written = write();
    if (!written.has_value() && !sink->reader_gone()) return written.error();
    return {};
  };
  const Result<> printed = print();
  if (!printed.has_value()) return report_failure(session.console, printed.error());
  return rows.empty() && session.arguments.fail_on_empty ? kExitEmpty : kExitOk;
}

}  // namespace lynxdb::cli
