#include "cli/remote_query.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "cli/exit_code.h"
#include "cli/json_rows.h"
#include "cli/progress_line.h"
#include "cli/query_watch.h"
#include "cli/remote_range.h"
#include "cli/result_output.h"
#include "cli/run_query.h"
#include "cli/server_call.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"
#include "client/row_stream.h"
#include "event/value.h"
#include "output/number_text.h"
#include "query/explain.h"
#include "query/parse_query.h"

namespace lynxdb::cli {
namespace {

using output::OutputFormat;

std::string request_body(const std::string& query,
                         const std::vector<std::pair<std::string, std::string>>& range,
                         bool partial_results) {
  std::string body = R"({"q":)";
  event::append_json_string(query, body);
  for (const auto& [name, time] : range) {
    body += ",\"" + name + "\":";
    event::append_json_string(time, body);
  }
  if (partial_results) body += R"(,"partial_results":true)";
  return body + "}";
}

// What this program knows of the result before it comes: its columns and its type. The server has
// the last word on what is a query, so a text that does not parse here is no mistake yet.
struct Shape {
  bool aggregate = false;
  std::optional<std::vector<std::string>> columns;
  std::vector<std::string> hints;
};

Shape shape_of(const std::string& text, const query::QueryOptions& options) {
  Shape shape;
  auto parsed = query::parse_query(text);
  const auto* query = std::get_if<spl2::Query>(&parsed);
  if (query == nullptr) return shape;
  for (const spl2::Hint& hint : query->hints) shape.hints.push_back(hint.message);
  const std::vector<query::PipelineDescription> plan = query::describe(*query, options);
  if (plan.empty()) return shape;
  shape.aggregate = plan.back().result_type != query::ResultType::kEvents || asks_for_table(*query);
  shape.columns = plan.back().columns;
  return shape;
}

// Rows pass through as they are: the server writes them as the ndjson writer would.
bool takes_lines(const output::WriterOptions& options) {
  const bool lines = options.format == OutputFormat::kAuto || options.format == OutputFormat::kJson;
  return options.format == OutputFormat::kNdjson || (lines && !options.terminal);
}

class RemoteQuery {
 public:
  RemoteQuery(const Session& session, const std::string& text, client::HttpClient::Options client,
              query::QueryOptions options, output::WriterOptions writer)
      : session_(session),
        console_(session.console),
        text_(text),
        options_(std::move(options)),
        writer_options_(std::move(writer)),
        spill_(options_.spill_directory, options_.spill_bytes_max),
        client_(std::move(client)) {}

  int run(const std::string& body);

 private:
  Result<client::StreamEnd> receive(const std::string& body);
  Result<> take_row(std::string_view line);
  Result<> show_rows();
  Result<> finish_output();
  QueryWatch::Options watch_options();
  int failure(const Error& error, const QueryWatch& watch) const;
  void report(const client::StreamEnd& end) const;
  void report_hints(const client::StreamEnd& end) const;
  void report_statistics(const client::StreamEnd& end) const;
  std::string timeout_text() const {
    return "query timed out after " + session_.arguments.timeout.value_or("its time limit");
  }

