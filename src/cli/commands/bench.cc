// lynxdb bench: how fast this machine runs five standard queries over generated events.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <random>
#include <variant>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/run_query.h"
#include "output/byte_sink.h"
#include "output/output_buffer.h"
#include "output/writer.h"
#include "query/sources/line_source.h"
#include "spl2/parser.h"

namespace lynxdb::cli {
namespace {

struct StandardQuery {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<StandardQuery, 5> kQueries = {
    {{"count", "| stats count"},
     {"search", "timeout level=error | stats count"},
     {"group", "| stats count, avg(duration_ms), p99(duration_ms) by host"},
     {"timechart", "| timechart span=1m count by level"},
     {"sort", "status>=500 | sort -duration_ms | head 10"}}};

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--events", "N", arguments.events, "how many events to generate (100000)");
  flags.value("--max-memory", "SIZE", arguments.max_memory,
              "memory before rows go to disk (default 1gb)");
}

// A file that disappears with the object.
class TemporaryFile {
 public:
  static Result<std::unique_ptr<TemporaryFile>> create(const std::string& directory) {
    std::string path = directory + "/lynxdb-bench-XXXXXX";
    const int descriptor = ::mkstemp(path.data());
    if (descriptor < 0) return Error{ErrorCode::kIo, "cannot write to " + directory};
    return std::unique_ptr<TemporaryFile>(new TemporaryFile(std::move(path), descriptor));
  }
  ~TemporaryFile() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }

 private:
  TemporaryFile(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_;
};

// The same events every time: runs can be compared.
Result<> write_events(std::uint64_t events, output::ByteSink& sink) {
  constexpr std::array<std::string_view, 4> kLevels = {"info", "debug", "warn", "error"};
  constexpr std::array<std::string_view, 4> kMessages = {
      "request served", "cache miss", "connection reset by peer", "upstream timeout"};
  constexpr std::array<int, 5> kStatus = {200, 200, 301, 404, 503};
  constexpr std::int64_t kStartMs = 1'767'225'600'000;  // 2026-01-01
  std::minstd_rand random(42);
  output::OutputBuffer out(sink);
  for (std::uint64_t i = 0; i < events; ++i) {
    out.append(fmt::format(
        R"({{"timestamp":{},"level":"{}","host":"web-{:02}","status":{},"duration_ms":{},"user_id":{},"message":"{}"}})"
        "\n",
        kStartMs + static_cast<std::int64_t>(i * 10), kLevels[random() % kLevels.size()],
        random() % 20, kStatus[random() % kStatus.size()], random() % 5000, random() % 100'000,
        kMessages[random() % kMessages.size()]));
    TRY(out.flush_if_full());
  }
  return out.flush();
}

struct Measured {
  std::uint64_t rows = 0;
  std::chrono::nanoseconds time{};
};

Result<Measured> measure(std::string_view text, const std::string& path,
                         const query::QueryOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  auto parsed = spl2::parse(text);
  if (!std::holds_alternative<spl2::Query>(parsed))
    return Error{ErrorCode::kParse, "standard query does not parse: " + std::string(text)};
  auto query = std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed)));
  const query::OpenSource open = [&path](const std::vector<spl2::SourceName>& /*names*/,
                                         const query::ScanRequest& request,
                                         query::Execution& execution) {
    return query::open_lines({.paths = {path}, .parser = {}}, request, execution);
  };
  const std::unique_ptr<query::RunningQuery> running =
      TRY(query::start(std::move(query), options, open));
  Measured measured;
  while (const std::optional<event::EventBatch> batch = TRY(running->next()))
    measured.rows += batch->rows();
  measured.time = std::chrono::steady_clock::now() - begin;
  return measured;
}

Result<event::EventBatch> measure_all(std::uint64_t events, const query::QueryOptions& options) {
  const std::unique_ptr<TemporaryFile> file = TRY(TemporaryFile::create(options.spill_directory));
  const std::unique_ptr<output::ByteSink> sink =
      output::descriptor_sink(file->descriptor(), file->path());
  TRY(write_events(events, *sink));
  std::array<event::ColumnBuilder, 5> columns;
  for (const StandardQuery& query : kQueries) {
    const Measured measured = TRY(measure(query.text, file->path(), options));
    const double seconds = std::chrono::duration<double>(measured.time).count();
    columns[0].append_string(query.name);
    columns[1].append_string(query.text);
    columns[2].append_int(static_cast<std::int64_t>(measured.rows));
    columns[3].append_float(std::chrono::duration<double, std::milli>(measured.time).count());
    columns[4].append_int(static_cast<std::int64_t>(static_cast<double>(events) / seconds));
  }
  event::EventBatch batch(kQueries.size());
  batch.set_ordered(true);
  constexpr std::array<std::string_view, 5> kNames = {"name", "query", "results", "time_ms",
                                                      "events_per_second"};
  for (std::size_t i = 0; i < kNames.size(); ++i) batch.set(kNames[i], columns[i].finish(), true);
  return batch;
}

Result<> print(const Session& session, const event::EventBatch& batch,
               const query::QueryOptions& options) {
  output::WriterOptions writer_options;
  // A table everywhere unless asked otherwise: this is for people.
  writer_options.format =
      TRY(output::output_format_named(session.arguments.format.value_or("table")));
  writer_options.terminal = session.streams.output_is_terminal;
  writer_options.width = session.streams.output_width;
  writer_options.aggregate_result = true;
  const std::unique_ptr<output::ByteSink> sink =
      output::descriptor_sink(STDOUT_FILENO, "standard output");
  output::OutputBuffer out(*sink);
  query::SpillSpace spill(options.spill_directory, options.spill_bytes_max);
  const std::unique_ptr<output::Writer> writer = output::make_writer(writer_options, out, spill);
  TRY(writer->write(batch));
  TRY(writer->finish());
  const Result<> flushed = out.flush();
  return sink->reader_gone() ? Result<>{} : flushed;
}

Result<std::uint64_t> event_count(const Session& session) {
  constexpr std::uint64_t kMost = 100'000'000;
  const std::string text = session.arguments.events.value_or("100000");
  std::uint64_t events = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), events);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || events == 0 || events > kMost)
    return Error{ErrorCode::kInvalidArgument,
                 "--events is a number from 1 to " + std::to_string(kMost)};
  return events;
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kBenchCommand, "bench takes no arguments");
  const Result<std::uint64_t> events = event_count(session);
  const Result<query::QueryOptions> options = query_options(session);
  if (!events.has_value() || !options.has_value()) {
    session.console.error(events.has_value() ? options.error() : events.error());
    return kExitUsage;
  }
  session.console.note(fmt::format("{} events, {} threads", *events, options->threads));
  const Result<event::EventBatch> batch = measure_all(*events, *options);
  const Result<> printed =
      batch.has_value() ? print(session, *batch, *options) : Result<>(batch.error());
  if (printed.has_value()) return kExitOk;
  session.console.error(printed.error());
  return kExitFailure;
}

}  // namespace

const Command kBenchCommand = {"bench",       "",  "",  "measure five standard queries",
                               declare_flags, run, true};

}  // namespace lynxdb::cli
