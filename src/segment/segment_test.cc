// What a segment promises: rows come back as they went in, in their order; a read touches the bytes
// of what was asked for and no others; a search finds exactly the rows that a look at every row
// finds; damage is reported, and never read as data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/hash.h"
#include "base/text_search.h"
#include "io/fault_file.h"
#include "segment/segment_test_support.h"

namespace lynxdb::segment {
namespace {

using event::EventBatch;
using event::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value random_value(std::mt19937_64& random, int kind) {
  switch (kind) {
    case 0:
      return {};
    case 1:
      return Value::boolean(random() % 2 == 0);
    case 2:
      return Value::integer(static_cast<std::int64_t>(random()) >> (random() % 60));
    case 3:
      return Value::floating(static_cast<double>(random() % 100'000) / 1000);
    case 4:
      return Value::timestamp(static_cast<std::int64_t>(random() % 1'000'000'000));
    case 5:
      return Value::string(std::string(random() % 20, static_cast<char>('a' + random() % 26)));
    case 6:
      return Value::string("word" + std::to_string(random() % 7));
    default:
      return Value::list({Value::integer(1), Value::string("x" + std::to_string(random() % 5))});
  }
}

// Rows of every kind of column: one type each, with and without nulls, and one of them all.
EventBatch random_events(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  EventBatch batch(rows);
  event::ColumnBuilder times;
  for (std::size_t row = 0; row < rows; ++row)
    times.append_timestamp(1'000'000'000 - static_cast<std::int64_t>(row / 3 + seed * 1'000'000));
  batch.set(event::kTime, times.finish());
  for (int kind = 0; kind <= 8; ++kind) {
    event::ColumnBuilder column;
    for (std::size_t row = 0; row < rows; ++row) {
      const bool null = kind % 2 == 0 && random() % 4 == 0;
      const Value value =
          null ? Value() : random_value(random, kind == 8 ? static_cast<int>(random() % 8) : kind);
      column.append(value);
    }
    batch.set("field" + std::to_string(kind), column.finish());
  }
  event::ColumnBuilder raw;
  for (std::size_t row = 0; row < rows; ++row)
    raw.append_string("line " + std::to_string(random() % 1000) + " of text");
  batch.set(event::kRaw, raw.finish());
  return batch;
}

RowIds rows_holding(const EventBatch& batch, const std::string& literal) {
  const base::SubstringFinder finder(literal, base::LetterCase::kIgnoreAscii);
  const event::Column& raw = **batch.find(event::kRaw);
  RowIds rows;
  for (std::uint32_t row = 0; row < batch.rows(); ++row)
    if (!raw.is_null(row) && finder.contains(raw.view(row).as_string())) rows.push_back(row);
  return rows;
}

// Rows of the whole segment.
RowIds search(const SegmentReader& reader, const std::string& literal) {
  RowIds all;
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < reader.footer().row_groups.size(); ++i) {
    const Result<RowIds> rows = reader.rows_containing(i, std::span(&literal, 1));
    EXPECT_TRUE(rows) << rows.error().message;
    if (rows)
      for (const std::uint32_t row : *rows) all.push_back(first + row);
    first += static_cast<std::uint32_t>(reader.footer().row_groups[i].rows);
  }
  return all;
}

TEST(Segment, GivesBackEveryValue) {
  for (const std::size_t rows : {1, 2, 63, 1000}) {
    SCOPED_TRACE(rows);
    const EventBatch events = random_events(rows, rows);
    const Segment segment = segment_of({events});
    EXPECT_EQ(segment.info.rows, rows);
    EXPECT_EQ(segment.info.size_bytes, segment.bytes.size());
    EXPECT_EQ(segment.info.crc32c, base::crc32c(segment.bytes));
    expect_same_events(read_all(*open_bytes(segment.bytes)), events);
  }
}

TEST(Segment, GivesBackParsedEvents) {
  const EventBatch json = events_of(json_lines(5000, 1));
  expect_same_events(read_all(*open_bytes(segment_of({json}).bytes)), json);
  const EventBatch ndjson = events_of(test_data("v1.ndjson"));
  expect_same_events(read_all(*open_bytes(segment_of({ndjson}).bytes)), ndjson);
}

TEST(Segment, CutsRowGroupsHoweverTheRowsCome) {
  const EventBatch events = random_events(1000, 0);
  std::vector<EventBatch> pieces;
  for (std::size_t begin = 0; begin < 1000; begin += 130)
    pieces.push_back(events.slice(begin, std::min<std::size_t>(130, 1000 - begin)));
  WriterOptions options;
  options.row_group_rows = 300;
  const auto reader = open_bytes(segment_of(pieces, options).bytes);
  std::vector<std::uint64_t> rows;
  for (const RowGroup& group : reader->footer().row_groups) rows.push_back(group.rows);
  EXPECT_THAT(rows, ElementsAre(300, 300, 300, 100));
  expect_same_events(read_all(*reader), events);
}

TEST(Segment, CutsRowGroupsOfLongLinesEarly) {
  EventBatch events(10);
  events.set(event::kTime, event::Column::timestamps(std::vector<std::int64_t>(10, 5)));
  event::ColumnBuilder raw;
  for (int i = 0; i < 10; ++i) raw.append_string(std::string(100'000, 'x'));
  events.set(event::kRaw, raw.finish());
  WriterOptions options;
  options.row_group_bytes = 250'000;
  const auto reader = open_bytes(segment_of({events, events}, options).bytes);
  EXPECT_GE(reader->footer().row_groups.size(), 5U);
  EXPECT_EQ(reader->footer().rows, 20U);
}

TEST(Segment, SaysWhatItHolds) {
  StringSink sink;
  WriterOptions options;
  options.segment_id = "01J";
  options.index = "web";
  options.level = 2;
  options.row_group_rows = 400;
  SegmentWriter writer(sink, options);
  ASSERT_TRUE(writer.add(random_events(1000, 0)));
  const Result<SegmentInfo> info = writer.finish({{3, 100, 1100, 1000}});
  ASSERT_TRUE(info);
  EXPECT_EQ(info->row_groups, 3U);
  EXPECT_EQ(info->time_max_ns, 1'000'000'000);
  EXPECT_EQ(info->time_min_ns, 1'000'000'000 - 333);
  const auto reader = open_bytes(sink.take());
  const Footer& footer = reader->footer();
  EXPECT_EQ(footer.segment_id, "01J");
  EXPECT_EQ(footer.index, "web");
  EXPECT_EQ(footer.level, 2U);
  EXPECT_EQ(footer.raw_bytes, info->raw_bytes);
  EXPECT_THAT(footer.sources, ElementsAre(OffsetRange{3, 100, 1100, 1000}));
  EXPECT_EQ(footer.row_groups[1].time_max_ns, 1'000'000'000 - 400 / 3);
  EXPECT_EQ(footer.row_groups[1].time_min_ns, 1'000'000'000 - 799 / 3);
}

TEST(Segment, BoundsEveryValueOfAColumn) {
  const EventBatch events = random_events(500, 4);
  const auto reader = open_bytes(segment_of({events}).bytes);
  for (const ColumnChunk& chunk : reader->footer().row_groups[0].columns) {
    if (chunk.mixed || chunk.min.is_null()) continue;
    const event::Column& column = **events.find(reader->footer().columns[chunk.column]);
    EXPECT_EQ(chunk.null_count, column.null_count());
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (column.is_null(row) || chunk.type == event::Type::kString) continue;
      EXPECT_LE(event::sort_compare(chunk.min, column.view(row)), 0);
      if (!chunk.max.is_null()) EXPECT_GE(event::sort_compare(chunk.max, column.view(row)), 0);
    }
  }
}

TEST(Segment, OfNoRowsIsOne) {
  const Segment segment = segment_of({});
  const auto reader = open_bytes(segment.bytes);
  EXPECT_EQ(reader->footer().rows, 0U);
  EXPECT_THAT(reader->footer().row_groups, IsEmpty());
}

TEST(Segment, RefusesRowsOutOfOrderAndWithoutTime) {
  StringSink sink;
  SegmentWriter writer(sink, {});
  EXPECT_EQ(writer.add(reversed(random_events(10, 0))).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(writer.add(EventBatch(3)).error().code, ErrorCode::kInvalidArgument);
  SegmentWriter second(sink, {});
  ASSERT_TRUE(second.add(random_events(10, 1)));
  EXPECT_FALSE(second.add(random_events(10, 0)));  // Later than what came first.
}

TEST(Segment, ReadsTheRowsNamed) {
  const EventBatch events = events_of(json_lines(4000, 2));
  const auto reader = open_bytes(segment_of({events}).bytes);
  const std::vector<std::string> fields = {"message", "_raw", "status", "no such field"};
  for (const RowIds& rows : {RowIds{}, RowIds{0}, RowIds{3999}, RowIds{5, 6, 2047, 2048, 3000}}) {
    const Result<EventBatch> got = reader->read_rows(0, fields, rows);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->find("no such field"), nullptr);
    EventBatch wanted(rows.size());
    for (const char* name : {"message", "_raw", "status"})
      wanted.set(name, event::take(*events.find(name), rows));
    expect_same_events(*got, wanted);
  }
}

TEST(Segment, TouchesOnlyTheBytesOfTheColumnsNamed) {
  WriterOptions options;
  options.row_group_rows = 500;
  const Segment segment = segment_of({random_events(2000, 9)}, options);
  const auto source = std::make_shared<CountingByteSource>(segment.bytes);
  const auto reader = *SegmentReader::open(source);
  EXPECT_EQ(source->reads.size(), 1U);
  source->reads.clear();

  const std::vector<std::string> fields = {"field2", "field6"};
  ASSERT_TRUE(reader->read(1, fields));
  const RowGroup& group = reader->footer().row_groups[1];
  const ByteRange first = group.find(*reader->footer().column_named("field2"))->bytes;
  const ByteRange second = group.find(*reader->footer().column_named("field6"))->bytes;
  EXPECT_THAT(source->reads, ElementsAre(first, second));
}

TEST(Segment, JoinsReadsThatLieClose) {
  const Segment segment = segment_of({random_events(500, 9)});
  const auto source = std::make_shared<CountingByteSource>(segment.bytes, 1U << 20U);
  const auto reader = *SegmentReader::open(source);
  source->reads.clear();
  ASSERT_TRUE(reader->read(0, reader->field_names(0)));
  EXPECT_EQ(source->reads.size(), 1U);
}

TEST(Segment, ReadsALongFooterInASecondRead) {
  EventBatch events(1);
  events.set(event::kTime, event::Column::timestamps({5}));
  for (int i = 0; i < 4000; ++i)
    events.set("a_rather_long_name_of_a_field_" + std::to_string(i), event::Column::ints({i}));
  const Segment segment = segment_of({events});
  const auto source = std::make_shared<CountingByteSource>(segment.bytes);
  ASSERT_TRUE(SegmentReader::open(source));
  EXPECT_EQ(source->reads.size(), 2U);
  expect_same_events(read_all(*open_bytes(segment.bytes)), events);
}

TEST(Segment, FindsExactlyTheRowsOfAText) {
  WriterOptions options;
  options.row_group_rows = 3000;
  for (const bool json : {true, false}) {
    const EventBatch events = json ? events_of(json_lines(8000, 3)) : [] {
      EventBatch batch = events_of(test_data("logs.txt"));
      batch.set(event::kTime,
                event::Column::timestamps(std::vector<std::int64_t>(batch.rows(), 1'000)));
      return batch;
    }();
    const auto reader = open_bytes(segment_of({events}, options).bytes);
    const event::Column& raw = **events.find(event::kRaw);
    std::mt19937_64 random(17);
    for (int i = 0; i < 120; ++i) {
      const std::string_view text = raw.view(random() % events.rows()).as_string();
      if (text.empty()) continue;
      std::string literal(text.substr(random() % text.size(), 1 + random() % 45));
      if (random() % 3 == 0) std::ranges::transform(literal, literal.begin(), ::toupper);
      ASSERT_EQ(search(*reader, literal), rows_holding(events, literal)) << literal;
    }
    EXPECT_THAT(search(*reader, "no such text anywhere"), IsEmpty());
  }
}

TEST(Segment, FindsARareTextWithFewReads) {
  const EventBatch events = events_of(json_lines(20'000, 4));
  const std::string raw((*events.find(event::kRaw))->view(12'345).as_string());
  const std::string id = raw.substr(raw.find("trace=") + 6, 32);
  const Segment segment = segment_of({events});
  const auto source = std::make_shared<CountingByteSource>(segment.bytes);
  const auto reader = *SegmentReader::open(source);
  EXPECT_THAT(search(*reader, id), ElementsAre(12'345));
  source->reads.clear();
  EXPECT_THAT(search(*reader, "never written"), IsEmpty());
  EXPECT_LT(source->bytes_read(), segment.bytes.size() / 10);
}

TEST(Segment, WithoutRawIsSearchedInVain) {
  EventBatch events(2);
  events.set(event::kTime, event::Column::timestamps({5, 4}));
  const auto reader = open_bytes(segment_of({events}).bytes);
  EXPECT_THAT(search(*reader, "anything"), IsEmpty());
}

TEST(Segment, PassesOnWhatTheSourceSays) {
  const Segment segment = segment_of({random_events(500, 9)});
  const auto source = std::make_shared<CountingByteSource>(segment.bytes);
  const auto reader = *SegmentReader::open(source);
  source->reads_max = source->reads.size();
  const std::vector<std::string> fields = {"field2"};
  EXPECT_EQ(reader->read(0, fields).error().code, ErrorCode::kIo);
  const std::vector<std::string> literals = {"text"};
  EXPECT_EQ(reader->rows_containing(0, literals).error().code, ErrorCode::kIo);
  EXPECT_EQ(SegmentReader::open(source).error().code, ErrorCode::kIo);
}

TEST(Segment, IsReadFromAFile) {
  io::FaultFileSystem files;
  const EventBatch events = random_events(500, 9);
  const Segment segment = segment_of({events});
  files.set_contents("/a.lsg", segment.bytes);
  const auto source = LocalByteSource::open(files, "/a.lsg");
  ASSERT_TRUE(source);
  expect_same_events(read_all(**SegmentReader::open(*source)), events);

  ASSERT_TRUE((*files.open("/a.lsg", io::OpenMode::kReadWrite))->truncate(100));
  EXPECT_EQ(SegmentReader::open(*source).error().code, ErrorCode::kCorruption);
  EXPECT_FALSE(LocalByteSource::open(files, "/none.lsg"));
}

// Every byte of a small segment in turn: an error, or the same rows (a part that was not read).
TEST(Segment, NeverReadsDamageAsData) {
  const EventBatch events = random_events(40, 9);
  const std::string intact = segment_of({events}).bytes;
  const std::string literal = "of text";
  const RowIds found = rows_holding(events, literal);
  for (std::size_t at = 0; at < intact.size(); ++at) {
    SCOPED_TRACE(at);
    std::string broken = intact;
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    const auto reader = SegmentReader::open(std::make_shared<MemoryByteSource>(broken));
    if (!reader) {
      ASSERT_EQ(reader.error().code, ErrorCode::kCorruption);
      continue;
    }
    const Result<EventBatch> group = (*reader)->read(0, (*reader)->field_names(0));
    if (group)
      expect_same_events(*group, events);
    else
      ASSERT_EQ(group.error().code, ErrorCode::kCorruption);
    const Result<RowIds> rows = (*reader)->rows_containing(0, std::span(&literal, 1));
    if (rows)
      ASSERT_EQ(*rows, found);
    else
      ASSERT_EQ(rows.error().code, ErrorCode::kCorruption);
  }
}

TEST(Segment, IsNotMistakenForAnotherFile) {
  EXPECT_THAT(SegmentReader::open(std::make_shared<MemoryByteSource>("short")).error().message,
              HasSubstr("not a segment"));
  EXPECT_THAT(SegmentReader::open(std::make_shared<MemoryByteSource>(std::string(5000, 'x')))
                  .error()
                  .message,
              HasSubstr("not a segment"));
}

// Written once by the first version, never again: what every later reader must be able to read.
TEST(Segment, OfTheFirstVersionIsReadForEver) {
  const auto reader = open_bytes(test_data("v1.lsg"));
  ASSERT_NE(reader, nullptr);
  const EventBatch events = events_of(test_data("v1.ndjson"));
  EXPECT_EQ(reader->footer().index, "main");
  expect_same_events(read_all(*reader), events);
  EXPECT_EQ(search(*reader, "refused"), rows_holding(events, "refused"));
}

}  // namespace
}  // namespace lynxdb::segment
