// A query over a read view gives the rows that it gives over the same events in one piece, newest
// first, wherever they are: not flushed yet, in one segment, in many that overlap.
#include "scan/store_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "event/parse/event_parser.h"
#include "query/engine.h"
#include "segment/segment_writer.h"
#include "spl2/parser.h"

namespace lynxdb::scan {
namespace {

using event::EventBatch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'768'473'000 * kSecond;

EventBatch parse(const std::string& lines) {
  event::ParserOptions options;
  options.receipt_ns = kStart;
  event::EventParser parser(options);
  auto text =
      std::make_shared<std::string>(lines + std::string(event::EventParser::kPaddingBytes, '\n'));
  return parser.parse(std::string_view(*text).substr(0, lines.size()), text).batch;
}

std::string line(std::int64_t seconds, std::size_t n, std::string_view more = "") {
  return "{\"_time\":" + std::to_string(kStart / kSecond + seconds) +
         ",\"n\":" + std::to_string(n) + std::string(more) + "}\n";
}

std::vector<std::uint32_t> newest_first(const EventBatch& batch) {
  const event::ColumnPtr time = *batch.find(event::kTime);
  std::vector<std::uint32_t> rows(batch.rows());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto x = time->view(a).as_int();
    const auto y = time->view(b).as_int();
    return x != y ? x > y : a > b;
  });
  return rows;
}

// A store put together by hand: stretches of one partition's log, flushed or not.
class Stored {
 public:
  explicit Stored(std::size_t row_group_rows = 100) : row_group_rows_(row_group_rows) {
    state_.cluster_id = "test";
  }

  void flushed(const EventBatch& batch, const std::string& index = "main") {
    segment::StringSink sink;
    segment::SegmentWriter writer(
        sink, {.segment_id = "s", .index = index, .row_group_rows = row_group_rows_});
    LYNXDB_CHECK(writer.add(batch.take(newest_first(batch))).has_value());
    const auto info = writer.finish(
        {{.partition = 0, .begin = end_, .end = end_ + batch.rows(), .rows = batch.rows()}});
    LYNXDB_CHECK(info.has_value());
    metadata::SegmentEntry entry;
    entry.id = state_.next_segment_id;
    state_.next_segment_id = metadata::SegmentId(entry.id.value() + 1);
    entry.object_key = "segment" + std::to_string(entry.id.value());
    entry.size_bytes = info->size_bytes;
    entry.rows = info->rows;
    entry.index = index;
    entry.time_min_ns = info->time_min_ns;
    entry.time_max_ns = info->time_max_ns;
    state_.segments[entry.id] = std::make_shared<metadata::SegmentEntry>(entry);
    bytes_[entry.object_key] = sink.take();
    end_ += batch.rows();
  }

  void unflushed(const EventBatch& batch) {
    auto tail = std::make_shared<storage::TailBatch>();
    tail->base_offset = end_;
    tail->batch = std::make_shared<EventBatch>(batch);
    const event::ColumnPtr time = *batch.find(event::kTime);
    tail->time_min_ns = std::numeric_limits<std::int64_t>::max();
    tail->time_max_ns = std::numeric_limits<std::int64_t>::min();
    for (std::size_t i = 0; i < batch.rows(); ++i) {
      tail->time_min_ns = std::min(tail->time_min_ns, time->view(i).as_int());
      tail->time_max_ns = std::max(tail->time_max_ns, time->view(i).as_int());
    }
    tail_.push_back(tail);
    end_ += batch.rows();
  }

  storage::RetentionBorder border{std::numeric_limits<std::int64_t>::min(), {}};

  storage::ReadView view() const {
    return {std::make_shared<metadata::State>(state_), {}, tail_, border, nullptr};
  }

  SegmentOpener& opener() { return opener_; }

 private:
  const std::size_t row_group_rows_;
  metadata::State state_;
  std::map<std::string, std::string> bytes_;
  std::vector<storage::TailBatchPtr> tail_;
  metadata::Offset end_ = 0;
  SegmentOpener opener_{
      [this](const metadata::SegmentEntry& entry) -> Result<std::shared_ptr<segment::ByteSource>> {
        return std::shared_ptr<segment::ByteSource>(
            std::make_shared<segment::MemoryByteSource>(bytes_.at(entry.object_key)));
      }};
};

