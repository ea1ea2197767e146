// What is encoded comes back, whatever its columns are made of; any damage is reported; hostile
// bytes with a right checksum never crash, never take memory out of proportion. Exhaustive where a
// batch is small: every cut, every flipped bit.
#include "event/batch_codec.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace lynxdb::event {
namespace {

using ::testing::HasSubstr;

std::string encoded(const EventBatch& batch) {
  std::string bytes;
  encode(batch, bytes);
  return bytes;
}

// Rows, names, flags and values; not the kinds of columns.
void expect_same(const EventBatch& a, const EventBatch& b) {
  ASSERT_EQ(a.rows(), b.rows());
  ASSERT_EQ(a.field_count(), b.field_count());
  EXPECT_EQ(a.ordered(), b.ordered());
  EXPECT_EQ(a.sequence(), b.sequence());
  for (std::size_t i = 0; i < a.field_count(); ++i) {
    SCOPED_TRACE(a.fields()[i].name);
    EXPECT_EQ(a.fields()[i].name, b.fields()[i].name);
    EXPECT_EQ(a.fields()[i].named, b.fields()[i].named);
    for (std::size_t row = 0; row < a.rows(); ++row) {
      ASSERT_EQ(a.fields()[i].column->value(row), b.fields()[i].column->value(row)) << row;
    }
  }
}

void expect_round_trip(const EventBatch& batch) {
  const std::string bytes = encoded(batch);
  const Result<EventBatch> back = decode(bytes, nullptr);
  ASSERT_TRUE(back) << back.error().message;
  expect_same(batch, *back);
  EXPECT_EQ(encoded(*back), bytes) << "an encoding of the same batch must be the same bytes";
}

EventBatch batch_of(ColumnPtr column) {
  EventBatch batch(column->size());
  batch.set("x", std::move(column));
  return batch;
}

ColumnPtr column_of(const std::vector<Value>& values) {
  ColumnBuilder builder;
  for (const Value& value : values) builder.append(value);
  return builder.finish();
}

NullBitmap nulls_at(const std::vector<std::size_t>& rows) {
  NullBitmap nulls;
  for (const std::size_t row : rows) nulls.set(row);
  return nulls;
}

// The batch of docs/formats/event-batch.md.
EventBatch worked_example() {
  EventBatch batch(3);
  batch.set_sequence(7);
  batch.set("_time", Column::timestamps({1'700'000'000'000'000'000, 1'700'000'000'000'000'250,
                                         1'700'000'000'000'001'000}));
  batch.set("level", Column::dictionary(
                         {0, 1, 0}, column_of({Value::string("info"), Value::string("error")})));
  batch.set("ms", Column::ints({12, 0, 900}, nulls_at({1})), true);
  return batch;
}

// One batch with every kind of column, nulls here and there.
EventBatch every_kind() {
  constexpr std::size_t kRows = 3;
  EventBatch batch(kRows);
  batch.set_sequence(300);
  batch.set_ordered(true);
  batch.set("null", Column::nulls(kRows));
  batch.set("bool", Column::bools({1, 0, 1}, nulls_at({2})));
  batch.set("int", Column::ints({-5, 70'000, 9}, nulls_at({2})), true);
  batch.set("float", Column::floats({1.5, -0.0, 1e300}));
  batch.set("time", Column::timestamps({1, 2, 3}));
  batch.set("string", column_of({Value::string("ab"), Value(), Value::string("")}));
  batch.set("dictionary",
            Column::dictionary({1, 0, 1}, column_of({Value::string("a"), Value::string("b")})));
  batch.set("list", Column::lists({0, 2, 2, 3}, Column::ints({1, 2, 3})));
  batch.set("mixed", Column::mixed({Value::integer(1), Value::string("s"),
                                    Value::list({Value::boolean(true), Value::floating(2.5)})}));
  batch.set("same", *batch.find("int"));
  return batch;
}

// Fields as a parser cuts them out of lines; `verb` also has a string and a null from elsewhere.
EventBatch cut_out_of_raw() {
  static const std::string line = "GET /a/long/path/that/is/worth/it?and=more+than=that 200";
  static const std::string other = "POST /another/path/that/is/long/enough/to/be/worth/it 404";
  const std::string_view a(line);
  const std::string_view b(other);
  EventBatch batch(3);
  batch.set("_time", Column::timestamps({1, 2, 3}));
  batch.set("_raw", Column::strings({a, b, a}, {}));
  batch.set("uri", Column::strings({a.substr(4, 48), b.substr(5, 48), a.substr(4, 48)}, {}));
  batch.set("rest", Column::strings({a.substr(3), "not in its line", ""}, {}, nulls_at({2})));
  batch.set("whole", Column::strings({a, b, a}, {}));
  return batch;
}

// Bytes as a peer or a disk might hand them out: the checksum is right, the rest is `body`.
std::string framed(std::string_view body, char version = '\x01') {
  std::string bytes = "LXB" + std::string(1, version) + std::string(body);
  base::put_fixed(base::crc32c(bytes), bytes);
  return bytes;
}

std::string with_right_checksum(std::string bytes) {
  bytes.resize(bytes.size() - 4);
  base::put_fixed(base::crc32c(bytes), bytes);
  return bytes;
}

TEST(BatchCodec, GivesBackABatchOfEveryKindOfColumn) { expect_round_trip(every_kind()); }

TEST(BatchCodec, GivesBackEmptyBatches) {
  expect_round_trip(EventBatch());
  expect_round_trip(EventBatch(5));
  EventBatch no_rows(0);
  no_rows.set("x", Column::ints({}), true);
  expect_round_trip(no_rows);
}

TEST(BatchCodec, AppendsToWhatIsThere) {
  std::string bytes = "before";
  encode(every_kind(), bytes);
  EXPECT_EQ(bytes, "before" + encoded(every_kind()));
}

TEST(BatchCodec, GivesBackTheEndsOfTheIntegers) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  expect_round_trip(batch_of(Column::ints({kLeast, kMost, 0, -1, 1})));
  expect_round_trip(batch_of(Column::ints({kMost, kMost - 255})));
  expect_round_trip(batch_of(Column::ints({kLeast, kLeast + 65536})));
  expect_round_trip(batch_of(Column::timestamps({kLeast, kMost})));
}

TEST(BatchCodec, WritesNearIntegersInOneByteEach) {
  std::vector<std::int64_t> near(1000);
  for (std::size_t i = 0; i < near.size(); ++i) near[i] = (1LL << 60) + static_cast<int>(i % 256);
  EXPECT_LT(encoded(batch_of(Column::ints(near))).size(), 1000 + 40);
}

TEST(BatchCodec, KeepsNullsApartFromZeroAndFromEmptyText) {
  for (std::size_t rows = 1; rows <= 70; ++rows) {
    SCOPED_TRACE(rows);
    for (std::size_t null_row = 0; null_row < rows; ++null_row) {
      NullBitmap nulls = nulls_at({null_row});
      expect_round_trip(batch_of(Column::ints(std::vector<std::int64_t>(rows, 0), nulls)));
      expect_round_trip(
          batch_of(Column::strings(std::vector<std::string_view>(rows, ""), {}, nulls)));
      expect_round_trip(batch_of(Column::bools(std::vector<std::uint8_t>(rows, 1), nulls)));
    }
  }
}

TEST(BatchCodec, WritesTheSameBytesWhateverNullRowsHold) {
  const auto with = [](std::int64_t hidden) {
    return encoded(batch_of(Column::ints({1, hidden, 3}, nulls_at({1}))));
  };
  EXPECT_EQ(with(0), with(std::numeric_limits<std::int64_t>::min()));
  const auto text = [](std::string_view hidden) {
    return encoded(batch_of(Column::strings({"a", hidden}, {}, nulls_at({1}))));
  };
  EXPECT_EQ(text(""), text("secret"));
}

TEST(BatchCodec, WritesOnlyTheRowsOfASlice) {
  std::string text(1 << 20, 'x');
  EventBatch batch(3);
  batch.set("s", Column::strings({"a", text, "c"}, {}));
  batch.set("l", Column::lists({0, 1, 3, 4}, column_of({Value::string("a"), Value::string(text),
                                                        Value::string("b"), Value::string("c")})));
  batch.set("d", Column::dictionary({0, 1, 2}, column_of({Value::string("a"), Value::string(text),
                                                          Value::string("c")})));
  const EventBatch slice = batch.slice(2, 1);
  expect_round_trip(slice);
  EXPECT_LT(encoded(slice).size(), 200U);
}

TEST(BatchCodec, WritesStringsOutOfRawAsPlacesInIt) {
  const EventBatch batch = cut_out_of_raw();
  expect_round_trip(batch);
  EventBatch alone(3);
  alone.set("_time", *batch.find("_time"));
  alone.set("_raw", *batch.find("_raw"));
  const std::size_t text_elsewhere = std::string_view("not in its line").size();
  EXPECT_LT(encoded(batch).size(), encoded(alone).size() + text_elsewhere + 60);
  EXPECT_EQ(encoded(batch)[3], 2) << "readers of version 1 must not take it for theirs";
  EXPECT_EQ(encoded(alone)[3], 1) << "readers of version 1 can read it";
}

TEST(BatchCodec, GivesStringsOutOfRawBackAsPartsOfIt) {
  const std::string bytes = encoded(cut_out_of_raw());
  const EventBatch back = *decode(bytes, nullptr);
  const std::string_view raw = (*back.find("_raw"))->string_values()[1];
  const std::string_view uri = (*back.find("uri"))->string_values()[1];
  EXPECT_EQ(uri.data(), raw.data() + 5) << "the text is in memory once";
}

TEST(BatchCodec, FindsNoPlacesInARawThatComesLater) {
  const EventBatch batch = cut_out_of_raw();
  EventBatch turned(3);
  turned.set("uri", *batch.find("uri"));
  turned.set("_raw", *batch.find("_raw"));
  expect_round_trip(turned);
  EXPECT_EQ(encoded(turned)[3], 1);
}

TEST(BatchCodec, GivesBackStringsBesideARawWithNulls) {
  static const std::string text(100, 'r');
  const std::string_view line(text);
  EventBatch batch(3);
  batch.set("_raw", Column::strings({line, line, line}, {}, nulls_at({1})));
  batch.set("x", Column::strings({line.substr(1), line.substr(2), line}, {}, nulls_at({0})));
  expect_round_trip(batch);
  batch.set("_raw", Column::nulls(3));
  expect_round_trip(batch);
}

TEST(BatchCodec, WritesAColumnSharedByFieldsOnce) {
  EventBatch batch = batch_of(Column::ints(std::vector<std::int64_t>(1000, 5)));
  const std::size_t alone = encoded(batch).size();
  batch.set("alias", *batch.find("x"), true);
  EXPECT_LT(encoded(batch).size(), alone + 20);
  const std::string bytes = encoded(batch);
  const Result<EventBatch> back = decode(bytes, nullptr);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back->find("alias"), *back->find("x"));
  EXPECT_TRUE(back->fields()[1].named);
}

TEST(BatchCodec, KeepsTheBytesAliveThroughTheOwner) {
  auto bytes = std::make_shared<std::string>(encoded(every_kind()));
  EventBatch batch = *decode(*bytes, bytes);
  const std::weak_ptr<std::string> watch = bytes;
  bytes.reset();
  EXPECT_FALSE(watch.expired());
  expect_same(batch, every_kind());
  batch = EventBatch();
  EXPECT_TRUE(watch.expired());
}

TEST(BatchCodec, GivesBackBatchesOfRandomValues) {
  std::mt19937_64 random(42);
  const auto scalar = [&](auto&& self, int depth) -> Value {
    switch (random() % (depth == 0 ? 7 : 6)) {
      case 0:
        return Value::boolean((random() & 1U) != 0);
      case 1:
        return Value::integer(static_cast<std::int64_t>(random() >> (random() % 64)));
      case 2:
        return Value::floating(static_cast<double>(random()) / 3.0);
      case 3:
        return Value::timestamp(static_cast<std::int64_t>(random()));
      case 4:
        return Value::string(std::string(random() % 400, 'z'));
      case 5:
        return Value();
      default: {
        std::vector<Value> elements;
        elements.reserve(4);
        for (std::uint64_t i = random() % 4; i > 0; --i) elements.push_back(self(self, depth + 1));
        return Value::list(std::move(elements));
      }
    }
  };
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    EventBatch batch(random() % 40);
    batch.set_sequence(random());
    for (std::uint64_t field = random() % 5; field > 0; --field) {
      std::vector<Value> values;
      for (std::size_t row = 0; row < batch.rows(); ++row) values.push_back(scalar(scalar, 0));
      batch.set("f" + std::to_string(field), Column::mixed(std::move(values)), field == 2);
    }
    expect_round_trip(batch);
  }
}

// --- Damage --------------------------------------------------------------------------------------

TEST(BatchCodec, DetectsEveryCut) {
  const std::string intact = encoded(every_kind());
  for (std::size_t size = 0; size < intact.size(); ++size) {
    const Result<EventBatch> cut = decode(std::string_view(intact).substr(0, size), nullptr);
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, ErrorCode::kCorruption);
  }
}

