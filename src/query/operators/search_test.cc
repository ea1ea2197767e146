// What each form of search term matches, on every kind of column; and which strings a matching
// event must contain.
#include "query/operators/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/operators/operators.h"
#include "query/testing/batch_builder.h"
#include "query/testing/command_builder.h"

namespace lynxdb::query {
namespace {

using testing::batch_of_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 2026-01-15T10:30:00Z
constexpr std::int64_t kNow = 1768473000LL * 1'000'000'000;

std::vector<std::uint32_t> rows_matching(const std::string& search,
                                         const event::EventBatch& batch) {
  const auto command = testing::parse_as<spl2::SearchCommand>("search " + search);
  RowMask mask(batch.rows(), true);
  make_matcher(*command.expr, kNow)->filter(batch, mask);
  return mask.selected();
}

std::vector<std::uint32_t> rows_matching(const std::string& search,
                                         const std::vector<std::string>& lines) {
  return rows_matching(search, batch_of_json(lines));
}

// Lines in one piece of memory, as the sources deliver them.
event::EventBatch batch_of_chunk(std::string text) {
  const auto chunk = std::make_shared<const std::string>(std::move(text));
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < chunk->size();) {
    const std::size_t end = chunk->find('\n', begin);
    lines.push_back(std::string_view(*chunk).substr(begin, end - begin));
    begin = end + 1;
  }
  event::EventBatch batch(lines.size());
  batch.set(event::kRaw, event::Column::strings(std::move(lines), {chunk}));
  return batch;
}

TEST(SearchText, WordsAndPhrasesAreSubstringsInAnyCase) {
  const event::EventBatch batch = batch_of_chunk("Connection FAILED\nok\nit was not found here\n");
  EXPECT_THAT(rows_matching("fail", batch), ElementsAre(0));
  EXPECT_THAT(rows_matching("\"NOT FOUND\"", batch), ElementsAre(2));
  EXPECT_THAT(rows_matching("found not", batch), ElementsAre(2));
  EXPECT_THAT(rows_matching("k", batch), ElementsAre(1));
  EXPECT_THAT(rows_matching("nothing", batch), IsEmpty());
}

TEST(SearchText, NeverMatchesAcrossTheEndOfALine) {
  const event::EventBatch batch = batch_of_chunk("abc\ndef\nabcdef\n\nabc\n");
  EXPECT_THAT(rows_matching("abcdef", batch), ElementsAre(2));
  EXPECT_THAT(rows_matching("cd", batch), ElementsAre(2));
  EXPECT_THAT(rows_matching("abc", batch), ElementsAre(0, 2, 4));
}

TEST(SearchText, FindsTheSameTogetherAndLineByLine) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "line " + std::to_string(i * 7919 % 1000) + "\n";
  const event::EventBatch together = batch_of_chunk(text);
  // The same lines, each in memory of its own.
  event::ColumnBuilder scattered;
  for (const std::string_view line : (*together.find(event::kRaw))->string_values())
    scattered.append(event::ValueView(event::Value::string(std::string(line))));
  std::vector<event::Value> values;
  const event::ColumnPtr column = scattered.finish();
  for (std::size_t row = 0; row < column->size(); ++row) values.push_back(column->value(row));
  values.push_back(event::Value::integer(77));
  event::EventBatch apart(values.size());
  apart.set(event::kRaw, event::Column::mixed(std::move(values)));
  for (const std::string search : {"77", "1", "line 9", "e*9", "999"}) {
    SCOPED_TRACE(search);
    std::vector<std::uint32_t> rows = rows_matching(search, apart);
    std::erase(rows, 500U);
    EXPECT_EQ(rows_matching(search, together), rows);
  }
}

TEST(SearchText, StarsMatchAnyRunWithinThem) {
  const event::EventBatch batch = batch_of_chunk("GET /api/users\nGET /users/api\na*b\n");
  EXPECT_THAT(rows_matching("api*users", batch), ElementsAre(0));
  EXPECT_THAT(rows_matching("*users*", batch), ElementsAre(0, 1));
  EXPECT_THAT(rows_matching("a\\*b", batch), ElementsAre(2));
  EXPECT_THAT(rows_matching("get*get", batch), IsEmpty());
  EXPECT_THAT(rows_matching("*", batch), ElementsAre(0, 1, 2));
}

TEST(SearchText, RowsWithoutRawMatchOnlyTheStar) {
  const std::vector<std::string> rows = {R"({"a":"error"})", R"({"_raw":"error","a":1})"};
  EXPECT_THAT(rows_matching("error", rows), ElementsAre(1));
  EXPECT_THAT(rows_matching("NOT error", rows), ElementsAre(0));
  EXPECT_THAT(rows_matching("*", rows), ElementsAre(0, 1));
  EXPECT_THAT(rows_matching("error", {R"({"a":"error"})"}), IsEmpty());
}

