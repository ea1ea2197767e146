#include "cli/run_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/units.h"
#include "cli/exit_code.h"
#include "cli/pipe_input.h"
#include "cli/progress_line.h"
#include "cli/query_watch.h"
#include "cli/remote_query.h"
#include "cli/result_output.h"
#include "cli/time_range.h"
#include "output/number_text.h"
#include "query/explain.h"
#include "query/parse_query.h"

namespace lynxdb::cli {
namespace {

Result<std::size_t> memory_limit(const Session& session) {
  constexpr std::size_t kUsual = std::size_t{1} << 30U;
  // Less than this and not even one batch fits.
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 20U;
  if (!session.arguments.max_memory) return kUsual;
  auto bytes = base::parse_size_bytes(*session.arguments.max_memory);
  if (!bytes.has_value()) return std::move(bytes.error()).in("--max-memory");
  if (*bytes < kLeast)
    return Error{ErrorCode::kInvalidArgument, "--max-memory must be at least 1mb"};
  return static_cast<std::size_t>(*bytes);
}

Result<std::optional<std::chrono::milliseconds>> timeout(const Session& session) {
  std::optional<std::chrono::milliseconds> limit;
  if (!session.arguments.timeout) return limit;
  auto duration = base::parse_duration_setting(*session.arguments.timeout);
  if (!duration.has_value()) return std::move(duration.error()).in("--timeout");
  if (duration->count() == 0) return limit;  // 0 = off.
  limit = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(*duration),
                   std::chrono::milliseconds{1});
  return limit;
}

// Where the error is in the query, when it is about its text.
int report_query_error(const Console& console, const Error& error, const std::string& text) {
  if (error.span)
    console.print(spl2::render_error(text, {*error.span, error.message, error.suggestion}));
  else
    console.error(error);
  return exit_code_of(error.code);
}

// One query from start to end.
class QueryRun {
 public:
  QueryRun(const Session& session, const std::string& text, const RunOptions& run,
           query::QueryOptions options, output::WriterOptions writer_options)
      : session_(session),
        text_(text),
        run_options_(run),
        console_(session.console),
        options_(std::move(options)),
        writer_options_(std::move(writer_options)),
        spill_(options_.spill_directory, options_.spill_bytes_max) {}

  int run(const std::shared_ptr<const spl2::Query>& query, const PipeInput& input);

 private:
  QueryWatch::Options watch_options();
  Result<> start(std::shared_ptr<const spl2::Query> query, const PipeInput& input);
  Result<> pump();
  Result<> write_rows(output::Writer& writer, output::OutputBuffer& buffer);
  bool reader_gone() const { return sink_ != nullptr && sink_->reader_gone(); }

  int failure(const Error& error, const QueryWatch& watch) const;
  std::string timeout_text() const;
  std::string progress_text(std::string_view time) const;
  void report(const spl2::Query& query, const PipeInput& input) const;
  void report_hints(const spl2::Query& query, const PipeInput& input) const;
  void report_statistics(const PipeInput& input) const;
  void report_analysis(const spl2::Query& query) const;

