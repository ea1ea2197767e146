// Segments: how fast they are written, how large they are, how fast they are searched.
//
//   segment_bench                                       on made-up access logs
//   segment_bench --ndjson=FILE [--out=SEGMENT] [--find=TEXT]...
//                       writes FILE (its lines in order of time) as a segment, prints what each
//                       column and the text index cost, then looks for each TEXT
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "bench/scale.h"
#include "event/parse/event_parser.h"
#include "io/file.h"
#include "segment/segment_reader.h"
#include "segment/segment_writer.h"

namespace {

using namespace lynxdb;           // NOLINT(google-build-using-namespace)
using namespace lynxdb::segment;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kChunkBytes = 8U << 20U;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <typename T>
T must(Result<T> result, const char* what) {
  if (result) return std::move(*result);
  fmt::print(stderr, "segment_bench: {}: {}\n", what, result.error().message);
  std::exit(1);
}

std::string hex(std::mt19937_64& random, std::size_t digits) {
  std::string text;
  for (std::size_t i = 0; i < digits; ++i) text += "0123456789abcdef"[random() % 16];
  return text;
}

// JSON lines like those of an access log, ascending by time.
std::string made_up_lines(std::size_t count) {
  std::mt19937_64 random(42);
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    const bool failed = random() % 20'000 == 0;
    const auto user = random() % 50'000;
    lines += fmt::format(
        R"({{"time":{},"host":"web-{:02}","level":"{}","status":{},"method":"GET",)"
        R"("uri":"/api/v1/orders/{}","duration_ms":{}.{:03},"user":"u{:06}",)"
        R"("message":"{} for user u{:06} shard={} trace={}"}})"
        "\n",
        1'714'521'600'000 + i * 36, random() % 48, failed ? "ERROR" : "INFO", failed ? 502 : 200,
        random() % 2000, random() % 300, random() % 1000, user,
        failed ? "connection refused" : "request completed", user, random() % 64, hex(random, 32));
  }
  return lines;
}

// Batches of the lines, last line first.
class NewestFirst {
 public:
  explicit NewestFirst(std::string_view lines) : rest_(lines) {
    event::ParserOptions options;
    options.default_source = "bench";
    parser_ = std::make_unique<event::EventParser>(options);
  }

  // No rows at the end.
  event::EventBatch next() {
    std::size_t begin = rest_.size() - std::min(rest_.size(), kChunkBytes);
    if (begin > 0) begin = rest_.find('\n', begin) + 1;
    if (begin == rest_.size() && begin > 0) begin = 0;
    const std::string_view chunk = rest_.substr(begin);
    rest_ = rest_.substr(0, begin);
    const event::EventBatch batch = parser_->parse(chunk, nullptr).batch;
    std::vector<std::uint32_t> rows(batch.rows());
    std::iota(rows.rbegin(), rows.rend(), 0U);
    return batch.take(rows);
  }

 private:
  std::string_view rest_;
  std::unique_ptr<event::EventParser> parser_;
};

struct Written {
  std::string bytes;
  double cpu_s = 0;  // Of the writer alone.
};

Written write_segment(std::string_view lines) {
  NewestFirst source(lines);
  StringSink sink;
  SegmentWriter writer(sink, {.segment_id = "bench", .index = "main"});
  Written written;
  for (event::EventBatch batch = source.next(); batch.rows() > 0; batch = source.next()) {
    const double begin = cpu_seconds();
    LYNXDB_CHECK(writer.add(batch).has_value());
    written.cpu_s += cpu_seconds() - begin;
  }
  const double begin = cpu_seconds();
  must(writer.finish({}), "finish");
  written.cpu_s += cpu_seconds() - begin;
  written.bytes = sink.take();
  return written;
}

std::size_t count_rows_with(const SegmentReader& reader, const std::string& text) {
  std::size_t rows = 0;
  for (std::size_t group = 0; group < reader.footer().row_groups.size(); ++group)
    rows += must(reader.rows_containing(group, std::span(&text, 1)), "search").size();
  return rows;
}

// --- On made-up logs --------------------------------------------------------------------------

const std::string& bench_lines() {
  static const std::string lines = [] {
    std::string text = made_up_lines(lynxdb::bench::scaled(300'000));
    text.reserve(text.size() + event::EventParser::kPaddingBytes);
    return text;
  }();
  return lines;
}

const SegmentReader& bench_reader() {
  static const std::shared_ptr<const SegmentReader> reader = must(
      SegmentReader::open(std::make_shared<MemoryByteSource>(write_segment(bench_lines()).bytes)),
      "open");
  return *reader;
}

void write(benchmark::State& state) {
  std::size_t size = 0;
  for (auto _ : state) {
    const Written written = write_segment(bench_lines());
    state.SetIterationTime(written.cpu_s);
    size = written.bytes.size();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bench_lines().size()));
  state.counters["percent_of_text"] =
      100.0 * static_cast<double>(size) / static_cast<double>(bench_lines().size());
}
BENCHMARK(write)->UseManualTime()->Unit(benchmark::kMillisecond);

void find(benchmark::State& state, const std::string& text) {
  std::size_t rows = 0;
  for (auto _ : state) rows = count_rows_with(bench_reader(), text);
  state.counters["rows"] = static_cast<double>(rows);
}
BENCHMARK_CAPTURE(find, rare_words, std::string("connection refused"))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, nothing, std::string("no such words"))->Unit(benchmark::kMillisecond);

