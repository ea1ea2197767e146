// What clients meet who ask: results in every shape, errors with their place, limits, streams that
// can be trusted to be whole, and work that ends when nobody waits for it.
#include <thread>

#include "server/http/compression.h"
#include "server/testing/api_fixture.h"

namespace lynxdb::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::RawClient;
using testing::RawResponse;
using ::testing::StartsWith;

class QueryTest : public testing::ApiTest {
 protected:
  RawResponse query(const std::string& members, std::string_view headers = "") {
    return ask_post("/api/v1/query", "{" + members + "}", headers);
  }
  bool wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 500; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
};

TEST_F(QueryTest, AnswersEventsNewestFirst) {
  fill(3);
  const RawResponse response = query(R"("q":"level=* | fields n, level")");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body,
              StartsWith(R"({"data":{"type":"events","events":[{"n":2,"level":"info"},)"
                         R"({"n":1,"level":"info"},{"n":0,"level":"error"}],"total":3,)"
                         R"("has_more":false},"meta":{"took_ms":)"));
  EXPECT_THAT(response.body,
              HasSubstr("\"scanned\":3,\"query_id\":\"" + response.header("X-Query-ID") + "\""));
}

TEST_F(QueryTest, AnswersTablesOfAggregates) {
  fill(3);
  EXPECT_THAT(query(R"("q":"| stats count, max(n) AS top by level")").body,
              HasSubstr(R"("type":"aggregate","columns":["level","count","top"],)"
                        R"("rows":[["error",1,0],["info",2,2]],"total_rows":2,"has_more":false)"));
  EXPECT_THAT(query(R"("q":"| timechart span=1m count")").body,
              HasSubstr(R"("type":"timechart","interval":"1m","columns":["_time","count"],)"
                        R"("rows":[["2026-01-15T10:29:00Z",2],["2026-01-15T10:30:00Z",1]])"));
  EXPECT_THAT(query(R"("q":"| xyseries n level n")").body, HasSubstr(R"("type":"aggregate")"));
}

TEST_F(QueryTest, AnswersNothing) {
  EXPECT_THAT(query(R"("q":"nothing")").body,
              HasSubstr(R"("events":[],"total":0,"has_more":false)"));
  EXPECT_THAT(query(R"("q":"| stats count by x")").body, HasSubstr(R"("rows":[],"total_rows":0)"));
  EXPECT_EQ(rows("nothing"), "");
}

TEST_F(QueryTest, PagesThroughRows) {
  fill(10);
  const RawResponse page = query(R"("q":"| fields n","limit":3,"offset":2)");
  EXPECT_THAT(page.body,
              HasSubstr(R"("events":[{"n":7},{"n":6},{"n":5}],"total":null,"has_more":true)"));
  EXPECT_THAT(query(R"("q":"| fields n","limit":3,"offset":8)").body,
              HasSubstr(R"([{"n":1},{"n":0}],"total":10,"has_more":false)"));
  EXPECT_THAT(query(R"("q":"| stats count by n","limit":1,"offset":1)").body,
              HasSubstr(R"("rows":[[1,1]],"total_rows":10,"has_more":true)"));
  EXPECT_THAT(query(R"("q":"| fields n","limit":0)").body, HasSubstr(R"("events":[])"));
  EXPECT_THAT(query(R"("q":"| fields n","limit":3,"offset":18446744073709551615)").body,
              HasSubstr("must be a whole number"));
  EXPECT_THAT(query(R"("q":"| fields n","limit":3,"offset":9223372036854775807)").body,
              HasSubstr(R"("events":[],"total":10,"has_more":false)"));
}

TEST_F(QueryTest, LimitsRows) {
  config_.query.default_result_limit = 2;
  config_.query.max_result_limit = 4;
  fill(10);
  EXPECT_EQ(rows("| fields n"), "{\"n\":9}\n{\"n\":8}\n");
  const RawResponse capped = query(R"("q":"| fields n","limit":100)");
  EXPECT_THAT(capped.body, AllOf(HasSubstr("{\"n\":6}]"), HasSubstr("\"has_more\":true")));
}