TEST(BatchCodec, DetectsEveryFlippedBit) {
  const std::string intact = encoded(every_kind());
  for (std::size_t bit = 0; bit < intact.size() * 8; ++bit) {
    std::string damaged = intact;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const Result<EventBatch> result = decode(damaged, nullptr);
    ASSERT_FALSE(result) << bit;
    EXPECT_EQ(result.error().code, ErrorCode::kCorruption);
  }
}

TEST(BatchCodec, DetectsBytesTooMany) {
  EXPECT_FALSE(decode(encoded(every_kind()) + '\0', nullptr));
  EXPECT_FALSE(decode(encoded(every_kind()) + encoded(every_kind()), nullptr));
}

// Wrong bytes under a right checksum: whatever comes out can be read to its last value.
void expect_to_survive_wrong_bytes(const std::string& intact) {
  for (std::size_t at = 4; at + 4 < intact.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = intact;
      damaged[at] = static_cast<char>(byte);
      damaged = with_right_checksum(std::move(damaged));
      const Result<EventBatch> result = decode(damaged, nullptr);
      if (!result) {
        EXPECT_EQ(result.error().code, ErrorCode::kCorruption);
      } else if (result->rows() < 1000) {
        const std::string again = encoded(*result);
        const Result<EventBatch> back = decode(again, nullptr);
        ASSERT_TRUE(back) << at << " " << byte << " " << back.error().message;
        ASSERT_EQ(encoded(*back), again) << at << " " << byte;
      }
    }
  }
}