void find_id(benchmark::State& state) {
  const std::size_t at = bench_lines().find("trace=", bench_lines().size() / 2) + 6;
  const std::string id = bench_lines().substr(at, 32);
  std::size_t rows = 0;
  for (auto _ : state) rows = count_rows_with(bench_reader(), id);
  state.counters["rows"] = static_cast<double>(rows);
}
BENCHMARK(find_id)->Unit(benchmark::kMillisecond);

void read_two_columns(benchmark::State& state) {
  const std::vector<std::string> fields = {"status", "duration_ms"};
  for (auto _ : state)
    for (std::size_t group = 0; group < bench_reader().footer().row_groups.size(); ++group)
      benchmark::DoNotOptimize(must(bench_reader().read(group, fields), "read"));
}
BENCHMARK(read_two_columns)->Unit(benchmark::kMillisecond);

// --- Of a file --------------------------------------------------------------------------------

struct FileJob {
  std::string ndjson;
  std::string out;
  std::vector<std::string> texts;
};

void print_sizes(const SegmentReader& reader, std::uint64_t text_bytes) {
  const Footer& footer = reader.footer();
  std::vector<std::uint64_t> sizes(footer.columns.size());
  std::uint64_t index_bytes = 0;
  for (const RowGroup& group : footer.row_groups) {
    index_bytes += group.text_index.size;
    for (const ColumnChunk& chunk : group.columns) sizes[chunk.column] += chunk.bytes.size;
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const ColumnChunk* chunk = footer.row_groups.front().find(static_cast<std::uint32_t>(i));
    fmt::print("  {:<16} {:>12}  {:5.2f} bytes a row{}\n", footer.columns[i], sizes[i],
               static_cast<double>(sizes[i]) / static_cast<double>(footer.rows),
               chunk != nullptr && !chunk->needs.empty()
                   ? fmt::format("  (with {} others)", chunk->needs.size())
                   : "");
  }
  fmt::print("  {:<16} {:>12}\n  {:<16} {:>12}  {:.2f} % of the text\n", "text index", index_bytes,
             "all", reader.size_bytes(),
             100.0 * static_cast<double>(reader.size_bytes()) / static_cast<double>(text_bytes));
}

void print_search(const SegmentReader& reader, const std::string& text) {
  std::size_t left = 0;
  std::size_t groups = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t group = 0; group < reader.footer().row_groups.size(); ++group) {
    const auto rows = must(reader.candidates(group, std::span(&text, 1)), "index");
    left += rows ? rows->size() : reader.footer().row_groups[group].rows;
    groups += !rows || !rows->empty() ? 1 : 0;
  }
  const auto asked = std::chrono::steady_clock::now();
  const std::size_t found = count_rows_with(reader, text);
  const auto end = std::chrono::steady_clock::now();
  const auto ms = [](auto duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  };
  fmt::print(
      "  {:<34} {} rows; the index leaves {} in {} row groups, in {:.2f} ms; all {:.2f} ms\n", text,
      found, left, groups, ms(asked - begin), ms(end - asked));
}

int run(const FileJob& job) {
  std::ifstream in(job.ndjson, std::ios::binary);
  std::string lines((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  lines.reserve(lines.size() + event::EventParser::kPaddingBytes);
  Written written = write_segment(lines);
  const double megabytes = static_cast<double>(lines.size()) / 1e6;
  fmt::print("{}: {} bytes of text, written at {:.0f} MB/s of text\n", job.ndjson, lines.size(),
             megabytes / written.cpu_s);
  std::shared_ptr<ByteSource> source;
  if (job.out.empty()) {
    source = std::make_shared<MemoryByteSource>(std::move(written.bytes));
  } else {
    std::ofstream(job.out, std::ios::binary) << written.bytes;
    source = must(LocalByteSource::open(io::posix(), job.out), "open");
  }
  const auto reader = must(SegmentReader::open(source), "open");
  print_sizes(*reader, lines.size());
  for (const std::string& text : job.texts) print_search(*reader, text);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  FileJob job;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--ndjson=")) job.ndjson = argument.substr(9);
    if (argument.starts_with("--out=")) job.out = argument.substr(6);
    if (argument.starts_with("--find=")) job.texts.emplace_back(argument.substr(7));
  }
  if (!job.ndjson.empty()) return run(job);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