TEST(SearchText, TermStandsBetweenBreakers) {
  const event::EventBatch batch =
      batch_of_chunk("ip=10.0.0.1 x\n10.0.0.12\n(10.0.0.1)\n10.0.0.1\nx10.0.0.1 10.0.0.1,\n");
  EXPECT_THAT(rows_matching("TERM(10.0.0.1)", batch), ElementsAre(2, 3, 4));
}

TEST(SearchText, CaseRegardsTheCase) {
  const event::EventBatch batch = batch_of_chunk("Error\nerror\nERROR\n");
  EXPECT_THAT(rows_matching("CASE(Error)", batch), ElementsAre(0));
}

TEST(SearchLogic, NotBindsTighterThanAndThanOr) {
  const event::EventBatch batch = batch_of_chunk("a\nb\na b\nc\n");
  EXPECT_THAT(rows_matching("a OR b c", batch), ElementsAre(0, 2));
  EXPECT_THAT(rows_matching("a NOT b", batch), ElementsAre(0));
  EXPECT_THAT(rows_matching("NOT (a OR b)", batch), ElementsAre(3));
}

TEST(SearchField, EqualsIgnoresCaseAndAnchorsStars) {
  const std::vector<std::string> rows = {R"({"f":"Error"})", R"({"f":"errors"})", R"({"g":1})",
                                         R"({"f":"an error"})"};
  EXPECT_THAT(rows_matching("f=error", rows), ElementsAre(0));
  EXPECT_THAT(rows_matching("f=error*", rows), ElementsAre(0, 1));
  EXPECT_THAT(rows_matching("f=*error", rows), ElementsAre(0, 3));
  EXPECT_THAT(rows_matching("f=e*r*s", rows), ElementsAre(1));
  EXPECT_THAT(rows_matching("f=*", rows), ElementsAre(0, 1, 3));
}

TEST(SearchField, UnequalNeedsTheFieldAndNotDoesNot) {
  const std::vector<std::string> rows = {R"({"f":"a"})", R"({"f":"b"})", R"({"g":1})"};
  EXPECT_THAT(rows_matching("f!=a", rows), ElementsAre(1));
  EXPECT_THAT(rows_matching("NOT f=a", rows), ElementsAre(1, 2));
  EXPECT_THAT(rows_matching("f!=*", rows), IsEmpty());
  EXPECT_THAT(rows_matching("NOT f=*", rows), ElementsAre(2));
}

TEST(SearchField, NumbersCompareByValueHoweverTheyAreWritten) {
  const std::vector<std::string> ints = {R"({"n":500})", R"({"n":-1})", R"({"n":null})",
                                         R"({"n":5000})"};
  EXPECT_THAT(rows_matching("n=500.0", ints), ElementsAre(0));
  EXPECT_THAT(rows_matching("n=5e2", ints), ElementsAre(0));
  EXPECT_THAT(rows_matching("n=5*", ints), ElementsAre(0, 3));
  EXPECT_THAT(rows_matching("n=abc", ints), IsEmpty());
  EXPECT_THAT(rows_matching("n!=500", ints), ElementsAre(1, 3));
  const std::vector<std::string> mixed = {R"({"n":2.5})", R"({"n":"2.50"})", R"({"n":[1,2.5]})",
                                          R"({"n":true})"};
  EXPECT_THAT(rows_matching("n=2.5", mixed), ElementsAre(0, 2));
  EXPECT_THAT(rows_matching("n=TRUE", mixed), ElementsAre(3));
}

TEST(SearchField, OrderIsByValueForNumbersAndFoldedTextElse) {
  const std::vector<std::string> rows = {R"({"f":9})",     R"({"f":10})", R"({"f":"9"})",
                                         R"({"f":"Abc"})", R"({"g":1})",  R"({"f":10.5})"};
  EXPECT_THAT(rows_matching("f<10", rows), ElementsAre(0, 2));
  EXPECT_THAT(rows_matching("f>=10", rows), ElementsAre(1, 3, 5));
  EXPECT_THAT(rows_matching("f<=10.2", rows), ElementsAre(0, 1, 2));
  EXPECT_THAT(rows_matching("f>abb", rows), ElementsAre(3));
  EXPECT_THAT(rows_matching("f<ABD f>abb", rows), ElementsAre(3));
}

