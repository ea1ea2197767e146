// What clients meet who send events: every way to send them, an answer for each event, retries that
// store nothing twice, and clear refusals.
#include "server/http/compression.h"
#include "server/ingest/ingest_service.h"
#include "server/testing/api_fixture.h"

namespace lynxdb::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawResponse;

class IngestTest : public testing::ApiTest {};

constexpr const char* kJsonType = "Content-Type: application/json\r\n";

TEST_F(IngestTest, TakesObjectsArraysAndLines) {
  for (const std::string body : {R"({"a":1})", R"([{"a":1}])", " [ {\"a\":1} ] ", "{\"a\":1}\n",
                                 "{\n  \"a\": 1\n}\n", "\xef\xbb\xbf{\"a\":1}"}) {
    for (const char* type : {kJsonType, "", "Content-Type: application/json; charset=utf-8\r\n"}) {
      const RawResponse response = ingest(body, type);
      EXPECT_EQ(response.status, 200) << body;
      EXPECT_EQ(response.body, "{\"data\":{\"accepted\":1,\"failed\":0}}\n") << body;
    }
  }
  EXPECT_EQ(ingest("{\"a\":1}\n{\"a\":2}\r\n\n", kJsonType).body,
            "{\"data\":{\"accepted\":2,\"failed\":0}}\n");
  EXPECT_EQ(rows("a=* | stats count by a"), "{\"a\":1,\"count\":19}\n{\"a\":2,\"count\":1}\n");
}

TEST_F(IngestTest, KeepsDocumentsOverSeveralLinesAsOne) {
  EXPECT_EQ(ingest("{\n  \"a\": {\n \"b\": [1, 2]\n}\n}", kJsonType).status, 200);
  EXPECT_EQ(rows("a.b=* | fields a.b, _raw"),
            "{\"a.b\":[1,2],\"_raw\":\"{\\\"a\\\":{\\\"b\\\":[1,2]}}\"}\n");
}

TEST_F(IngestTest, TakesLinesOfText) {
  EXPECT_EQ(
      ask_post("/api/v1/ingest/raw", "2026-01-15 10:00:00 level=error x=1\n{\"j\":true}\n").body,
      "{\"data\":{\"accepted\":2,\"failed\":0}}\n");
  EXPECT_EQ(ingest("plain words\n", "Content-Type: text/plain\r\n").status, 200);
  EXPECT_EQ(ingest("words without a type\n").status, 200);
  EXPECT_EQ(ingest("[not an array] but a line\n").status, 200);
  EXPECT_EQ(rows("| stats count by _sourcetype"),
            "{\"_sourcetype\":\"json\",\"count\":1}\n{\"_sourcetype\":\"text\",\"count\":4}\n");
}

TEST_F(IngestTest, ListsEventsThatFailed) {
  const RawResponse response =
      ingest("{\"a\":1}\nnot json\n{\"a\":2}\n[1]\n", "Content-Type: application/x-ndjson\r\n");
  EXPECT_EQ(response.status, 207);
  EXPECT_THAT(response.body, AllOf(HasSubstr("\"accepted\":2,\"failed\":2"),
                                   HasSubstr("{\"index\":1,\"code\":\"PARSE_ERROR\""),
                                   HasSubstr("{\"index\":3,\"code\":\"PARSE_ERROR\"")));
  EXPECT_EQ(store_.events(), 2U);
}

TEST_F(IngestTest, ListsAtMostAHundredErrors) {
  std::string body = "{\"a\":1}\n";
  for (int i = 0; i < 500; ++i) body += "broken\n";
  const RawResponse response = ingest(body, "Content-Type: application/x-ndjson\r\n");
  EXPECT_THAT(response.body, HasSubstr("\"failed\":500"));
  EXPECT_THAT(response.body, AllOf(HasSubstr("\"index\":100,"), Not(HasSubstr("\"index\":101,"))));
}