TEST_F(QueryTest, PrintsEveryFormat) {
  fill(2);
  EXPECT_EQ(rows("| fields n, level"),
            "{\"n\":1,\"level\":\"info\"}\n{\"n\":0,\"level\":\"error\"}\n");
  EXPECT_EQ(query(R"("q":"| table n, level","format":"csv")").body, "n,level\n1,info\n0,error\n");
  EXPECT_EQ(query(R"("q":"| table n, level","format":"tsv")").body,
            "n\tlevel\n1\tinfo\n0\terror\n");
  EXPECT_THAT(query(R"("q":"n=1","format":"raw")").body, HasSubstr("\"n\":1"));
  EXPECT_EQ(query(R"("q":"n=1","format":"csv")").header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_THAT(query(R"("q":"n=1","format":"cvs")").body, HasSubstr("did you mean csv?"));
}

TEST_F(QueryTest, TakesParametersOfGet) {
  fill(5);
  EXPECT_THAT(ask_get("/api/v1/query?q=n%3E%3D3+%7C+stats+count&limit=5").body,
              HasSubstr("\"rows\":[[2]]"));
  EXPECT_EQ(ask_get("/api/v1/query?q=n%3D3%7Ctable+n&format=csv").body, "n\n3\n");
  EXPECT_EQ(ask_get("/api/v1/query").status, 400);
  EXPECT_EQ(ask_get("/api/v1/query?q=x&limit=many").status, 400);
  EXPECT_THAT(ask_get("/api/v1/query?q=x&limt=5").body, HasSubstr("did you mean limit?"));
}

TEST_F(QueryTest, NarrowsTheTimeRange) {
  fill(10);
  EXPECT_THAT(query(R"("q":"| stats count","from":"-5s","to":"now")").body, HasSubstr("[[5]]"));
  EXPECT_THAT(query(R"("q":"| stats count","earliest":"2026-01-15T10:29:58Z")").body,
              HasSubstr("[[3]]"));
  EXPECT_THAT(query(R"("q":"| stats count","from":1768473000)").body, HasSubstr("[[1]]"));
  EXPECT_EQ(query(R"("q":"x","from":"soon")").status, 400);
  EXPECT_EQ(query(R"("q":"x","from":"now","to":"-1h")").status, 400);
}

TEST_F(QueryTest, SaysWhereAQueryIsWrong) {
  const RawResponse response = query(R"("q":"level=error | staats count")");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(
      response.body,
      AllOf(HasSubstr(R"("code":"INVALID_QUERY")"), HasSubstr(R"("suggestion":"stats")"),
            HasSubstr(R"("position":14,"length":6)"), HasSubstr(R"("details":{"errors":[)")));
  EXPECT_THAT(query(R"("q":"| where count(x) > 5")").body, HasSubstr("INVALID_QUERY"));
}

TEST_F(QueryTest, ChecksTheRequest) {
  EXPECT_THAT(ask_post("/api/v1/query", "no json").body, HasSubstr("INVALID_JSON"));
  EXPECT_THAT(ask_post("/api/v1/query", "[]").body, HasSubstr("INVALID_JSON"));
  EXPECT_THAT(ask_post("/api/v1/query", "").body, HasSubstr("INVALID_JSON"));
  EXPECT_THAT(query("").body, AllOf(HasSubstr("VALIDATION_ERROR"), HasSubstr("q is missing")));
  EXPECT_THAT(query(R"("q":"x","limt":5)").body, HasSubstr("did you mean limit?"));
  EXPECT_EQ(query(R"("q":5)").status, 400);
  EXPECT_EQ(query(R"("q":["x"])").status, 400);
  EXPECT_EQ(query(R"("q":"x","limit":-1)").status, 400);
  EXPECT_EQ(query(R"("q":"x","limit":1.5)").status, 400);
  EXPECT_EQ(query(R"("q":"x","limit":null)").status, 200);
  EXPECT_EQ(query(R"("q":"x","wait":0)").status, 400);
  EXPECT_EQ(query("\"q\":\"" + std::string(300'000, 'x') + "\"").status, 400);
  EXPECT_EQ(ask_post("/api/v1/query", std::string(2'000'000, ' ')).status, 413);
}

TEST_F(QueryTest, GivesHints) {
  fill(1);
  EXPECT_THAT(query(R"("q":"index=main level=error")").body, HasSubstr("\"hints\":["));
}

TEST_F(QueryTest, EndsAfterItsTime) {
  config_.query.sync_timeout = 100ms;
  fill(1);
  store_.slow_down(10s);
  const auto start = std::chrono::steady_clock::now();
  const RawResponse response = query(R"("q":"x")");
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.body, HasSubstr("QUERY_TIMEOUT"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_EQ(query(R"("q":"x","wait":0.05)").status, 408);
}

TEST_F(QueryTest, EndsWhenItsClientLeaves) {
  fill(1);
  store_.slow_down(60s);
  auto client = std::make_unique<RawClient>(server().port());
  client->send(testing::post("/api/v1/query", R"({"q":"x"})"));
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 1; }));
  const auto left = std::chrono::steady_clock::now();
  client.reset();
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 0; }));
  EXPECT_LT(std::chrono::steady_clock::now() - left, 500ms);
}