struct Answer {
  std::vector<std::string> rows;
  std::vector<std::string> hints;
};

// Rows as the query prints them: values of all fields in print order.
Answer ask(Stored& stored, const std::string& text, ScanCounters& counters,
           std::size_t threads = 2) {
  auto parsed = spl2::parse(text);
  auto* query = std::get_if<spl2::Query>(&parsed);
  LYNXDB_CHECK(query != nullptr);
  query::QueryOptions options;
  options.threads = threads;
  options.now_ns = kStart;
  options.newest_first = true;
  auto running = query::start(std::make_shared<spl2::Query>(std::move(*query)), options,
                              [&](const std::vector<spl2::SourceName>& names,
                                  const query::ScanRequest& request, query::Execution& execution) {
                                return open_store_source(stored.view(), stored.opener(), names,
                                                         request, execution, counters);
                              });
  LYNXDB_CHECK(running.has_value());
  Answer answer;
  while (true) {
    auto batch = (*running)->next();
    EXPECT_TRUE(batch.has_value()) << batch.error().message;
    if (!batch || !*batch) break;
    const EventBatch& rows = **batch;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      std::string printed;
      for (const std::size_t field : event::print_order(rows)) {
        const event::ValueView value = rows.fields()[field].column->view(row);
        if (value.is_null()) continue;
        printed += rows.fields()[field].name + "=" + event::text(value) + " ";
      }
      answer.rows.push_back(printed);
    }
  }
  answer.hints = (*running)->hints();
  return answer;
}

std::vector<std::string> rows_of(Stored& stored, const std::string& text) {
  ScanCounters counters;
  return ask(stored, text, counters).rows;
}

TEST(StoreSource, GivesEventsNewestFirstFromSegmentsAndTail) {
  Stored stored;
  stored.flushed(parse(line(10, 1) + line(30, 2)));
  stored.flushed(parse(line(20, 3) + line(30, 4)));
  stored.unflushed(parse(line(25, 5) + line(30, 6)));
  EXPECT_THAT(rows_of(stored, "| fields n"),
              ElementsAre("n=6 ", "n=4 ", "n=2 ", "n=5 ", "n=3 ", "n=1 "));
  EXPECT_THAT(rows_of(stored, "| head 2 | fields n"), ElementsAre("n=6 ", "n=4 "));
}

TEST(StoreSource, ReadsOnlyTheIndexesNamed) {
  Stored stored;
  stored.flushed(parse(line(1, 1)), "main");
  stored.flushed(parse(line(2, 2)), "web");
  stored.unflushed(
      parse("{\"event\":{\"n\":3},\"index\":\"web\",\"time\":1768473003}\n" + line(4, 4)));
  EXPECT_THAT(rows_of(stored, "| fields n"), ElementsAre("n=4 ", "n=1 "));
  EXPECT_THAT(rows_of(stored, "FROM web | fields n"), ElementsAre("n=3 ", "n=2 "));
  EXPECT_THAT(rows_of(stored, "FROM * | stats count"), ElementsAre("count=4 "));
  EXPECT_THAT(rows_of(stored, "FROM w*, main | stats count"), ElementsAre("count=4 "));
  ScanCounters counters;
  const Answer none = ask(stored, "FROM wep | stats count", counters);
  EXPECT_THAT(none.rows, ElementsAre("count=0 "));
  EXPECT_THAT(none.hints, ElementsAre(HasSubstr("did you mean 'web'")));
}

TEST(StoreSource, LeavesOutWhatRetentionHasExpired) {
  Stored stored;
  stored.flushed(parse(line(1, 1) + line(10, 2)), "main");
  stored.flushed(parse(line(1, 3) + line(10, 4)), "web");
  stored.unflushed(parse(line(2, 5) + line(11, 6)));
  stored.border.all_ns = kStart + 5 * kSecond;
  stored.border.by_index["web"] = kStart;
  EXPECT_THAT(rows_of(stored, "| fields n"), ElementsAre("n=6 ", "n=2 "));
  EXPECT_THAT(rows_of(stored, "FROM web | fields n"), ElementsAre("n=4 ", "n=3 "));
}