// Columns are dense: in one batch these would have 8 million values.
TEST_F(IngestTest, StoresThousandsOfDifferentFieldsInBatchesOfBoundedSize) {
  constexpr int kEvents = 2000;
  std::string body;
  for (int i = 0; i < kEvents; ++i) {
    const std::string n = std::to_string(i);
    body += "{\"a" + n + "\":" + n + ",\"b" + n + "\":\"x\"}\n";
  }
  body += "no json\n";
  const std::string type = "Content-Type: application/x-ndjson\r\nX-LynxDB-Batch-Id: wide\r\n";
  for (int attempt = 0; attempt < 2; ++attempt) {
    const RawResponse response = ingest(body, type);
    EXPECT_EQ(response.status, 207);
    EXPECT_THAT(response.body, AllOf(HasSubstr("\"accepted\":2000,\"failed\":1"),
                                     HasSubstr("{\"index\":2000,\"code\":\"PARSE_ERROR\"")));
    EXPECT_EQ(store_.events(), 2000U);
  }
  EXPECT_LT(store_.cells_max(), std::size_t{5} << 20U);
  EXPECT_EQ(rows("a1999=1999 | stats count"), "{\"count\":1}\n");
}

TEST_F(IngestTest, RefusesWhatIsNoJsonThoughItSaysSo) {
  for (const std::string body : {"plain", "[{\"a\":1}", "[{\"a\":1},]", "{\"a\":1", "\"text\"", "1",
                                 "[1,2]", "{\"a\":1}}", "{a:1}"}) {
    const RawResponse response = ingest(body, kJsonType);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, HasSubstr("INVALID_JSON")) << body;
  }
  EXPECT_EQ(store_.events(), 0U);
}

TEST_F(IngestTest, TakesNothing) {
  EXPECT_EQ(ingest("").body, "{\"data\":{\"accepted\":0,\"failed\":0}}\n");
  EXPECT_EQ(ingest("\n \n", kJsonType).body, "{\"data\":{\"accepted\":0,\"failed\":0}}\n");
  EXPECT_EQ(ingest("[]", kJsonType).body, "{\"data\":{\"accepted\":0,\"failed\":0}}\n");
}

TEST_F(IngestTest, RefusesEventsThatAreTooLarge) {
  config_.ingest.max_line_bytes = 1000;
  const std::string large = "{\"a\":\"" + std::string(2000, 'x') + "\"}\n";
  EXPECT_EQ(ingest(large).status, 413);
  const RawResponse mixed = ingest(large + "{\"a\":1}\n");
  EXPECT_EQ(mixed.status, 207);
  EXPECT_THAT(mixed.body, HasSubstr("EVENT_TOO_LARGE"));
}