TEST_F(QueryTest, QueuesAFewAndRefusesTheRest) {
  config_.query.max_concurrent = 1;
  config_.query.max_queued = 1;
  config_.query.sync_timeout = 10s;
  fill(1);
  store_.slow_down(60s);
  RawClient running(server().port());
  running.send(testing::post("/api/v1/query", R"({"q":"x"})"));
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 1; }));
  RawClient waiting(server().port());
  waiting.send(testing::post("/api/v1/query", R"({"q":"x","wait":0.3})"));
  ASSERT_TRUE(wait_until([&] {
    return ask_get("/metrics").body.find("lynxdb_queries_waiting 1") != std::string::npos;
  }));
  const RawResponse refused = query(R"("q":"x")");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("TOO_MANY_QUERIES"));
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(waiting.read_response().status, 429);  // Its time passed in the queue.
  running.close();
  store_.slow_down(0ms);
  EXPECT_TRUE(wait_until([&] { return query(R"("q":"x")").status == 200; }));
}

TEST_F(QueryTest, LeavesTheQueueWithItsClient) {
  config_.query.max_concurrent = 1;
  config_.query.max_queued = 1;
  fill(1);
  store_.slow_down(60s);
  RawClient running(server().port());
  running.send(testing::post("/api/v1/query", R"({"q":"x"})"));
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 1; }));
  const auto waiting_is = [&](int n) {
    return ask_get("/metrics").body.find("lynxdb_queries_waiting " + std::to_string(n)) !=
           std::string::npos;
  };
  auto waiting = std::make_unique<RawClient>(server().port());
  waiting->send(testing::post("/api/v1/query", R"({"q":"x"})"));
  ASSERT_TRUE(wait_until([&] { return waiting_is(1); }));
  waiting.reset();
  EXPECT_TRUE(wait_until([&] { return waiting_is(0); }));
}

TEST_F(QueryTest, RefusesMoreMemoryThanItMayHave) {
  config_.query.max_query_memory_bytes = 1U << 20U;
  config_.query.max_temp_dir_bytes = 1;
  fill(100);
  std::string lines;
  for (int i = 0; i < 30'000; ++i)
    lines += "{\"k\":\"" + std::to_string(i) + std::string(100, 'x') + "\"}\n";
  ASSERT_EQ(ingest(lines).status, 200);
  const RawResponse response = query(R"("q":"| stats count by k")");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("QUERY_MEMORY_EXCEEDED"));
}

// --- Streams

TEST_F(QueryTest, StreamsAllRowsAndSaysThatItIsWhole) {
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "{\"n\":" + std::to_string(i) + "}\n";
  ASSERT_EQ(ingest(lines).status, 200);
  const RawResponse response = ask_post("/api/v1/query/stream", R"({"q":"n=* | fields n"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(std::ranges::count(response.body, '\n'), 20'001);
  EXPECT_THAT(response.body.substr(response.body.size() - 120),
              MatchesRegex("(.|\n)*\n\\{\"__meta\":\\{\"total\":20000,\"scanned\":20000,\"took_"
                           "ms\":[0-9]+\\}\\}\n"));
}

TEST_F(QueryTest, StreamsPackedWhenAsked) {
  fill(50);
  const RawResponse response =
      ask_post("/api/v1/query/stream", R"({"q":"| fields n"})", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(response.header("Content-Encoding"), "gzip");
  EXPECT_THAT(unpack(response.body, ContentCoding::kGzip, 1U << 20U, 0).value(),
              AllOf(StartsWith("{\"n\":49}\n"), HasSubstr("\"total\":50")));
}

TEST_F(QueryTest, StreamsTakeNoLimits) {
  for (const char* member : {"\"limit\":5", "\"offset\":5", "\"wait\":5"})
    EXPECT_EQ(ask_post("/api/v1/query/stream", "{\"q\":\"x\"," + std::string(member) + "}").status,
              400);
  EXPECT_EQ(ask_post("/api/v1/query/stream", R"({"q":"| staats"})").status, 400);
}

TEST_F(QueryTest, StreamsEndWithAnErrorThatCameLate) {
  config_.query.max_query_runtime = 300ms;
  fill(1);
  store_.slow_down(10s);
  const RawResponse response = ask_post("/api/v1/query/stream", R"({"q":"x"})");
  EXPECT_THAT(response.body, HasSubstr(R"({"__error":{"code":"QUERY_TIMEOUT")"));
}

TEST_F(QueryTest, StreamsEndWhenTheirClientLeaves) {
  fill(1);
  store_.slow_down(60s);
  auto client = std::make_unique<RawClient>(server().port());
  client->send(testing::post("/api/v1/query/stream", R"({"q":"x"})"));
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 1; }));
  client.reset();
  EXPECT_TRUE(wait_until([&] { return store_.open_sources() == 0; }));
}