  const Session& session_;
  const Console& console_;
  const std::string& text_;
  const query::QueryOptions options_;
  output::WriterOptions writer_options_;
  query::SpillSpace spill_;
  client::HttpClient client_;
  ProgressLine progress_;
  std::unique_ptr<output::ByteSink> sink_;
  std::unique_ptr<output::OutputBuffer> buffer_;
  std::unique_ptr<output::Writer> writer_;  // Null when lines pass through.
  std::unique_ptr<JsonRows> rows_;
  std::vector<std::string> hints_;
  std::optional<client::ServerError> refusal_;
  std::atomic<std::uint64_t> received_{0};
};

int RemoteQuery::run(const std::string& body) {
  Result<std::unique_ptr<output::ByteSink>> sink = open_output(session_);
  if (!sink.has_value()) {
    console_.error(sink.error());
    return kExitFailure;
  }
  sink_ = *std::move(sink);
  std::optional<QueryWatch> watch(std::in_place, watch_options());
  watch->attach([this] { client_.cancel(); });
  if (session_.streams.error_is_terminal && !session_.arguments.quiet)
    progress_.show([this](std::string_view time) {
      return output::counted(received_.load(), "row") + " | " + std::string(time);
    });
  Result<client::StreamEnd> end = receive(body);
  if (end.has_value() && !refusal_) {
    const Result<> finished = finish_output();
    if (!finished.has_value()) end = finished.error();
  }
  progress_.stop();
  watch->detach();
  if (!end.has_value() && sink_->reader_gone()) return kExitOk;
  if (!end.has_value()) return failure(end.error(), *watch);
  if (refusal_) {
    // Rows that came before the error stay on standard output, as those of a file would.
    static_cast<void>(buffer_ == nullptr ? Result<>{} : buffer_->flush());
    return report_refusal(console_, *refusal_, text_);
  }
  watch.reset();
  report(*end);
  return received_.load() == 0 && session_.arguments.fail_on_empty ? kExitEmpty : kExitOk;
}

QueryWatch::Options RemoteQuery::watch_options() {
  QueryWatch::Options options;
  options.timeout = options_.timeout;
  options.on_tick = [this] { progress_.draw(); };
  options.before_exit = [this](bool interrupted) {
    progress_.stop();
    console_.error(interrupted ? "interrupted" : timeout_text());
  };
  return options;
}

Result<client::StreamEnd> RemoteQuery::receive(const std::string& body) {
  Shape shape = shape_of(text_, options_);
  hints_ = std::move(shape.hints);
  writer_options_.aggregate_result = shape.aggregate;
  writer_options_.columns = std::move(shape.columns);
  buffer_ = std::make_unique<output::OutputBuffer>(*sink_);
  if (!takes_lines(writer_options_)) {
    writer_ = output::make_writer(writer_options_, *buffer_, spill_);
    rows_ = std::make_unique<JsonRows>(
        [this](const event::EventBatch& batch) { return writer_->write(batch); });
  }
  client::RowStream stream([this](std::string_view line) { return take_row(line); });
  client::Request request;
  request.method = "POST";
  request.path = "/api/v1/query/stream";
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/x-ndjson"}};
  request.body = body;
  request.compressed_answer = false;
  const client::Response response =
      TRY(client_.send(request, [&](std::string_view bytes) -> Result<> {
        TRY(stream.add(bytes));
        return show_rows();
      }));
  if (!response.ok()) {
    refusal_ = client::read_server_error(response);
    return client::StreamEnd{};
  }
  client::StreamEnd end = TRY(stream.end());
  refusal_ = stream.failure();
  return end;
}

Result<> RemoteQuery::take_row(std::string_view line) {
  received_.fetch_add(1, std::memory_order_relaxed);
  if (rows_ != nullptr) return rows_->add(line);
  buffer_->append(line);
  buffer_->append('\n');
  return buffer_->flush_if_full();
}

// The next rows may be long in coming: what is there is shown now.
Result<> RemoteQuery::show_rows() {
  if (rows_ != nullptr) TRY(rows_->flush());
  if (buffer_->size() == 0) return {};
  if (writer_options_.terminal) progress_.stop();
  return buffer_->flush();
}

Result<> RemoteQuery::finish_output() {
  if (rows_ != nullptr) TRY(rows_->flush());
  if (writer_ != nullptr) TRY(writer_->finish());
  if (writer_options_.terminal) progress_.stop();
  TRY(buffer_->flush());
  return sink_->commit();
}

int RemoteQuery::failure(const Error& error, const QueryWatch& watch) const {
  if (watch.interrupted()) {
    console_.error("interrupted");
    return kExitInterrupted;
  }
  if (watch.timed_out()) {
    console_.error(timeout_text());
    return kExitTimeout;
  }
  return report_failure(console_, error);
}

void RemoteQuery::report(const client::StreamEnd& end) const {
  if (!end.partial.empty()) console_.print("warning: " + end.partial);
  report_hints(end);
  report_statistics(end);
}

void RemoteQuery::report_hints(const client::StreamEnd& end) const {
  std::vector<std::string> hints = hints_;
  hints.insert(hints.end(), end.hints.begin(), end.hints.end());
  const config::Settings::Value* since = session_.settings.find("default_since");
  const Arguments& arguments = session_.arguments;
  if (since != nullptr && !arguments.since && !arguments.from && !arguments.to)
    hints.push_back("only events since " + since->text + " (default_since in " + since->origin +
                    ")");
  if (received_.load() == 0)
    hints.emplace_back(end.scanned == 0 ? "no events in this index and time range"
                                        : "no events match");
  std::set<std::string_view> shown;
  for (const std::string& hint : hints)
    if (shown.insert(hint).second) console_.hint(hint);
}

void RemoteQuery::report_statistics(const client::StreamEnd& end) const {
  if (session_.arguments.no_stats) return;
  const std::string events = output::counted(end.scanned.value_or(0), "event");
  const std::string results = output::counted(received_.load(), "result");
  const std::string time =
      output::duration_text(std::chrono::steady_clock::now() - session_.started);
  if (session_.streams.output_is_terminal)
    console_.note(results + " | " + events + " scanned | " + client_.server() + " | " + time);
  else
    console_.note("Scanned " + events + " | " + results + " | " + time);
}

int usage_error(const Session& session, const Error& error) {
  session.console.error(error);
  return kExitUsage;
}

}  // namespace

int run_remote_query(const Session& session, const std::string& text) {
  const Result<> flags = refuse_input_flags(session);
  if (!flags.has_value()) return usage_error(session, flags.error());
  const auto range = remote_range(session);
  if (!range.has_value()) return usage_error(session, range.error());
  Result<query::QueryOptions> options = query_options(session);
  if (!options.has_value()) return usage_error(session, options.error());
  Result<output::WriterOptions> writer = writer_options(session);
  if (!writer.has_value()) return usage_error(session, writer.error());
  Result<client::HttpClient::Options> client = client_options(session);
  if (!client.has_value()) return usage_error(session, client.error());
  const int code =
      RemoteQuery(session, text, *std::move(client), *std::move(options), *std::move(writer))
          .run(request_body(text, *range, session.arguments.partial_results));
  if (code != kExitOk || !session.arguments.analyze) return code;
  return explain_remote_query(session, text, ExplainTo::kMessages);
}

}  // namespace lynxdb::cli