  const Session& session_;
  const std::string& text_;
  const RunOptions& run_options_;
  const Console& console_;
  const query::QueryOptions options_;
  output::WriterOptions writer_options_;
  query::SpillSpace spill_;
  ProgressLine progress_;
  std::unique_ptr<output::ByteSink> sink_;
  std::unique_ptr<query::RunningQuery> running_;
  std::uint64_t results_ = 0;
};

int QueryRun::run(const std::shared_ptr<const spl2::Query>& query, const PipeInput& input) {
  Result<std::unique_ptr<output::ByteSink>> sink = open_output(session_);
  if (!sink.has_value()) {
    console_.error(sink.error());
    return kExitFailure;
  }
  sink_ = *std::move(sink);
  std::optional<QueryWatch> watch(std::in_place, watch_options());
  Result<> done = start(query, input);
  if (done.has_value()) {
    watch->attach([this] { running_->cancel(); });
    if (session_.streams.error_is_terminal && !session_.arguments.quiet)
      progress_.show([this](std::string_view time) { return progress_text(time); });
    done = pump();
    progress_.stop();
    watch->detach();
  }
  // Nobody reads the rest: as good as done, and no reason to disturb whoever closed the pipe.
  if (!done.has_value() && reader_gone()) return kExitOk;
  if (!done.has_value()) return failure(done.error(), *watch);
  watch.reset();
  report(*query, input);
  return results_ == 0 && session_.arguments.fail_on_empty ? kExitEmpty : kExitOk;
}

QueryWatch::Options QueryRun::watch_options() {
  QueryWatch::Options options;
  options.timeout = options_.timeout;
  options.on_tick = [this] { progress_.draw(); };
  options.before_exit = [this](bool interrupted) {
    progress_.stop();
    console_.error(interrupted ? "interrupted" : timeout_text());
  };
  return options;
}

Result<> QueryRun::start(std::shared_ptr<const spl2::Query> query, const PipeInput& input) {
  if (query::stored_scans(*query) > 1)
    TRY(make_rereadable(input, options_.spill_directory, options_.spill_bytes_max));
  writer_options_.aggregate_result = asks_for_table(*query);
  running_ = TRY(query::start(std::move(query), options_, open_pipe_input(input)));
  return {};
}

Result<> QueryRun::pump() {
  if (running_->result_type() != query::ResultType::kEvents)
    writer_options_.aggregate_result = true;
  writer_options_.columns = running_->columns();
  // A part of the query's budget, so that the two together stay near it.
  writer_options_.buffer_bytes_max =
      std::min(writer_options_.buffer_bytes_max, options_.memory_limit_bytes / 4);
  output::OutputBuffer buffer(*sink_);
  const std::unique_ptr<output::Writer> writer = run_options_.make(writer_options_, buffer, spill_);
  TRY(write_rows(*writer, buffer));
  TRY(writer->finish());
  if (const std::optional<std::uint64_t> rows = writer->rows_written()) results_ = *rows;
  // Progress and rows may share a terminal.
  if (writer_options_.terminal) progress_.stop();
  TRY(buffer.flush());
  return sink_->commit();
}

Result<> QueryRun::write_rows(output::Writer& writer, output::OutputBuffer& buffer) {
  while (const std::optional<event::EventBatch> batch = TRY(running_->next())) {
    results_ += batch->rows();
    TRY(writer.write(*batch));
    if (buffer.size() == 0) continue;
    if (writer_options_.terminal) progress_.stop();
    // The next batch may be long in coming (a followed log): what is there is shown now.
    TRY(buffer.flush());
  }
  return {};
}

std::string QueryRun::timeout_text() const {
  return "query timed out after " + session_.arguments.timeout.value_or("its time limit");
}

std::string QueryRun::progress_text(std::string_view time) const {
  const query::Source::Progress progress = running_->progress();
  std::string text = "scanned " + output::counted(progress.events, "event");
  if (progress.bytes_total > 0)
    text += fmt::format(" | {:.0f}%", 100.0 * static_cast<double>(progress.bytes) /
                                          static_cast<double>(progress.bytes_total));
  return text + " | " + std::string(time);
}

int QueryRun::failure(const Error& error, const QueryWatch& watch) const {
  if (watch.interrupted()) {
    console_.error("interrupted");
    return kExitInterrupted;
  }
  if (watch.timed_out() || error.code == ErrorCode::kTimeout) {
    console_.error(timeout_text());
    return kExitTimeout;
  }
  return report_query_error(console_, error, text_);
}

void QueryRun::report(const spl2::Query& query, const PipeInput& input) const {
  report_hints(query, input);
  report_statistics(input);
  report_analysis(query);
}

void QueryRun::report_hints(const spl2::Query& query, const PipeInput& input) const {
  std::vector<std::string> hints;
  for (const spl2::Hint& hint : query.hints) hints.push_back(hint.message);
  for (std::string& hint : running_->hints()) hints.push_back(std::move(hint));
  if (const config::Settings::Value* since = session_.settings.find("default_since");
      since != nullptr && options_.from_ns && !session_.arguments.since && !session_.arguments.from)
    hints.push_back("only events since " + since->text + " (default_since in " + since->origin +
                    ")");
  const std::uint64_t events = running_->progress().events;
  const bool stdin_only = input.paths.size() == 1 && input.reads_standard_input();
  if (events == 0 && stdin_only) hints.emplace_back("standard input is empty");
  if (events > 0 && results_ == 0 && !run_options_.explains_no_rows)
    hints.emplace_back("no events match");
  std::set<std::string_view> shown;
  for (const std::string& hint : hints)
    if (shown.insert(hint).second) console_.hint(hint);
}

void QueryRun::report_statistics(const PipeInput& input) const {
  if (session_.arguments.no_stats) return;
  const std::string events = output::counted(running_->progress().events, "event");
  const std::string results = output::counted(results_, "result");
  const std::string time =
      output::duration_text(std::chrono::steady_clock::now() - session_.started);
  if (!session_.streams.output_is_terminal) {
    console_.note("Scanned " + events + " | " + results + " | " + time);
    return;
  }
  const std::string inputs = input.reads_standard_input() && input.paths.size() == 1
                                 ? "stdin"
                                 : output::counted(input.paths.size(), "file");
  console_.note(results + " | " + events + " scanned | " + inputs + " | " + time);
}

void QueryRun::report_analysis(const spl2::Query& query) const {
  console_.detail("memory: peak " + output::counted(running_->memory_peak_bytes(), "byte") +
                  ", spilled " +
                  output::counted(running_->spilled_bytes() + spill_.spilled_bytes(), "byte") +
                  ", threads: " + std::to_string(options_.threads));
  if (!session_.arguments.analyze) return;
  std::string text;
  if (*session_.arguments.analyze == "trace")
    text = query::render(query::describe(query, options_)) + "\n";
  text += query::render(running_->profile());
  if (*session_.arguments.analyze != "basic") {
    const query::Source::Progress progress = running_->progress();
    text += "scanned " + output::counted(progress.events, "event") + ", " +
            output::counted(progress.bytes, "byte") + "\nmemory peak " +
            output::counted(running_->memory_peak_bytes(), "byte") + ", spilled " +
            output::counted(running_->spilled_bytes() + spill_.spilled_bytes(), "byte") + "\n";
  }
  if (run_options_.analysis_is_data)
    print_data(console_, text);
  else
    console_.print(text);
}

int usage_error(const Session& session, const Error& error) {
  session.console.error(error);
  return kExitUsage;
}

int input_error(const Session& session, const Error& error) {
  session.console.error(error);
  return error.code == ErrorCode::kInvalidArgument ? kExitUsage : kExitFailure;
}

}  // namespace