TEST_F(QueryTest, StopsWithQueriesRunning) {
  fill(1);
  store_.slow_down(60s);
  RawClient client(server().port());
  client.send(testing::post("/api/v1/query", R"({"q":"x","wait":60})"));
  ASSERT_TRUE(wait_until([&] { return store_.open_sources() == 1; }));
  const auto start = std::chrono::steady_clock::now();
  server().stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_EQ(store_.open_sources(), 0);
}

// --- The other questions

TEST_F(QueryTest, ExplainsWithoutRunning) {
  fill(5);
  const RawResponse response =
      ask_get("/api/v1/query/explain?q=level%3Derror+%7C+stats+count+by+n");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, AllOf(HasSubstr("\"is_valid\":true"), HasSubstr("\"type\":\"stats\""),
                                   HasSubstr("\"result_type\":\"aggregate\""),
                                   HasSubstr("\"fields_produced\":[\"n\",\"count\"]"),
                                   HasSubstr("\"shard\":["), Not(HasSubstr("execution"))));
  const RawResponse wrong = ask_get("/api/v1/query/explain?q=%7C+staats");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_THAT(wrong.body,
              AllOf(HasSubstr("\"is_valid\":false"), HasSubstr("\"suggestion\":\"stats\"")));
  EXPECT_THAT(ask_get("/api/v1/query/explain?q=level%3Derror&analyze=true").body,
              AllOf(HasSubstr("\"execution\":{\"rows\":2"), HasSubstr("\"rows_in\"")));
}

TEST_F(QueryTest, CountsPerInterval) {
  fill(90);
  const RawResponse response = ask_get("/api/v1/histogram?from=-2m&to=now&buckets=10");
  EXPECT_THAT(
      response.body,
      HasSubstr(R"("interval":"30s","buckets":[{"time":"2026-01-15T10:28:00Z","count":0},)"
                R"({"time":"2026-01-15T10:28:30Z","count":29},{"time":"2026-01-15T10:29:00Z",)"
                R"("count":30},{"time":"2026-01-15T10:29:30Z","count":30}],"total":89)"));
  EXPECT_THAT(ask_get("/api/v1/histogram?from=-2m&q=level%3Derror+%7C+stats+count").body,
              HasSubstr("\"total\":30"));
  EXPECT_THAT(ask_get("/api/v1/histogram").body, HasSubstr("\"interval\":\"1m\""));
  EXPECT_EQ(ask_get("/api/v1/histogram?buckets=0").status, 400);
  EXPECT_EQ(ask_get("/api/v1/histogram?q=%7C+staats").status, 400);
  EXPECT_EQ(ask_get("/api/v1/histogram?from=2000-01-01&buckets=5").status, 400);
}

TEST_F(QueryTest, ListsFields) {
  fill(6);
  const RawResponse response = ask_get("/api/v1/fields?prefix=l");
  EXPECT_THAT(
      response.body,
      HasSubstr(R"("fields":[{"name":"level","type":"string","count":6,"coverage":1,)"
                R"("top_values":[{"value":"info","count":4},{"value":"error","count":2}]}])"));
  EXPECT_THAT(
      ask_get("/api/v1/fields?prefix=n").body,
      AllOf(HasSubstr("\"min\":0,\"max\":5,\"avg\":2.5"), HasSubstr("\"type\":\"integer\"")));
  EXPECT_THAT(ask_get("/api/v1/fields?source=nobody").body, HasSubstr("\"fields\":[]"));
}