TEST(BatchCodec, SurvivesEveryWrongByteUnderARightChecksum) {
  expect_to_survive_wrong_bytes(encoded(every_kind()));
  expect_to_survive_wrong_bytes(encoded(cut_out_of_raw()));
}

TEST(BatchCodec, SurvivesEveryCutUnderARightChecksum) {
  for (const EventBatch& batch : {every_kind(), cut_out_of_raw()}) {
    const std::string intact = encoded(batch);
    for (std::size_t size = 8; size < intact.size(); ++size) {
      EXPECT_FALSE(decode(with_right_checksum(intact.substr(0, size)), nullptr)) << size;
    }
  }
}

// flags sequence rows field_count, name, field flags, then the column under test.
std::string one_field(std::uint64_t rows, std::string_view column) {
  std::string body(1, '\0');
  base::put_varint(0, body);
  base::put_varint(rows, body);
  base::put_varint(1, body);
  base::put_string("x", body);
  body.push_back('\0');
  return framed(body.append(column));
}

std::string error_of(const std::string& bytes) {
  const Result<EventBatch> result = decode(bytes, nullptr);
  return result ? "no error" : result.error().message;
}

TEST(BatchCodec, RefusesLengthsThatTheBytesDoNotHold) {
  using std::string_literals::operator""s;
  constexpr std::uint64_t kMany = 50'000'000;
  for (const std::string& column :
       {"\x01"s, "\x02\0\0\0\0\0\0\0\0\x01"s, "\x03"s, "\x04\0\0\0\0\0\0\0\0\x08"s, "\x05\x01"s,
        "\x06\x01\x01\x01z\x01"s, "\x07\x01"s, "\x08"s, "\x81"s}) {
    EXPECT_THAT(error_of(one_field(kMany, column)), HasSubstr("early"))
        << testing::PrintToString(column);
  }
}

