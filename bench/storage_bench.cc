// The storage engine on a real disk (TMPDIR): how fast requests are made durable in each sync mode,
// flushed to segments, compacted, and read again at the start. Bytes are those of the JSON lines
// that the events were parsed from.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/scale.h"
#include "event/parse/event_parser.h"
#include "storage/data_directory.h"

namespace {

using namespace lynxdb;           // NOLINT(google-build-using-namespace)
using namespace lynxdb::storage;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kRows = 300'000;
constexpr std::size_t kRowsPerRequest = 1000;
constexpr int kRequestsInFlight = 8;

// One request's worth of access log, in JSON lines.
std::string lines_of(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string lines;
  for (std::size_t i = 0; i < rows; ++i) {
    lines += fmt::format(
        R"({{"time":{},"host":"web-{:02}","level":"INFO","status":{},"method":"GET",)"
        R"("uri":"/api/v1/orders/{}","duration_ms":{}.{:03},"user":"u{:06}",)"
        R"("message":"request completed for user u{:06} shard={} trace={:016x}{:016x}"}})"
        "\n",
        1'714'521'600'000 + (seed * rows + i) * 3, random() % 48, random() % 20 == 0 ? 502 : 200,
        random() % 2000, random() % 300, random() % 1000, random() % 50'000, random() % 50'000,
        random() % 64, random(), random());
  }
  return lines;
}

struct Requests {
  std::vector<event::EventBatch> batches;
  std::size_t bytes = 0;
};

const Requests& requests() {
  static const Requests all = [] {
    Requests made;
    const std::size_t rows = bench::scaled(kRowsPerRequest);
    for (std::size_t i = 0; i * rows < bench::scaled(kRows); ++i) {
      const auto text = std::make_shared<const std::string>(
          lines_of(rows, i) + std::string(event::EventParser::kPaddingBytes, ' '));
      const std::string_view lines =
          std::string_view(*text).substr(0, text->size() - event::EventParser::kPaddingBytes);
      made.bytes += lines.size();
      event::EventParser parser(event::ParserOptions{});
      made.batches.push_back(parser.parse(lines, text).batch);
    }
    return made;
  }();
  return all;
}

// A store in a directory of its own, which goes with it.
class BenchStore {
 public:
  explicit BenchStore(SyncMode mode) {
    path_ = std::filesystem::temp_directory_path() / "lynxdb_storage_bench";
    std::filesystem::remove_all(path_);
    options_.background = false;
    options_.wal.sync_mode = mode;
    options_.retention.all = std::chrono::seconds(0);
    open();
  }
  ~BenchStore() {
    close();
    std::filesystem::remove_all(path_);
  }

  void open() {
    directory_ = must(DataDirectory::open(path_));
    store_ = must(directory_->open_store(options_));
  }
  void close() {
    store_.reset();
    directory_.reset();
  }
  Store& operator*() { return *store_; }
  Store* operator->() { return store_.get(); }

  // All requests, some of them at a time, as connections do.
  void append_all() {
    std::atomic<int> in_flight{0};
    for (const event::EventBatch& batch : requests().batches) {
      for (int seen = in_flight; seen >= kRequestsInFlight; seen = in_flight) in_flight.wait(seen);
      ++in_flight;
      AppendRequest request;
      request.batch = batch;
      store_->append(std::move(request), [&](const Result<Appended>& appended) {
        LYNXDB_CHECK(appended.has_value());
        --in_flight;
        in_flight.notify_one();
      });
    }
    for (int seen = in_flight; seen > 0; seen = in_flight) in_flight.wait(seen);
  }

 private:
  template <typename T>
  static T must(Result<T> result) {
    if (result) return *std::move(result);
    fmt::print(stderr, "storage_bench: {}\n", result.error().message);
    std::exit(1);
  }

  std::string path_;
  StoreOptions options_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<Store> store_;
};

void count_bytes(benchmark::State& state, std::size_t times = 1) {
  state.SetBytesProcessed(static_cast<std::int64_t>(requests().bytes * times) * state.iterations());
}

void append(benchmark::State& state) {
  requests();
  for (auto _ : state) {
    state.PauseTiming();
    BenchStore store(static_cast<SyncMode>(state.range(0)));
    state.ResumeTiming();
    store.append_all();
    state.PauseTiming();
    store.close();
    state.ResumeTiming();
  }
  count_bytes(state);
}
BENCHMARK(append)
    ->ArgName("sync_mode")
    ->DenseRange(0, 2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void flush(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    BenchStore store(SyncMode::kNone);
    store.append_all();
    state.ResumeTiming();
    LYNXDB_CHECK(store->flush_now().has_value());
  }
  count_bytes(state);
}
BENCHMARK(flush)->UseRealTime()->Unit(benchmark::kMillisecond);

void compact(benchmark::State& state) {
  constexpr std::size_t kSegments = 4;
  for (auto _ : state) {
    state.PauseTiming();
    BenchStore store(SyncMode::kNone);
    for (std::size_t i = 0; i < kSegments; ++i) {
      store.append_all();
      LYNXDB_CHECK(store->flush_now().has_value());
    }
    state.ResumeTiming();
    LYNXDB_CHECK(store->maintain_now().has_value());
  }
  count_bytes(state, kSegments);
}
BENCHMARK(compact)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);

void start_with_a_log(benchmark::State& state) {
  BenchStore store(SyncMode::kNone);
  store.append_all();
  for (auto _ : state) {
    state.PauseTiming();
    store.close();
    state.ResumeTiming();
    store.open();
  }
  count_bytes(state);
}
BENCHMARK(start_with_a_log)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