TEST_F(IngestTest, UnpacksBodiesWithinTheLimit) {
  config_.ingest.max_body_bytes = 100'000;
  const std::string gz = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(ingest(gzip("{\"a\":1}\n"), gz).status, 200);
  const RawResponse bomb = ingest(gzip(std::string(10'000'000, ' ')), gz);
  EXPECT_EQ(bomb.status, 413);
  EXPECT_THAT(bomb.body, HasSubstr("PAYLOAD_TOO_LARGE"));
  EXPECT_EQ(ingest("{\"a\":1}\n", gz).status, 400);
  const RawResponse unknown = ingest("x", "Content-Encoding: br\r\n");
  EXPECT_EQ(unknown.status, 415);
  EXPECT_THAT(unknown.body, HasSubstr("UNSUPPORTED_MEDIA_TYPE"));
  EXPECT_EQ(ingest(std::string(100'001, 'x')).status, 413);
}

TEST_F(IngestTest, LabelsEventsAsTheRequestSays) {
  ingest("{\"a\":1,\"source\":\"own\"}",
         "X-Source: web\r\nX-Source-Type: app\r\nX-Index: shop\r\nX-Host: h1\r\n");
  EXPECT_EQ(rows("FROM shop | table _source, _sourcetype, _index, host"),
            "{\"_source\":\"web\",\"_sourcetype\":\"app\",\"_index\":\"shop\",\"host\":\"h1\"}\n");
  ask_post("/api/v1/ingest/raw?source=q&host=h2", "line");
  EXPECT_EQ(rows("host=h2 | table _source"), "{\"_source\":\"q\"}\n");
  const RawResponse wrong = ingest("{\"a\":1}", "X-Index: ../etc\r\n");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("no name of an index"));
}

TEST_F(IngestTest, ReadsTheFormatThatIsAskedFor) {
  EXPECT_EQ(ingest("not json", "X-Format: json\r\n").status, 400);
  EXPECT_EQ(ingest("{\"a\":1}", "X-Format: raw\r\n").status, 200);
  EXPECT_EQ(rows("a=1"), "");
  const RawResponse hint = ingest("no syslog", "X-Format: syslog\r\n");
  EXPECT_THAT(hint.body, HasSubstr("1 event did not fit the format"));
  const RawResponse unknown = ingest("x", "X-Format: jsn\r\n");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("did you mean json?"));
}

TEST_F(IngestTest, SaysThatEventsAreTooOldToBeFound) {
  config_.retention = std::chrono::hours(24);
  const RawResponse old = ingest("{\"_time\":\"2026-01-14T10:29:59Z\"}\n{\"a\":1}\n");
  EXPECT_EQ(old.status, 200);
  EXPECT_THAT(old.body, HasSubstr("1 event is older than the retention of 1d"));
  EXPECT_THAT(ingest("{\"_time\":\"2026-01-14T10:30:00Z\"}").body, Not(HasSubstr("hints")));
}

TEST_F(IngestTest, KnowsTheRetentionOfAnIndex) {
  config_.retention = std::chrono::hours(24);
  config_.index_retention["audit"] = std::chrono::hours(24 * 365);
  const std::string old = "{\"_time\":\"2026-01-14T10:29:59Z\"}";
  EXPECT_THAT(ingest(old).body, HasSubstr("1 event is older than the retention of their index"));
  EXPECT_THAT(ingest(old, "X-Index: audit\r\n").body, Not(HasSubstr("hints")));
}

TEST_F(IngestTest, GivesEveryEventAnIdThatSorts) {
  ingest("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  EXPECT_EQ(rows("| stats dc(_id) AS ids, min(len(_id)) AS n"), "{\"ids\":3,\"n\":26}\n");
  EXPECT_EQ(rows("| sort _id | table a"), "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
}

TEST_F(IngestTest, AnswersARetryAsTheFirstTime) {
  for (const std::string header : {"X-LynxDB-Batch-Id: b1\r\n", "Idempotency-Key: b2\r\n"}) {
    const RawResponse first = ingest("{\"a\":1}\nno json\n", "X-Format: json\r\n" + header);
    const RawResponse again = ingest("{\"a\":1}\nno json\n", "X-Format: json\r\n" + header);
    EXPECT_EQ(first.status, 207);
    EXPECT_EQ(again.status, 207);
    EXPECT_EQ(again.body, first.body);
    const RawResponse other = ingest("{\"a\":2}\n", "X-Format: json\r\n" + header);
    EXPECT_EQ(other.status, 422);
    EXPECT_THAT(other.body, HasSubstr("BATCH_ID_CONFLICT"));
  }
  EXPECT_EQ(store_.events(), 2U);
}

TEST_F(IngestTest, SaysWhenTheStoreIsBusyOrDown) {
  store_.fail_appends(Error{ErrorCode::kOverloaded, "too much is waiting"});
  const RawResponse busy = ingest("{\"a\":1}");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.header("Retry-After"), "1");
  EXPECT_THAT(busy.body, HasSubstr("BACKPRESSURE"));
  // Its clients are asked to wait; who balances load shall not take it away.
  const RawResponse degraded = ask_get("/health");
  EXPECT_EQ(degraded.status, 200);
  EXPECT_EQ(degraded.body, "{\"status\":\"degraded\",\"reason\":\"too much is waiting\"}\n");
  EXPECT_THAT(ask_get("/api/v1/status").body,
              HasSubstr(R"("health":"degraded","health_reason":"too much is waiting")"));
  EXPECT_THAT(ask_get("/metrics").body, HasSubstr("lynxdb_health{state=\"degraded\"} 1\n"));
  store_.fail_appends(Error{ErrorCode::kUnavailable, "the disk is full"});
  EXPECT_EQ(ingest("{\"a\":1}").status, 503);
  EXPECT_EQ(ask_get("/health").status, 503);
  EXPECT_THAT(ask_get("/api/v1/status").body,
              HasSubstr(R"("health":"unhealthy","health_reason":"the disk is full")"));
  EXPECT_THAT(ask_get("/metrics").body, HasSubstr("lynxdb_health{state=\"healthy\"} 0\n"));
  store_.fail_appends(Error{ErrorCode::kOutOfBudget, "an index too many"});
  const RawResponse refused = ingest("{\"a\":1}");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("VALIDATION_ERROR"));
  store_.fail_appends(std::nullopt);
  EXPECT_EQ(ingest("{\"a\":1}").status, 200);
  EXPECT_EQ(ask_get("/health").body, "{\"status\":\"ok\"}\n");
}

TEST_F(IngestTest, LimitsRequestsPerSecond) {
  config_.http.rate_limit = 5;
  int limited = 0;
  for (int i = 0; i < 10; ++i) {
    const RawResponse response = ingest("{\"a\":1}");
    if (response.status == 429) ++limited;
  }
  EXPECT_EQ(limited, 5);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(ingest("{\"a\":1}").status, 200);
}

TEST_F(IngestTest, AnswersWhenTheStoreDoesAndNotBefore) {
  store_.hold_appends();
  testing::RawClient waiting(server().port());
  waiting.send(testing::post("/api/v1/ingest", "{\"a\":1}"));
  EXPECT_EQ(waiting.read_response(false, std::chrono::milliseconds(200)).status, 0);
  store_.release_appends();
  EXPECT_EQ(waiting.read_response().status, 200);
}

// What counts against the limits of the store is the text of events.
TEST(IngestMemory, IsNotHeldByBodiesOfWhichLittleWasTaken) {
  const auto is_kept = [](const std::string& text) {
    auto body = std::make_shared<std::string>(text);
    body->append(kBodyPaddingBytes, '\0');
    const std::weak_ptr<std::string> watch = body;
    event::ParserOptions options;
    options.format = event::Format::kJson;
    event::EventParser parser(options);
    event::ParsedChunk chunk = parser.parse(std::string_view(*body).substr(0, text.size()), body);
    body.reset();
    let_go_of_body(chunk.batch, text.size());
    EXPECT_EQ((*chunk.batch.find("a"))->view(0).as_string(), "bc");
    return !watch.expired();
  };
  const std::string event = "{\"a\":\"bc\"}\n";
  EXPECT_FALSE(is_kept(event + std::string(1000, '\n')));
  EXPECT_FALSE(is_kept(event + std::string(1000, 'x') + "\n"));
  EXPECT_TRUE(is_kept(event + event)) << "copied without need";
}

TEST_F(IngestTest, SurvivesOddJson) {
  std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& body :
       {deep, "{\"a\":" + deep + "}", std::string("{\"\":1}"), std::string("{\"a\":1,\"a\":2}"),
        std::string("{\"a\":\"\\ud800\"}"), std::string("{\"a\":\"\xff\xfe\"}"),
        std::string("{\"a\":1e999}"), std::string("{\"a\":\"\\u0000\"}"),
        std::string(1000, '\0')}) {
    for (const char* type : {kJsonType, "", "Content-Type: text/plain\r\n"}) {
      const int status = ingest(body, type).status;
      EXPECT_TRUE(status == 200 || status == 400) << status;
    }
  }
}

}  // namespace
}  // namespace lynxdb::server