TEST(BatchCodec, RefusesWhatNoEncoderWrites) {
  using std::string_literals::operator""s;
  EXPECT_THAT(error_of(one_field(kBatchRowsMax + 1, "\0"s)), HasSubstr("too many rows"));
  EXPECT_THAT(error_of(framed("\0\0\0\xff\xff\x7f"s)), HasSubstr("too many fields"));
  EXPECT_THAT(error_of(framed("\x02\0\0\0"s)), HasSubstr("unknown flag"));
  EXPECT_THAT(error_of(framed("\0\0\0\x01\0\x02\0"s)), HasSubstr("shared with no field"));
  EXPECT_THAT(error_of(framed("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\0\0"s)),
              HasSubstr("ends early"));
  EXPECT_THAT(error_of(one_field(1, "\x0a"s)), HasSubstr("unknown column layout"));
  EXPECT_THAT(error_of(one_field(1, "\x80\x01"s)), HasSubstr("null bitmap out of place"));
  EXPECT_THAT(error_of(one_field(1, "\x01\x02"s)), HasSubstr("bits behind the last row"));
  EXPECT_THAT(error_of(one_field(1, "\x02\0\0\0\0\0\0\0\0\x03\0\0\0"s)), HasSubstr("early"));
  EXPECT_THAT(error_of(one_field(1, "\x06\x01\x01\x01z\x01\x01"s)),
              HasSubstr("outside of the dictionary"));
  EXPECT_THAT(error_of(one_field(1, "\x07\x01\x01\x07\x01\x01\0"s)),
              HasSubstr("list inside a list"));
  EXPECT_THAT(error_of(one_field(1, "\x07\x01\x01\x08\x07\0"s)), HasSubstr("list inside a list"));
  EXPECT_THAT(error_of(one_field(1, "\x08\x07\x01\x07\0"s)), HasSubstr("unknown type tag"));
  EXPECT_THAT(error_of(one_field(1, "\0\0"s)), HasSubstr("bytes after the last field"));
}

