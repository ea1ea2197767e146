// A stream's rows come out whole however its bytes are cut, and a stream without its last line is
// an error, never a shorter result.
#include "client/row_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lynxdb::client {
namespace {

using testing::ElementsAre;

struct Answer {
  std::vector<std::string> rows;
  bool complete = false;
  std::optional<ServerError> failure;
  StreamEnd end;
};

Answer read(std::string_view bytes, std::size_t piece) {
  Answer answer;
  RowStream stream([&](std::string_view row) -> Result<> {
    answer.rows.emplace_back(row);
    return {};
  });
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    EXPECT_TRUE(stream.add(bytes.substr(at, piece)).has_value());
  const Result<StreamEnd> end = stream.end();
  answer.complete = end.has_value();
  if (end.has_value()) answer.end = *end;
  answer.failure = stream.failure();
  return answer;
}

constexpr std::string_view kWhole =
    "{\"a\":1}\n{\"a\":2}\n{\"__meta\":{\"total\":2,\"scanned\":9,\"took_ms\":1,\"hints\":[\"x\"]}}"
    "\n";

TEST(RowStream, GivesRowsAndTheEndHoweverTheBytesAreCut) {
  for (std::size_t piece = 1; piece <= kWhole.size(); ++piece) {
    SCOPED_TRACE(piece);
    const Answer answer = read(kWhole, piece);
    EXPECT_THAT(answer.rows, ElementsAre("{\"a\":1}", "{\"a\":2}"));
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.end.total, 2U);
    EXPECT_EQ(answer.end.scanned, 9U);
    EXPECT_THAT(answer.end.hints, ElementsAre("x"));
  }
}

TEST(RowStream, IsCutWhereverItEndsTooEarly) {
  // Without its last LF the last line is whole.
  for (std::size_t size = 0; size + 1 < kWhole.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_FALSE(read(kWhole.substr(0, size), 7).complete);
  }
  EXPECT_TRUE(read(kWhole.substr(0, kWhole.size() - 1), 7).complete);
}

TEST(RowStream, ReportsTheServersError) {
  const Answer answer =
      read("{\"a\":1}\n{\"__error\":{\"code\":\"QUERY_TIMEOUT\",\"message\":\"too slow\"}}\n", 64);
  EXPECT_TRUE(answer.complete);
  ASSERT_TRUE(answer.failure.has_value());
  EXPECT_EQ(answer.failure->code, "QUERY_TIMEOUT");
  EXPECT_EQ(answer.failure->message, "too slow");
}

TEST(RowStream, TakesARowForTheEndOnlyWhereTheStreamEnds) {
  const Answer answer = read("{\"__meta\":1}\n{\"__error\":2}\n{\"__meta\":{\"total\":2}}\n", 5);
  EXPECT_THAT(answer.rows, ElementsAre("{\"__meta\":1}", "{\"__error\":2}"));
  EXPECT_TRUE(answer.complete);
}

TEST(RowStream, IsCutWhenTheLastLineIsNotReadable) {
  EXPECT_FALSE(read("{\"__meta\":{\"total\":", 64).complete);
  EXPECT_FALSE(read("{\"__meta\":7}\n", 64).complete);
}

TEST(RowStream, RefusesAnEndlessRow) {
  RowStream stream([](std::string_view) -> Result<> { return {}; }, 10);
  EXPECT_TRUE(stream.add("0123456789").has_value());
  const Result<> more = stream.add("x");
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code, ErrorCode::kOutOfBudget);
}

}  // namespace
}  // namespace lynxdb::client