TEST_F(QueryTest, ListsHavePagesAndLines) {
  fill(3);
  ingest("{\"a\":1}", "X-Source: other\r\n");
  const std::string lines = "Accept: application/x-ndjson\r\n";
  const std::string all = ask_get("/api/v1/sources", lines).body;
  EXPECT_EQ(std::ranges::count(all, '\n'), 2);
  EXPECT_THAT(all, StartsWith("{\"name\":\"app\""));
  EXPECT_THAT(ask_get("/api/v1/sources?limit=1&offset=1", lines).body,
              StartsWith("{\"name\":\"other\""));
  EXPECT_THAT(ask_get("/api/v1/sources?offset=5").body, HasSubstr("\"sources\":[]"));
  EXPECT_THAT(ask_get("/api/v1/fields?limit=1").body, Not(HasSubstr("},{\"name\"")));
  EXPECT_EQ(std::ranges::count(ask_get("/api/v1/indexes", lines).body, '\n'), 1);
  EXPECT_EQ(ask_get("/api/v1/indexes?limit=x").status, 400);
}

TEST_F(QueryTest, ListsValues) {
  fill(6);
  EXPECT_THAT(ask_get("/api/v1/fields/level/values?limit=1").body,
              HasSubstr(R"("field":"level","type":"string","values":[{"value":"info","count":4,)"
                        R"("percent":66.66666666666667}],"unique_count":2,"total_count":6)"));
  EXPECT_THAT(ask_get("/api/v1/fields/none/values").body,
              HasSubstr("\"values\":[],\"unique_count\":0"));
  EXPECT_EQ(ask_get("/api/v1/fields/a%60b/values").status, 400);
}

TEST_F(QueryTest, ListsSourcesAndIndexes) {
  fill(11);
  ingest("{\"a\":1}", "X-Source: other\r\nX-Index: shop\r\n");
  EXPECT_THAT(
      ask_get("/api/v1/sources").body,
      AllOf(HasSubstr(R"({"name":"app","event_count":11,"first_event":"2026-01-15T10:29:50Z",)"
                      R"("last_event":"2026-01-15T10:30:00Z","rate":1.1)"),
            HasSubstr("\"name\":\"other\"")));
  EXPECT_THAT(ask_get("/api/v1/sources?pattern=o*").body, Not(HasSubstr("\"app\"")));
  EXPECT_THAT(ask_get("/api/v1/sources?index=shop").body, Not(HasSubstr("\"app\"")));
  EXPECT_THAT(ask_get("/api/v1/indexes").body, HasSubstr(R"("name":"shop","event_count":1)"));
}

TEST_F(QueryTest, TellsHowItIs) {
  fill(3);
  EXPECT_THAT(ask_get("/api/v1/stats").body,
              AllOf(HasSubstr("\"total_events\":3,\"events_total\":3,\"events_today\":3"),
                    HasSubstr(R"("sources":[{"name":"app","count":3}])"),
                    HasSubstr(R"("newest_event":"2026-01-15T10:30:00Z")")));
  EXPECT_THAT(ask_get("/api/v1/stats", "Accept: text/plain\r\n").body,
              StartsWith("# HELP lynxdb_"));
  EXPECT_THAT(ask_get("/api/v1/status").body,
              AllOf(HasSubstr("\"version\":\"1.2.3\""), HasSubstr("\"health\":\"healthy\""),
                    HasSubstr("\"max_concurrent\":10")));
  const RawResponse metrics = ask_get("/metrics");
  EXPECT_EQ(metrics.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body,
              AllOf(HasSubstr("\nlynxdb_ingest_events_total 3\n"), HasSubstr("le=\"+Inf\"} "),
                    HasSubstr("# TYPE lynxdb_query_duration_seconds histogram"), EndsWith("\n")));
}

TEST_F(QueryTest, HealthSaysWhenItStops) {
  EXPECT_EQ(ask_get("/health").status, 200);
  EXPECT_EQ(ask_get("/api/v1/health").status, 200);
  server().begin_shutdown();
  const RawResponse response = ask_get("/health");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("shutting down"));
  EXPECT_EQ(ask_get("/api/v1/status").status, 503);
}