// Two rows of `_raw`, "abc" and null, then a column `x` that may refer to them.
std::string beside_raw(std::string_view column, char version = '\x02') {
  std::string body(1, '\0');
  base::put_varint(0, body);
  base::put_varint(2, body);
  base::put_varint(2, body);
  base::put_string("_raw", body);
  body.append({'\0', '\x85', '\x02', '\x01', '\x03', '\0', 'a', 'b', 'c'});
  base::put_string("x", body);
  body.push_back('\0');
  return framed(body.append(column), version);
}

TEST(BatchCodec, RefusesPlacesOutsideOfRaw) {
  using std::string_literals::operator""s;
  EXPECT_EQ(error_of(beside_raw("\x09\x01\x01\0\x01\x03\0"s)), "no error");
  EXPECT_EQ(error_of(beside_raw("\x09\x01\x03\0\x01\x01\x01y"s)), "no error");
  EXPECT_THAT(error_of(beside_raw("\x09\x01\x01\0\x01\x04\0"s)), HasSubstr("outside of _raw"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\x03\0\x01\x02\0"s)), HasSubstr("outside of _raw"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\x05\0\x01\0\0"s)), HasSubstr("outside of _raw"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\0\x01\x01\0\x01"s)), HasSubstr("outside of _raw"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\x01\0\x01\x03"s)), HasSubstr("early"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\0\0\x01\x01\x01z"s)), HasSubstr("early"));
  EXPECT_THAT(error_of(beside_raw("\x09\x01\x01\0\x01\x03\0"s, '\x01')), HasSubstr("not there"));
  EXPECT_THAT(error_of(one_field(1, "\x09"s)), HasSubstr("not there"));
}

TEST(BatchCodec, SaysSoWhenTheVersionIsNotKnown) {
  std::string bytes = encoded(worked_example());
  bytes[3] = 3;
  EXPECT_THAT(error_of(with_right_checksum(bytes)), HasSubstr("unknown version 3"));
  bytes[3] = 0;
  EXPECT_THAT(error_of(with_right_checksum(bytes)), HasSubstr("unknown version 0"));
}

TEST(BatchCodec, NamesTheFieldThatIsDamaged) {
  EXPECT_THAT(error_of(one_field(1, "\x09")), HasSubstr("field 'x'"));
}

// --- The document --------------------------------------------------------------------------------

// The bytes of the first ```hex block of the page; what follows `|` on a line is explanation.
std::string worked_bytes() {
  std::ifstream page(LYNXDB_SOURCE_DIR "/docs/formats/event-batch.md");
  std::string line;
  while (std::getline(page, line) && line != "```hex") {
  }
  std::string bytes;
  while (std::getline(page, line) && line != "```") {
    std::istringstream digits(line.substr(0, line.find('|')));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<char>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

TEST(BatchCodec, WritesTheBytesThatItsPageShows) {
  const std::string bytes = worked_bytes();
  EXPECT_EQ(testing::PrintToString(bytes), testing::PrintToString(encoded(worked_example())));
  const Result<EventBatch> back = decode(bytes, nullptr);
  ASSERT_TRUE(back);
  expect_same(*back, worked_example());
}

}  // namespace
}  // namespace lynxdb::event
