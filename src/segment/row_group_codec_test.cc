// A row group promises that columns stored by reference to others come back like any column, alone
// or together, and that chunks which do not belong together are refused.
#include "segment/row_group_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/stop_scope.h"
#include "base/text_search.h"
#include "event/parse/event_parser.h"

namespace lynxdb::segment {
namespace {

using event::Column;
using event::ColumnPtr;
using event::EventBatch;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// Lines like those of a service that logs JSON; every field is random but derived from `i`.
std::string json_line(std::size_t i) {
  const std::size_t x = i * 2'654'435'761U % 1'000'003;
  const std::string user = "u" + std::to_string(100'000 + x % 800'000);
  const std::string uri = "/cart/" + std::to_string(x % 300) + "?page=" + std::to_string(x % 9);
  const std::string ip = "10.0." + std::to_string(x % 200) + "." + std::to_string(x % 250);
  const std::string duration =
      std::to_string(x % 900) + "." + std::to_string(100 + x % 900);  // Some end in a zero.
  std::string ms = std::to_string(1000 + i % 1000).substr(1);
  return R"({"time":"2024-05-01T00:00:)" + std::to_string(10 + i % 50) + "." + ms +
         R"(Z","status":)" + std::to_string(200 + x % 4) + R"(,"user":")" + user + R"(","uri":")" +
         uri + R"(","ip":")" + ip + R"(","duration_ms":)" + duration +
         R"(,"message":"request \"GET )" + uri + R"(\" by )" + user + " from " + ip +
         " shard=" + std::to_string(x % 64) +
         (i % 500 == 3 ? R"( \u00e4 odd","extra":[1,{"a":null}])" : R"(")") + "}\n";
}

EventBatch parsed(std::size_t lines) {
  auto text = std::make_shared<std::string>();
  for (std::size_t i = 0; i < lines; ++i) *text += json_line(i);
  const std::size_t size = text->size();
  text->append(event::EventParser::kPaddingBytes, '\0');
  event::EventParser parser({});
  return parser.parse(std::string_view(*text).substr(0, size), text).batch;
}

std::vector<std::string> names_of(const EventBatch& batch) {
  std::vector<std::string> names;
  for (const event::Field& field : batch.fields()) names.push_back(field.name);
  return names;
}

std::vector<NamedChunk> named(const EventBatch& batch, const std::vector<EncodedChunk>& chunks) {
  std::vector<NamedChunk> result;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    result.push_back({batch.fields()[i].name, chunks[i].bytes});
  }
  return result;
}

void expect_same(const EventBatch& actual, const EventBatch& expected,
                 std::span<const std::uint32_t> rows) {
  ASSERT_EQ(names_of(actual), names_of(expected));
  ASSERT_EQ(actual.rows(), rows.size());
  for (const event::Field& field : expected.fields()) {
    const ColumnPtr& column = *actual.find(field.name);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(column->value(i), field.column->value(rows[i])) << field.name << " " << rows[i];
    }
  }
}

std::vector<std::uint32_t> every(std::size_t step, std::size_t rows) {
  std::vector<std::uint32_t> result;
  for (std::size_t row = 0; row < rows; row += step) {
    result.push_back(static_cast<std::uint32_t>(row));
  }
  return result;
}

class RowGroup : public testing::Test {
 protected:
  const EventBatch batch_ = parsed(3000);
  const std::vector<EncodedChunk> chunks_ = encode_row_group(batch_, Compression::kZstd);
  const EncodedChunk& chunk(std::string_view name) const { return chunks_[*batch_.index_of(name)]; }
};

TEST_F(RowGroup, GivesBackEveryColumn) {
  const auto back = decode_row_group(named(batch_, chunks_), names_of(batch_), nullptr);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  expect_same(*back, batch_, every(1, batch_.rows()));
}

TEST_F(RowGroup, GivesBackSomeRowsOfEveryColumn) {
  for (const std::size_t step : {1, 7, 999}) {
    const auto rows = every(step, batch_.rows());
    const auto back = decode_row_group(named(batch_, chunks_), names_of(batch_), nullptr, rows);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    expect_same(*back, batch_, rows);
  }
}

TEST_F(RowGroup, StoresTheLineOfADocumentAsReferencesToItsFields) {
  EXPECT_THAT(chunk("_raw").needs, Contains("message"));
  EXPECT_THAT(chunk("_raw").needs, Contains("duration_ms"));
  EXPECT_THAT(chunk("message").needs, Contains("user"));
  EXPECT_THAT(chunk("status").needs, IsEmpty());
  EXPECT_LT(chunk("_raw").bytes.size(), batch_.rows());  // Less than a byte a line.
}

TEST_F(RowGroup, ReadsAColumnWithNothingButWhatItNeeds) {
  std::vector<NamedChunk> some;
  for (const std::string& name : chunk("message").needs) {
    ASSERT_THAT(chunk(name).needs, Not(Contains("message")));
    some.push_back({name, chunk(name).bytes});
    for (const std::string& further : chunk(name).needs) {
      some.push_back({further, chunk(further).bytes});
    }
  }
  some.push_back({"message", chunk("message").bytes});
  const auto back = decode_row_group(some, std::vector<std::string>{"message"}, nullptr);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ((*back->find("message"))->value(17), (*batch_.find("message"))->value(17));
}