TEST_F(QueryTest, IgnoresASmallBodyWhereNoneIsExpected) {
  const auto asked = [&](std::size_t bytes) {
    return ask("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) +
               "\r\n\r\n" + std::string(bytes, '{'));
  };
  EXPECT_EQ(asked(2).status, 200);
  const RawResponse refused = asked(100'000);
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, Not(HasSubstr("max_body_size")));
}

TEST_F(QueryTest, RefusesParametersThatNobodyWouldReadOnEveryRouteOfItsOwn) {
  fill(1);
  for (const std::string route : {"query", "query/explain", "histogram", "fields",
                                  "fields/n/values", "sources", "indexes", "stats", "status"}) {
    const RawResponse response = ask_get("/api/v1/" + route + "?nosuch=1");
    EXPECT_EQ(response.status, 400) << route;
    EXPECT_THAT(response.body, HasSubstr("unknown parameter 'nosuch'")) << route;
  }
  for (const std::string route : {"query", "query/stream", "ingest", "ingest/raw"})
    EXPECT_EQ(ask_post("/api/v1/" + route + "?nosuch=1", "{\"q\":\"*\"}").status, 400) << route;
  EXPECT_EQ(ask_post("/api/v1/ingest?surce=a", "{}").status, 400);
  EXPECT_EQ(ask_get("/health?probe=1").status, 200);
  EXPECT_EQ(store_.events(), 1U);
}

TEST_F(QueryTest, RefusesWhatIsSaidTwice) {
  for (const std::string twice : {"q=a&q=b", "q=a&query=a", "q=a&from=-1h&earliest=-2h"})
    EXPECT_EQ(ask_get("/api/v1/query?" + twice).status, 400) << twice;
  for (const std::string twice :
       {R"({"q":"a","q":"b"})", R"({"q":"a","query":"b"})", R"({"q":"a","to":"now","latest":1})"}) {
    const RawResponse response = ask_post("/api/v1/query", twice);
    EXPECT_EQ(response.status, 400) << twice;
    EXPECT_THAT(response.body, HasSubstr("VALIDATION_ERROR")) << twice;
  }
}

TEST_F(QueryTest, NamesTheColumnsOfAllRowsOfATableNotOnlyOfThePage) {
  fill(5);
  const std::string query = "stats count by n | append [stats avg(n) AS middle]";
  for (const char* limit : {"1", "100"})
    EXPECT_THAT(
        ask_post("/api/v1/query", "{\"q\":" + json(query) + ",\"limit\":" + limit + "}").body,
        HasSubstr(R"("columns":["n","count","middle"])"))
        << limit;
}

TEST_F(QueryTest, RefusesMoreValuesThanThereMayBe) {
  fill(1);
  EXPECT_EQ(ask_get("/api/v1/fields/n/values?limit=100").status, 200);
  EXPECT_EQ(ask_get("/api/v1/fields/n/values?limit=101").status, 400);
  EXPECT_EQ(ask_get("/api/v1/fields?limit=500").status, 200);
  EXPECT_EQ(ask_get("/api/v1/histogram?buckets=1001").status, 400);
}

TEST_F(QueryTest, SaysThatFieldsAreThoseOfTheNewestEvents) {
  std::string lines = R"({"_time":"2026-01-01T00:00:00Z","old":1})";
  for (int i = 0; i < 100'000; ++i) lines += "\n{}";
  ASSERT_EQ(ingest(lines).status, 200);
  const std::string body = ask_get("/api/v1/fields").body;
  EXPECT_THAT(body, AllOf(HasSubstr(R"("approximate":true,"sampled_events":100000)"),
                          HasSubstr("newest 100000 of 100001 events")));
  EXPECT_THAT(body, Not(HasSubstr("\"name\":\"old\"")));
  EXPECT_THAT(ask_get("/api/v1/fields?to=2026-01-02T00:00:00Z").body,
              AllOf(HasSubstr("\"name\":\"old\""), Not(HasSubstr("approximate"))));
}

TEST_F(QueryTest, TakesNewLimitsWhileItRuns) {
  fill(10);
  config::ServerConfig fresh = config_;
  fresh.query.default_result_limit = 1;
  ASSERT_TRUE(server().reload(fresh).has_value());
  EXPECT_EQ(rows("| fields n"), "{\"n\":9}\n");
}

}  // namespace
}  // namespace lynxdb::server
