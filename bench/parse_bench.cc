// How fast lines become columns, in bytes per second of one core: JSON of a known layout, JSON that
// needs the full parser, access logs, and the searches that come before parsing.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_search.h"
#include "bench/scale.h"
#include "event/parse/event_parser.h"

namespace lynxdb {
namespace {

constexpr std::size_t kTextBytes = 8U << 20U;
constexpr std::size_t kChunkBytes = 512U << 10U;
constexpr std::size_t kLineBytesMin = 100;  // About; for the size of tiny inputs.

// Whole lines with the padding that the parser asks for, cut into chunks as a file source does.
class Text {
 public:
  template <typename MakeLine>
  explicit Text(const MakeLine& make_line) {
    std::mt19937 random(1);
    const std::size_t text_bytes = bench::scaled(kTextBytes / kLineBytesMin) * kLineBytesMin;
    while (bytes_->size() < text_bytes) {
      const std::size_t begin = bytes_->size();
      while (bytes_->size() - begin < std::min(kChunkBytes, text_bytes))
        *bytes_ += make_line(random) + "\n";
      chunks_.emplace_back(begin, bytes_->size() - begin);
    }
    size_ = bytes_->size();
    bytes_->append(event::EventParser::kPaddingBytes, '\0');
  }

  std::size_t size() const { return size_; }
  std::string_view all() const { return std::string_view(*bytes_).substr(0, size_); }
  template <typename Consume>
  void for_each_chunk(const Consume& consume) const {
    for (const auto& [begin, size] : chunks_)
      consume(std::string_view(*bytes_).substr(begin, size));
  }
  const std::shared_ptr<std::string>& owner() const { return bytes_; }

 private:
  std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
  std::vector<std::pair<std::size_t, std::size_t>> chunks_;
  std::size_t size_ = 0;
};

std::string number(std::mt19937& random, unsigned below) {
  return std::to_string(random() % below);
}

std::string uri(std::mt19937& random) { return "/api/v1/items/" + number(random, 500); }

std::string user_agent(std::mt19937& random) {
  return random() % 3 == 0
             ? "curl/7." + number(random, 90) + ".0"
             : "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
                   number(random, 120) + ".0.0.0 Safari/537.36";
}

// `shape` becomes part of a name: equal shapes have equal layouts.
std::string json_line(std::mt19937& random, const std::string& shape) {
  return "{\"time\":\"2024-05-01T00:00:0" + number(random, 10) + ".053Z\",\"host\":\"web-" +
         number(random, 20) +
         "\",\"level\":\"INFO\",\"status\":" + std::to_string(200 + random() % 5 * 100) +
         ",\"method\":\"GET\",\"uri\":\"" + uri(random) +
         "\",\"duration_ms\":" + number(random, 3000) + "." + number(random, 1000) + ",\"bytes" +
         shape + "\":" + number(random, 90000) + ",\"user\":\"u" + number(random, 40000) +
         "\",\"user_agent\":\"" + user_agent(random) +
         "\",\"message\":\"response sent: keepalive=on shard=31 trace=" +
         number(random, 1U << 31U) + (random() % 1000 == 0 ? " connection refused" : "") + "\"}";
}

const Text& json_text() {
  static const Text text([](std::mt19937& random) { return json_line(random, ""); });
  return text;
}
const Text& shapeless_json_text() {
  static const Text text(
      [](std::mt19937& random) { return json_line(random, number(random, 2000)); });
  return text;
}
const Text& access_text() {
  static const Text text([](std::mt19937& random) {
    return "10.1.2." + number(random, 256) + " - u" + number(random, 40000) +
           " [01/May/2024:00:00:0" + number(random, 10) + " +0000] \"GET " + uri(random) +
           " HTTP/1.1\" " + std::to_string(200 + random() % 5 * 100) + " " + number(random, 90000) +
           " \"-\" \"" + user_agent(random) + "\"";
  });
  return text;
}

void parse_all(benchmark::State& state, const Text& text, event::ParserOptions options) {
  event::EventParser parser(std::move(options));
  std::uint64_t events = 0;
  for (auto _ : state) {
    text.for_each_chunk([&](std::string_view lines) {
      const event::ParsedChunk parsed = parser.parse(lines, text.owner());
      events += parsed.counts.events;
      benchmark::DoNotOptimize(parsed.batch.rows());
    });
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

event::ParserOptions wanting(std::vector<std::string> fields) {
  event::ParserOptions options;
  options.projection = {.all = false, .fields = std::move(fields)};
  return options;
}

void BM_JsonCountOnly(benchmark::State& state) { parse_all(state, json_text(), wanting({})); }
void BM_JsonOneField(benchmark::State& state) {
  parse_all(state, json_text(), wanting({"status"}));
}
void BM_JsonThreeFields(benchmark::State& state) {
  parse_all(state, json_text(), wanting({"status", "uri", "duration_ms"}));
}
void BM_JsonTimeAndField(benchmark::State& state) {
  parse_all(state, json_text(), wanting({"_time", "status"}));
}
void BM_JsonAllFields(benchmark::State& state) { parse_all(state, json_text(), {}); }
void BM_ShapelessJsonOneField(benchmark::State& state) {
  parse_all(state, shapeless_json_text(), wanting({"status"}));
}
void BM_JsonRawContains(benchmark::State& state) {
  event::ParserOptions options = wanting({"_raw"});
  options.raw_contains = {"connection refused"};
  parse_all(state, json_text(), std::move(options));
}
void BM_AccessLogOneField(benchmark::State& state) {
  parse_all(state, access_text(), wanting({"status"}));
}
void BM_AccessLogAllFields(benchmark::State& state) { parse_all(state, access_text(), {}); }

void BM_SubstringSearch(benchmark::State& state) {
  const base::SubstringFinder finder("connection refused", base::LetterCase::kIgnoreAscii);
  const std::string_view text = json_text().all();
  for (auto _ : state) {
    std::size_t found = 0;
    for (std::size_t at = finder.find(text); at != base::SubstringFinder::npos;
         at = finder.find(text, at + 1))
      ++found;
    benchmark::DoNotOptimize(found);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
void BM_CountLines(benchmark::State& state) {
  const std::string_view text = json_text().all();
  for (auto _ : state) benchmark::DoNotOptimize(base::count_lines_not_blank(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

BENCHMARK(BM_JsonCountOnly);
BENCHMARK(BM_JsonOneField);
BENCHMARK(BM_JsonThreeFields);
BENCHMARK(BM_JsonTimeAndField);
BENCHMARK(BM_JsonAllFields);
BENCHMARK(BM_ShapelessJsonOneField);
BENCHMARK(BM_JsonRawContains);
BENCHMARK(BM_AccessLogOneField);
BENCHMARK(BM_AccessLogAllFields);
BENCHMARK(BM_SubstringSearch);
BENCHMARK(BM_CountLines);

}  // namespace
}  // namespace lynxdb