TEST_F(RowGroup, RefusesAColumnWithoutWhatItNeeds) {
  const std::vector<NamedChunk> alone = {{"message", chunk("message").bytes}};
  const auto back = decode_row_group(alone, std::vector<std::string>{"message"}, nullptr);
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, ErrorCode::kCorruption);
}

TEST_F(RowGroup, RefusesColumnsThatNeedEachOther) {
  // The message under the name of a column that it needs itself.
  std::vector<NamedChunk> circle = named(batch_, chunks_);
  circle[*batch_.index_of("user")].bytes = chunk("message").bytes;
  const auto back = decode_row_group(circle, std::vector<std::string>{"message"}, nullptr);
  ASSERT_FALSE(back.has_value());
  EXPECT_THAT(back.error().message, testing::HasSubstr("circle"));
}

TEST_F(RowGroup, RefusesChunksOfDifferentLength) {
  std::vector<NamedChunk> chunks = named(batch_, chunks_);
  const std::string other = encode_chunk(*Column::ints({1, 2}), {}).bytes;
  chunks[*batch_.index_of("status")].bytes = other;
  EXPECT_FALSE(decode_row_group(chunks, names_of(batch_), nullptr).has_value());
}

TEST_F(RowGroup, RefusesValuesThatDoNotFitWhatRefersToThem) {
  // Other columns of the same length: references render whatever is there, or refuse it.
  std::vector<NamedChunk> chunks = named(batch_, chunks_);
  for (const char* name : {"_time", "user", "duration_ms", "status"}) {
    std::vector<NamedChunk> swapped = chunks;
    const std::string nulls = encode_chunk(*Column::nulls(batch_.rows()), {}).bytes;
    swapped[*batch_.index_of(name)].bytes = nulls;
    const auto back = decode_row_group(swapped, names_of(batch_), nullptr);
    if (back) EXPECT_EQ(back->rows(), batch_.rows());
  }
}

TEST(RowGroupOf, NoFieldsIsNothing) {
  const auto chunks = encode_row_group(EventBatch(5), Compression::kZstd);
  EXPECT_THAT(chunks, IsEmpty());
  const auto back = decode_row_group({}, std::vector<std::string>{"x"}, nullptr);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->field_count(), 0U);
}

TEST(RowGroupDecoding, EndsEarlyWhereNobodyWaits) {
  const EventBatch batch = parsed(10'000);
  const std::vector<EncodedChunk> chunks = encode_row_group(batch, Compression::kZstd);
  const std::vector<NamedChunk> all = named(batch, chunks);
  const auto decode = [&](const auto& asks) {
    const base::StopScope scope(asks);
    return decode_row_group(all, names_of(batch), nullptr, nullptr);
  };
  std::size_t asked = 0;
  ASSERT_TRUE(decode([&] { return ++asked == 0; }).has_value());
  EXPECT_GT(asked, batch.field_count());  // Within long columns, too.
  asked = 0;
  const auto stopped = decode([&] { return ++asked > 3; });
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(asked, 4U);
}

TEST(RowGroupSearch, FindsDigitsOfIdsInAnyStretchOfRows) {
  constexpr std::size_t kRows = 3000;
  std::vector<std::string> ids;
  std::vector<std::string> texts;
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < kRows; ++i) {
    std::string id;
    while (id.size() < 16) id.push_back("0123456789abcdef"[random() % 16]);
    texts.push_back((i % 7 == 0 ? "dead " : "done trace=") + id + (i % 3 == 0 ? " end" : ""));
    ids.push_back(std::move(id));
  }
  EventBatch batch(kRows);
  batch.set("_raw", Column::strings({texts.begin(), texts.end()}, {}));
  const std::vector<EncodedChunk> chunks = encode_row_group(batch, Compression::kZstd);
  const std::vector<NamedChunk> all = named(batch, chunks);
  const auto found = [&](const std::string& literal, std::size_t begin, std::size_t end) {
    return *rows_that_may_hold(all, "_raw", std::span(&literal, 1), begin, end);
  };
  for (const std::size_t row : {0U, 1U, 700U, 1400U, 2999U}) {
    for (const std::string& literal :
         {ids[row], ids[row].substr(3, 9), texts[row].substr(2), texts[row].substr(2, 12),
          "E=" + ids[row].substr(0, 11), ids[row].substr(5) + " E"}) {
      const base::SubstringFinder finder(literal, base::LetterCase::kIgnoreAscii);
      for (const auto& [begin, end] : {std::pair{std::size_t{0}, kRows},
                                       {row, row + 1},
                                       {row / 2, row + (kRows - row) / 2 + 1}}) {
        const std::vector<std::uint32_t> rows = found(literal, begin, std::min(end, kRows));
        for (std::size_t i = begin; i < std::min(end, kRows); ++i) {
          if (finder.contains(texts[i])) {
            EXPECT_THAT(rows, Contains(i)) << literal;
          }
        }
        // Of digits alone, or behind a text that is known, it rules out all others.
        if (literal.find(' ') == std::string::npos) {
          EXPECT_LE(rows.size(), 1U) << literal;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lynxdb::segment