bool asks_for_table(const spl2::Query& query) {
  return std::ranges::any_of(query.main->commands, [](const spl2::Command& command) {
    const auto* fields = std::get_if<spl2::FieldsCommand>(&command.node);
    return fields != nullptr && fields->table;
  });
}

Result<query::QueryOptions> query_options(const Session& session) {
  query::QueryOptions options;
  options.now_ns = base::real_clock().wall_ns();
  options.memory_limit_bytes = TRY(memory_limit(session));
  options.timeout = TRY(timeout(session));
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.spill_directory = temporary_directory(session);
  options.spill_bytes_max =
      session.settings.bytes("query.max_temp_dir_size_bytes", options.spill_bytes_max);
  const TimeRange range = TRY(time_range(session, options.now_ns));
  options.from_ns = range.from_ns;
  options.to_ns = range.to_ns;
  return options;
}

std::shared_ptr<const spl2::Query> parse_or_report(const Session& session,
                                                   const std::string& text) {
  spl2::ParseOptions options;
  options.query_bytes_max = static_cast<std::size_t>(
      session.settings.bytes("query.max_query_length", options.query_bytes_max));
  auto parsed = query::parse_query(text, options);
  if (auto* query = std::get_if<spl2::Query>(&parsed))
    return std::make_shared<const spl2::Query>(std::move(*query));
  for (const spl2::ParseError& error : std::get<std::vector<spl2::ParseError>>(parsed))
    session.console.print(spl2::render_error(text, error));
  return nullptr;
}

int explain_query(const Session& session, const std::string& text) {
  const Result<query::QueryOptions> options = query_options(session);
  if (!options.has_value()) return usage_error(session, options.error());
  const std::shared_ptr<const spl2::Query> query = parse_or_report(session, text);
  if (query == nullptr) return kExitQuery;
  if (const Result<> planned = query::check(query, *options); !planned.has_value())
    return report_query_error(session.console, planned.error(), text);
  for (const spl2::Hint& hint : query->hints) session.console.hint(hint.message);
  const std::string plan = query::render(query::describe(*query, *options));
  return print_data(session.console, plan) ? kExitOk : kExitFailure;
}

int run_query(const Session& session, const std::string& text, const RunOptions& run) {
  if (choose_mode(session) == Mode::kServer)
    return session.arguments.explain ? explain_remote_query(session, text, ExplainTo::kOutput)
                                     : run_remote_query(session, text);
  if (session.arguments.explain) return explain_query(session, text);
  Result<query::QueryOptions> options = query_options(session);
  if (!options.has_value()) return usage_error(session, options.error());
  Result<output::WriterOptions> writer = writer_options(session);
  if (!writer.has_value()) return usage_error(session, writer.error());
  std::shared_ptr<const spl2::Query> query = parse_or_report(session, text);
  if (query == nullptr) return kExitQuery;
  Result<PipeInput> input = resolve_input(session, options->now_ns);
  if (!input.has_value()) return input_error(session, input.error());
  session.console.debug("config file: " + session.settings.config_path());
  return QueryRun(session, text, run, std::move(*options), std::move(*writer)).run(query, *input);
}

}  // namespace lynxdb::cli