TEST(SearchField, OrderOfIntColumnsHoldsAtTheEndsOfTheRange) {
  const std::vector<std::string> rows = {R"({"n":-9223372036854775808})", R"({"n":0})",
                                         R"({"n":9223372036854775807})"};
  EXPECT_THAT(rows_matching("n<-9223372036854775808", rows), IsEmpty());
  EXPECT_THAT(rows_matching("n>9223372036854775807", rows), IsEmpty());
  EXPECT_THAT(rows_matching("n>=9223372036854775807", rows), ElementsAre(2));
  EXPECT_THAT(rows_matching("n<1e300", rows), ElementsAre(0, 1, 2));
  EXPECT_THAT(rows_matching("n>-0.5", rows), ElementsAre(1, 2));
  EXPECT_THAT(rows_matching("n>=0.5", rows), ElementsAre(2));
}

TEST(SearchField, TimestampsCompareByTime) {
  const std::vector<std::string> rows = {R"({"_time":1768469400})", R"({"_time":1768473000})"};
  EXPECT_THAT(rows_matching("_time>=\"2026-01-15T10:00:00Z\"", rows), ElementsAre(1));
  EXPECT_THAT(rows_matching("_time<-30m", rows), ElementsAre(0));
  EXPECT_THAT(rows_matching("_time=\"2026-01-15T10:30:00Z\"", rows), ElementsAre(1));
}

TEST(SearchField, InTakesWordsPhrasesAndStars) {
  const std::vector<std::string> rows = {R"({"f":"A"})", R"({"f":"b c"})", R"({"f":"dad"})",
                                         R"({"f":5})",   R"({"g":1})",     R"({"f":["x","a"]})"};
  EXPECT_THAT(rows_matching("f IN (a, \"b c\", d*, 5.0)", rows), ElementsAre(0, 1, 2, 3, 5));
  EXPECT_THAT(rows_matching("f NOT IN (a, d*)", rows), ElementsAre(1, 3));
}

TEST(SearchField, LikeIgnoresCase) {
  const std::vector<std::string> rows = {R"({"f":"Box1"})", R"({"f":"box"})", R"({"f":"xbox12"})",
                                         R"({"g":1})"};
  EXPECT_THAT(rows_matching("f LIKE \"%BOX_\"", rows), ElementsAre(0));
  EXPECT_THAT(rows_matching("f NOT LIKE \"%box_\"", rows), ElementsAre(1, 2));
}

TEST(SearchField, ListsMatchByAnyElement) {
  const std::vector<std::string> rows = {R"({"f":["a","b"]})", R"({"f":["c"]})"};
  EXPECT_THAT(rows_matching("f=b", rows), ElementsAre(0));
  EXPECT_THAT(rows_matching("f!=b", rows), ElementsAre(1));
}

TEST(SearchField, DictionariesAreTestedOncePerEntry) {
  event::EventBatch batch(5);
  const event::ColumnPtr entries = event::Column::strings({"info", "ERROR"}, {});
  event::NullBitmap nulls;
  nulls.set(4);
  batch.set("level", event::Column::dictionary({0, 1, 1, 0, 0}, entries, nulls));
  EXPECT_THAT(rows_matching("level=error", batch), ElementsAre(1, 2));
  EXPECT_THAT(rows_matching("level!=error", batch), ElementsAre(0, 3));
}

TEST(SearchField, ResolvesAliases) {
  EXPECT_THAT(rows_matching("source=nginx", {R"({"_source":"nginx"})", R"({"_source":"x"})"}),
              ElementsAre(0));
}

TEST(Search, TakesEmptyBatches) {
  EXPECT_THAT(rows_matching("a b=1", std::vector<std::string>{}), IsEmpty());
}

TEST(Search, KeepsTheRowsAsTheyAre) {
  const auto command = testing::parse_as<spl2::SearchCommand>("search a=2");
  const auto transform = *make_search(*command.expr, 0);
  const auto result = transform->apply(batch_of_json({R"({"a":1})", R"({"a":2,"b":"x"})"}, 9));
  EXPECT_THAT(testing::rows_as_json(*result), ElementsAre(R"({"a":2,"b":"x"})"));
  EXPECT_EQ(result->sequence(), 9U);
}

std::vector<std::string> literals_of(const std::string& search) {
  return required_literals(*testing::parse_as<spl2::SearchCommand>("search " + search).expr);
}

TEST(RequiredLiterals, AreThePiecesOfTextTermsThatMustAllMatch) {
  EXPECT_THAT(literals_of("error timeout a=1"), ElementsAre("timeout", "error"));
  EXPECT_THAT(literals_of("\"conn*refused\""), ElementsAre("refused", "conn"));
  EXPECT_THAT(literals_of("a OR b"), IsEmpty());
  EXPECT_THAT(literals_of("NOT error"), IsEmpty());
  EXPECT_THAT(literals_of("x (error OR warn)"), ElementsAre("x"));
  EXPECT_THAT(literals_of("f=value *"), IsEmpty());
}

}  // namespace
}  // namespace lynxdb::query
