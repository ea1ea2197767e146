// Columns of an access log to chunks and back: bytes and nanoseconds a value, for each column of a
// full row group. `lookup` reads ten rows of it.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/scale.h"
#include "event/parse/event_parser.h"
#include "segment/row_group_codec.h"

namespace lynxdb::segment {
namespace {

using event::EventBatch;

// Values are skewed as in real logs: few hosts, paths and users cause most of the traffic.
class LogLines {
 public:
  std::string next() {
    time_ms_ += random_() % 72;
    const std::size_t user = skewed(100'000);
    const std::size_t status = std::array<std::size_t, 10>{200, 200, 200, 200, 200,
                                                           200, 304, 404, 401, 503}[random_() % 10];
    const double duration = std::exp(3 + 1.1 * normal_(random_));
    const auto bytes = static_cast<std::size_t>(std::exp(7.5 + 1.3 * normal_(random_)));
    const std::size_t shard = random_() % 64;
    std::array<char, 20> ip{};
    std::array<char, 40> trace{};
    std::array<char, 1024> line{};
    std::snprintf(ip.data(), ip.size(), "10.%zu.%zu.%zu", user % 251, user / 7 % 256, user % 256);
    std::snprintf(trace.data(), trace.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(random_()),
                  static_cast<unsigned long long>(random_()));
    const std::string uri = "/api/v1/items/" + std::to_string(skewed(5000));
    const std::string message =
        random_() % 2 == 0
            ? "response sent: " + std::to_string(bytes) + " bytes to " + ip.data()
            : "handled " + uri + " in " + std::to_string(static_cast<int>(duration)) + " ms";
    std::snprintf(line.data(), line.size(),
                  R"({"time":"2024-05-01T%02zu:%02zu:%02zu.%03zuZ","host":"web-%02zu",)"
                  R"("level":"%s","status":%zu,"uri":"%s","duration_ms":%.3f,"bytes":%zu,)"
                  R"("user":"u%06zu","client_ip":"%s","message":"%s shard=%zu trace=%s"})"
                  "\n",
                  time_ms_ / 3'600'000 % 24, time_ms_ / 60'000 % 60, time_ms_ / 1000 % 60,
                  time_ms_ % 1000, skewed(48), status >= 500 ? "ERROR" : "INFO", status,
                  uri.c_str(), duration, bytes, user, ip.data(), message.c_str(), shard,
                  trace.data());
    return line.data();
  }

 private:
  std::size_t skewed(std::size_t kinds) {
    const double x = static_cast<double>(random_() % 1'000'000) / 1'000'000;
    return static_cast<std::size_t>(x * x * x * static_cast<double>(kinds));
  }

  std::mt19937_64 random_{42};
  std::normal_distribution<double> normal_;
  std::size_t time_ms_ = 0;
};

EventBatch row_group() {
  auto text = std::make_shared<std::string>();
  LogLines lines;
  for (std::size_t i = bench::scaled(65'536); i > 0; --i) *text += lines.next();
  const std::size_t size = text->size();
  text->append(event::EventParser::kPaddingBytes, '\0');
  event::EventParser parser({});
  return parser.parse(std::string_view(*text).substr(0, size), text).batch;
}

void report(benchmark::State& state, std::size_t rows, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
  state.counters["bytes/row"] = static_cast<double>(bytes) / static_cast<double>(rows);
}

void bm_encode(benchmark::State& state, const EventBatch& batch, const event::Field& field) {
  EventBatch siblings = batch;
  siblings.remove(field.name);
  if (field.name != event::kRaw) siblings.remove(event::kRaw);
  std::size_t bytes = 0;
  for ([[maybe_unused]] const auto iteration : state) {
    bytes = encode_chunk(*field.column, {Compression::kZstd, &siblings}).bytes.size();
  }
  report(state, batch.rows(), bytes);
}

void bm_decode(benchmark::State& state, const EventBatch& batch, const std::string& bytes) {
  for ([[maybe_unused]] const auto iteration : state) {
    auto column = decode_chunk(bytes, nullptr, &batch);
    if (!column) state.SkipWithError("decode failed");
    benchmark::DoNotOptimize(column);
  }
  report(state, batch.rows(), bytes.size());
}

void bm_lookup(benchmark::State& state, const EventBatch& batch,
               const std::vector<EncodedChunk>& chunks) {
  std::vector<NamedChunk> named;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    names.push_back(batch.fields()[i].name);
    named.push_back({batch.fields()[i].name, chunks[i].bytes});
  }
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < 10; ++i) {
    rows.push_back(static_cast<std::uint32_t>(i * batch.rows() / 10));
  }
  for ([[maybe_unused]] const auto iteration : state) {
    auto found = decode_row_group(named, names, nullptr, rows);
    if (!found) state.SkipWithError("decode failed");
    benchmark::DoNotOptimize(found);
  }
}

// The columns are known at run time only: benchmarks are registered for what the parser finds.
const bool kRegistered = [] {
  static const EventBatch batch = row_group();
  static const std::vector<EncodedChunk> chunks = encode_row_group(batch, Compression::kZstd);
  for (std::size_t i = 0; i < batch.field_count(); ++i) {
    const event::Field& field = batch.fields()[i];
    if (field.name == "_index" || field.name == "_sourcetype") continue;
    benchmark::RegisterBenchmark(
        ("encode/" + field.name).c_str(),
        [&field](benchmark::State& state) { bm_encode(state, batch, field); });
    benchmark::RegisterBenchmark(("decode/" + field.name).c_str(), [i](benchmark::State& state) {
      bm_decode(state, batch, chunks[i].bytes);
    });
  }
  benchmark::RegisterBenchmark("lookup",
                               [](benchmark::State& state) { bm_lookup(state, batch, chunks); });
  return true;
}();

}  // namespace
}  // namespace lynxdb::segment
