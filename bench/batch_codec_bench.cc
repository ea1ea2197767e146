// Batches to bytes and back: a batch like that of an access log, and each kind of column alone.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "bench/scale.h"
#include "event/batch_codec.h"

namespace lynxdb::event {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warn", "error"};

Value int_at(std::size_t row) {
  return Value::integer(static_cast<std::int64_t>(row * 7919 % 65'000));
}
Value time_at(std::size_t row) {
  return Value::timestamp(1'700'000'000'000'000'000 + static_cast<std::int64_t>(row) * 1'000'003);
}
Value float_at(std::size_t row) { return Value::floating(static_cast<double>(row) / 3); }
Value text_at(std::size_t row) {
  return Value::string(R"(10.0.0.7 - - [14/Nov/2023:22:13:20 +0000] "GET /api/v1/items/)" +
                       std::to_string(row) + R"( HTTP/1.1" 200 1043 "-" "curl/7.88.1")");
}
Value mixed_at(std::size_t row) { return row % 2 == 0 ? int_at(row) : text_at(row); }

using ValueAt = Value (*)(std::size_t row);

ColumnPtr column_of(std::size_t rows, ValueAt value_at) {
  ColumnBuilder builder;
  for (std::size_t row = 0; row < rows; ++row) builder.append(value_at(row));
  return builder.finish();
}

ColumnPtr levels(std::size_t rows) {
  ColumnBuilder names;
  for (const std::string_view level : kLevels) names.append_string(level);
  std::vector<std::uint32_t> codes(rows);
  for (std::size_t row = 0; row < rows; ++row) codes[row] = row * 31 % kLevels.size();
  return Column::dictionary(std::move(codes), names.finish());
}

EventBatch access_log() {
  const std::size_t rows = bench::scaled(8192);
  EventBatch batch(rows);
  batch.set(kTime, column_of(rows, time_at));
  batch.set(kRaw, column_of(rows, text_at));
  batch.set("level", levels(rows));
  batch.set("bytes", column_of(rows, int_at));
  batch.set("duration", column_of(rows, float_at));
  return batch;
}

EventBatch one_column(ValueAt value_at) {
  const std::size_t rows = bench::scaled(8192);
  EventBatch batch(rows);
  batch.set("x", column_of(rows, value_at));
  return batch;
}

void report(benchmark::State& state, const EventBatch& batch, std::size_t bytes) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.rows()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["bytes/row"] = static_cast<double>(bytes) / static_cast<double>(batch.rows());
}

void bm_encode(benchmark::State& state, const EventBatch& batch) {
  std::string bytes;
  for ([[maybe_unused]] const auto iteration : state) {
    bytes.clear();
    encode(batch, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  report(state, batch, bytes.size());
}

void bm_decode(benchmark::State& state, const EventBatch& batch) {
  std::string bytes;
  encode(batch, bytes);
  for ([[maybe_unused]] const auto iteration : state) {
    auto back = decode(bytes, nullptr);
    if (!back) state.SkipWithError("decode failed");
    benchmark::DoNotOptimize(back);
  }
  report(state, batch, bytes.size());
}

BENCHMARK_CAPTURE(bm_encode, access_log, access_log());
BENCHMARK_CAPTURE(bm_decode, access_log, access_log());
BENCHMARK_CAPTURE(bm_encode, times, one_column(time_at));
BENCHMARK_CAPTURE(bm_decode, times, one_column(time_at));
BENCHMARK_CAPTURE(bm_encode, text, one_column(text_at));
BENCHMARK_CAPTURE(bm_decode, text, one_column(text_at));
BENCHMARK_CAPTURE(bm_encode, mixed, one_column(mixed_at));
BENCHMARK_CAPTURE(bm_decode, mixed, one_column(mixed_at));

}  // namespace
}  // namespace lynxdb::event