TEST(StoreSource, SkipsRowGroupsByTimeTextAndBounds) {
  std::string lines;
  for (std::size_t i = 0; i < 1000; ++i)
    lines += line(static_cast<std::int64_t>(i), i,
                  i == 417 ? ",\"message\":\"quite Unusual words\"" : ",\"message\":\"as ever\"");
  Stored stored;
  stored.flushed(parse(lines));
  const auto skipped = [&](const std::string& text, Skip why) {
    ScanCounters counters;
    EXPECT_EQ(ask(stored, text, counters).rows.size(), 1U) << text;
    EXPECT_EQ(counters.row_groups_total, 10U);
    return counters.row_groups_skipped[static_cast<std::size_t>(why)].load();
  };
  EXPECT_EQ(skipped("n=417", Skip::kStats), 9U);
  EXPECT_EQ(skipped("| where n >= 999", Skip::kStats), 9U);
  EXPECT_EQ(skipped("\"unusual words\"", Skip::kText), 9U);
  EXPECT_EQ(skipped("| where _time >= " + std::to_string(kStart / kSecond + 950) + " | stats count",
                    Skip::kTime),
            9U);
}

// One list of events, spread over segments and tail at random; the same questions to a store that
// has them in one piece.
class StoreSourceOracle : public ::testing::TestWithParam<unsigned> {};

TEST_P(StoreSourceOracle, TheAnswerDoesNotDependOnWhereEventsAre) {
  std::mt19937 random(GetParam());
  const auto pick = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
  };
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < 2000; ++i) {
    const char* levels[] = {"info", "warn", "ERROR"};
    std::string more = std::string(",\"level\":\"") + levels[pick(3)] +
                       "\",\"status\":" + std::to_string(200 + pick(5) * 100);
    if (pick(3) == 0) more += ",\"user\":\"u" + std::to_string(pick(50)) + "\"";
    if (pick(40) == 0) more += ",\"status\":\"odd\"";
    more += ",\"message\":\"request " + std::to_string(pick(1000)) +
            (pick(100) == 0 ? " timed out" : " done") + "\"";
    // Roughly in order of time, with equal times and late events.
    lines.push_back(
        line(static_cast<std::int64_t>(i / 3 + (pick(10) == 0 ? pick(400) : 0)), i, more));
  }
  Stored whole(65'536);
  Stored spread(64);
  std::string all;
  for (const std::string& one : lines) all += one;
  whole.unflushed(parse(all));
  for (std::size_t at = 0; at < lines.size();) {
    std::string some;
    for (std::size_t n = pick(400) + 1; n > 0 && at < lines.size(); --n) some += lines[at++];
    if (at < 1600 && pick(5) != 0)
      spread.flushed(parse(some));
    else
      spread.unflushed(parse(some));
  }
  for (const std::string text :
       {"| fields n", "| head 17 | fields n, level", "level=error | fields n",
        "\"timed out\" | fields n, message", "status>=400 status!=odd | stats count by status",
        "| where status = 500 AND user IS NOT NULL | stats count, dc(user) by level",
        "| stats count, first(n), last(n), latest(n), earliest(n) by user",
        "NOT user=* | stats count", "user=u1* \"done\" | stats count by user | sort -count, user",
        "| timechart span=1m count by level", "| dedup user | fields n, user",
        "| tail 5 | fields n", "nosuchfield=1 | stats count", "_raw=* | stats count",
        "| where _time >= 1768473300 AND _time < 1768473400 | fields n",
        "| sort status | head 20 | fields n"}) {
    EXPECT_EQ(rows_of(spread, text), rows_of(whole, text)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreSourceOracle, ::testing::Range(1U, 11U));

}  // namespace
}  // namespace lynxdb::scan
