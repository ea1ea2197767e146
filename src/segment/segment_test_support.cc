#include "segment/segment_test_support.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <numeric>
#include <random>
#include <set>

#include "event/parse/event_parser.h"

namespace lynxdb::segment {

using event::EventBatch;

EventBatch reversed(const EventBatch& batch) {
  std::vector<std::uint32_t> rows(batch.rows());
  std::iota(rows.rbegin(), rows.rend(), 0U);
  return batch.take(rows);
}

EventBatch events_of(const std::string& lines) {
  event::ParserOptions options;
  options.default_source = "test.log";
  auto text = std::make_shared<std::string>(lines);
  text->reserve(text->size() + event::EventParser::kPaddingBytes);
  return reversed(event::EventParser(options).parse(*text, text).batch);
}

std::string test_data(std::string_view name) {
  const std::string path = fmt::format("{}/src/segment/testdata/{}", LYNXDB_SOURCE_DIR, name);
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string json_lines(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    const auto user = random() % 5000;
    std::string line = fmt::format(
        R"({{"time":{},"host":"web-{:02}","status":{},"ok":{},"duration_ms":{}.{:03},)"
        R"("user":"u{:06}","message":"request for user u{:06} \"done\" trace={:016x}{:016x}"}})"
        "\n",
        1'714'521'600'000 + i * 36, random() % 8, random() % 9 == 0 ? 500 : 200, random() % 2 == 0,
        random() % 300, random() % 1000, user, user, random(), random());
    // Rows that differ from the others: a field of another type, a missing one, another order.
    if (random() % 50 == 0)
      line = fmt::format(
          "{{\"time\":{},\"status\":\"none\", \"host\":\"odd\",\"n\":{{\"a\":[1,2]}}}}\n",
          1'714'521'600'000 + i * 36);
    lines += line;
  }
  return lines;
}

Segment segment_of(const std::vector<EventBatch>& batches, WriterOptions options) {
  StringSink sink;
  SegmentWriter writer(sink, std::move(options));
  for (const EventBatch& batch : batches) {
    const Result<> added = writer.add(batch);
    EXPECT_TRUE(added) << added.error().message;
  }
  const Result<SegmentInfo> info = writer.finish({});
  EXPECT_TRUE(info) << info.error().message;
  return {sink.take(), info ? *info : SegmentInfo{}};
}

std::shared_ptr<const SegmentReader> open_bytes(std::string bytes) {
  auto reader = SegmentReader::open(std::make_shared<MemoryByteSource>(std::move(bytes)));
  EXPECT_TRUE(reader) << reader.error().message;
  return reader ? *reader : nullptr;
}

EventBatch read_all(const SegmentReader& reader) {
  std::vector<EventBatch> groups;
  for (std::size_t i = 0; i < reader.footer().row_groups.size(); ++i) {
    Result<EventBatch> group = reader.read(i, reader.field_names(i));
    EXPECT_TRUE(group) << group.error().message;
    if (group) groups.push_back(std::move(*group));
  }
  return event::concat(groups);
}

void expect_same_events(const EventBatch& got, const EventBatch& wanted) {
  ASSERT_EQ(got.rows(), wanted.rows());
  std::set<std::string> names;
  for (const event::Field& field : got.fields()) names.insert(field.name);
  for (const event::Field& field : wanted.fields()) names.insert(field.name);
  for (const std::string& name : names) {
    const event::ColumnPtr* a = got.find(name);
    const event::ColumnPtr* b = wanted.find(name);
    for (std::size_t row = 0; row < got.rows(); ++row) {
      const event::Value left = a != nullptr ? (*a)->value(row) : event::Value();
      const event::Value right = b != nullptr ? (*b)->value(row) : event::Value();
      ASSERT_EQ(left, right) << name << " of row " << row;
    }
  }
}

}  // namespace lynxdb::segment
