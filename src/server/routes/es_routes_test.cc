// What Elasticsearch's clients expect: an item for each action, in order, with the status that they
// act on; documents stored once per id; the small answers without which they do not start.
#include "server/http/compression.h"
#include "server/testing/api_fixture.h"

namespace lynxdb::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::RawResponse;

class EsTest : public testing::ApiTest {
 protected:
  RawResponse bulk(const std::string& body, const std::string& path = "/_bulk",
                   std::string_view headers = "Content-Type: application/x-ndjson\r\n") {
    return ask_post(path, body, headers);
  }
};

TEST_F(EsTest, StoresDocuments) {
  const RawResponse response = bulk(
      "{\"index\":{\"_index\":\"web\"}}\n{\"msg\":\"one\",\"@timestamp\":\"2026-01-15T10:00:00Z\"}"
      "\n"
      "{ \"create\" : { \"_index\" : \"app\", \"_type\" : \"_doc\" } }\r\n{\"msg\":\"two\"}\r\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(
      response.body,
      MatchesRegex(R"(\{"took":[0-9]+,"errors":false,"items":\[\{"index":\{"_index":"web",)"
                   R"("_id":"[0-9A-Z]{26}","_version":1,"result":"created",.*"status":201\}\},)"
                   R"(\{"create":\{"_index":"app".*\}\}\]\})"));
  EXPECT_EQ(rows("| sort msg | table msg, _source, _index, _time"),
            "{\"msg\":\"one\",\"_source\":\"web\",\"_index\":\"main\",\"_time\":\"2026-01-15T10:00:"
            "00Z\"}\n"
            "{\"msg\":\"two\",\"_source\":\"app\",\"_index\":\"main\",\"_time\":\"2026-01-15T10:30:"
            "00Z\"}\n");
}

TEST_F(EsTest, HasItsRoutesInThreePlaces) {
  const std::string body = "{\"index\":{}}\n{\"a\":1}\n";
  for (const char* path : {"/logs/_bulk", "/api/v1/es/logs/_bulk", "/api/v1/ingest/logs/_bulk"})
    EXPECT_THAT(bulk(body, path).body, HasSubstr("\"_index\":\"logs\"")) << path;
  const std::string named = "{\"index\":{\"_index\":\"n\"}}\n{\"a\":1}\n";
  for (const char* path :
       {"/_bulk", "/api/v1/es/_bulk", "/api/v1/ingest/_bulk", "/api/v1/ingest/bulk"})
    EXPECT_THAT(bulk(named, path).body, HasSubstr("\"errors\":false")) << path;
  EXPECT_EQ(store_.events(), 7U);
}

TEST_F(EsTest, AnswersForEachItemInOrder) {
  const RawResponse response = bulk(
      "{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"x\":1}\n"
      "{\"delete\":{\"_index\":\"a\",\"_id\":\"2\"}}\n"
      "{\"update\":{\"_index\":\"a\",\"_id\":\"3\"}}\n{\"doc\":{}}\n"
      "{\"index\":{\"_index\":\"a\",\"_id\":\"4\"}}\nnot json\n"
      "{\"index\":{\"_id\":\"5\"}}\n{\"x\":5}\n"
      "{\"index\":{\"_index\":\"a\",\"_id\":\"6\"}}\n[1]\n"
      "{\"create\":{\"_index\":\"a\",\"_id\":\"7\"}}\n{\"x\":7}\n");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"errors\":true"));
  std::vector<std::string> statuses;
  for (std::size_t at = response.body.find("\"status\":"); at != std::string::npos;
       at = response.body.find("\"status\":", at + 1))
    statuses.push_back(response.body.substr(at + 9, 3));
  EXPECT_THAT(statuses, ::testing::ElementsAre("201", "400", "400", "400", "400", "400", "201"));
  EXPECT_EQ(rows("| stats values(x) AS x"), "{\"x\":[1,7]}\n");
}

TEST_F(EsTest, KeepsCountOfMoreErrorsThanTheParserLists) {
  std::string body;
  for (int i = 0; i < 1000; ++i)
    body +=
        "{\"index\":{\"_index\":\"a\"}}\n" + std::string(i % 4 == 0 ? "{\"i\":1}\n" : "broken\n");
  const RawResponse response = bulk(body);
  std::size_t created = 0;
  for (std::size_t at = response.body.find("\"status\":201"); at != std::string::npos;
       at = response.body.find("\"status\":201", at + 1))
    ++created;
  EXPECT_EQ(created, 250U);
  EXPECT_EQ(store_.events(), 250U);
}

TEST_F(EsTest, KeepsItemsApartWhateverTheirDocumentsBeginWith) {
  const std::string good = "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n";
  const std::string head = "{\"index\":{\"_index\":\"a\"}}\n";
  for (const std::string& document :
       {std::string("[{\"x\":2}]"), std::string("\xef\xbb\xbf"), std::string(3, '\0'),
        std::string("\x01\x02"), std::string("\"text\""), std::string("\xff{}")}) {
    const std::uint64_t before = store_.events();
    const RawResponse response = bulk(head + document + "\n" + good);
    EXPECT_THAT(response.body, MatchesRegex(".*\"status\":400.*\"status\":201.*"));
    EXPECT_EQ(store_.events() - before, 1U);
  }
}

TEST_F(EsTest, StoresEachIdOnce) {
  const std::string index = "{\"index\":{\"_index\":\"a\",\"_id\":\"one\"}}\n{\"x\":1}\n";
  const std::string create = "{\"create\":{\"_index\":\"a\",\"_id\":\"one\"}}\n{\"x\":1}\n";
  EXPECT_THAT(bulk(index).body, HasSubstr("\"status\":201"));
  EXPECT_THAT(bulk(index).body, AllOf(HasSubstr("\"status\":200"), HasSubstr("\"errors\":false")));
  EXPECT_THAT(bulk(create).body,
              AllOf(HasSubstr("\"status\":409"), HasSubstr("version_conflict_engine_exception")));
  EXPECT_EQ(rows("| table _id, x"), "{\"_id\":\"one\",\"x\":1}\n");
}

TEST_F(EsTest, KeepsIdsOfDifferentIndexesApart) {
  const std::string a = "{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"x\":1}\n";
  const std::string b = "{\"create\":{\"_index\":\"b\",\"_id\":\"1\"}}\n{\"x\":2}\n";
  EXPECT_THAT(bulk(a + b + a).body,
              MatchesRegex(".*\"status\":201.*\"status\":201.*\"status\":409.*"));
  EXPECT_EQ(bulk(a, "/_bulk", "X-Index: other\r\n").status, 200);
  EXPECT_EQ(rows("FROM main | sort x | table _id, x"),
            "{\"_id\":\"1\",\"x\":1}\n{\"_id\":\"1\",\"x\":2}\n");
  EXPECT_EQ(rows("FROM other | table _id, x"), "{\"_id\":\"1\",\"x\":1}\n");
}

TEST_F(EsTest, StoresABatchOnceAndNamesTheSameIdsInItsRetry) {
  const std::string body =
      "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n"
      "{\"index\":{\"_index\":\"a\",\"_id\":\"mine\"}}\n{\"x\":2}\n";
  const std::string headers = "X-LynxDB-Batch-Id: b-1\r\n";
  const auto items = [](const std::string& answer) {
    return answer.substr(answer.find("\"errors"));
  };
  const std::string first = items(bulk(body, "/_bulk", headers).body);
  EXPECT_THAT(first, MatchesRegex(".*\"_id\":\"[0-9A-Z]{26}\".*\"_id\":\"mine\".*"));
  EXPECT_EQ(items(bulk(body, "/_bulk", headers).body), first);
  EXPECT_EQ(store_.events(), 2U);
  const std::string other = items(bulk(body, "/_bulk", "X-LynxDB-Batch-Id: b-2\r\n").body);
  EXPECT_THAT(other, MatchesRegex(".*\"_id\":\"[0-9A-Z]{26}\".*"));
  EXPECT_NE(other, first);
}

TEST_F(EsTest, RefusesActionsThatItCannotRead) {
  for (const std::string body :
       {"", "\n", "no json\n{}\n", "{}\n{}\n", "[]\n{}\n", "{\"index\":1}\n{}\n",
        "{\"put\":{\"_index\":\"a\"}}\n{}\n", "{\"index\":{},\"create\":{}}\n{}\n",
        "{\"index\":{\"_index\":\"a\"}}"}) {
    const RawResponse response = bulk(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body,
                AllOf(HasSubstr("\"error\":{\"root_cause\":[{"), HasSubstr("\"status\":400")));
  }
  EXPECT_EQ(store_.events(), 0U);
}

TEST_F(EsTest, SaysWhenItIsBusy) {
  store_.fail_appends(Error{ErrorCode::kOverloaded, "full"});
  const RawResponse response = bulk("{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_THAT(response.body, HasSubstr("es_rejected_execution_exception"));
}

// rsyslog reads the items and nothing else.
TEST_F(EsTest, SaysOfEachItemThatItIsBusy) {
  store_.fail_appends(Error{ErrorCode::kOverloaded, "full"});
  const RawResponse response = bulk(
      "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n{\"delete\":{\"_index\":\"a\",\"_id\":\"2\"}}\n"
      "{\"create\":{\"_index\":\"a\",\"_id\":\"3\"}}\n{\"x\":3}\n");
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.body,
              MatchesRegex(".*\"errors\":true,\"error\":\\{.*\\},\"status\":429,\"items\":\\["
                           ".*\"status\":429.*\"status\":400.*\"status\":429.*\\]\\}"));
}

TEST_F(EsTest, SaysOfEachItemThatTheRequestWasOneTooMany) {
  config_.http.rate_limit = 1;
  const std::string body =
      "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n{\"create\":{\"_index\":\"a\",\"_id\":\"3\"}}\n{}"
      "\n";
  ASSERT_EQ(bulk(body).status, 200);
  const RawResponse response = bulk(body);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_EQ(response.header("X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(
      response.body,
      MatchesRegex(".*\"errors\":true,\"error\":\\{.*\\},\"status\":429,\"items\":\\["
                   "\\{\"index\":\\{\"_index\":\"a\",\"_id\":null,\"status\":429,.*"
                   "\\{\"create\":\\{\"_index\":\"a\",\"_id\":\"3\",\"status\":429,.*\\]\\}"));
  EXPECT_THAT(response.body, HasSubstr("more than 1 requests a second"));
  EXPECT_EQ(ask_post("/a/_doc", "{\"x\":2}").status, 429);
  EXPECT_EQ(bulk("no action\n").status, 429);
  EXPECT_EQ(store_.events(), 2U);
}

TEST_F(EsTest, SaysOfEachItemInAPackedBodyThatTheRequestWasOneTooMany) {
  config_.http.rate_limit = 1;
  const std::string body = gzip("{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n");
  ASSERT_EQ(bulk(body, "/_bulk", "Content-Encoding: gzip\r\n").status, 200);
  const RawResponse response = bulk(body, "/_bulk", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(response.status, 429);
  EXPECT_THAT(response.body, HasSubstr("\"items\":[{\"index\":{\"_index\":\"a\""));
}

TEST_F(EsTest, SaysOfEachItemThatTheBodyIsTooLarge) {
  config_.ingest.max_body_bytes = 1000;
  const std::string action = R"({"create":{"_index":"a","_id":"3"}})";
  const std::string body = action + "\n{\"x\":\"" + std::string(2000, 'x') + "\"}\n";
  const auto expect = [](const RawResponse& response) {
    EXPECT_EQ(response.status, 413);
    EXPECT_THAT(response.body,
                AllOf(HasSubstr("larger than 1000 bytes"),
                      HasSubstr(R"("items":[{"create":{"_index":"a","_id":"3","status":413,)")));
  };
  expect(bulk(body));
  expect(bulk(gzip(body), "/_bulk", "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(bulk(std::string(20'000, 'x')).status, 413);
  EXPECT_EQ(ask_post("/a/_doc", body).status, 413);
  EXPECT_EQ(store_.events(), 0U);
}

TEST_F(EsTest, SaysTheSameOfEachItemWhenABatchIsSentAgain) {
  bulk("{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{}\n");
  const std::string body =
      "{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{}\n"
      "{\"create\":{\"_index\":\"a\",\"_id\":\"2\"}}\n{}\n";
  const std::string headers = "X-LynxDB-Batch-Id: b-1\r\n";
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(bulk(body, "/_bulk", headers).body,
                MatchesRegex(".*\"status\":409.*\"status\":201.*"));
}

TEST_F(EsTest, HangsUpWhenItStops) {
  testing::RawClient kept = client();
  const std::string body = "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n";
  ASSERT_EQ(kept.ask(testing::post("/_bulk", body)).status, 200);
  server().begin_shutdown();
  EXPECT_EQ(kept.ask(testing::post("/_bulk", body)).status, 0);
  EXPECT_EQ(ask_post("/a/_doc", "{\"x\":2}").status, 0);
  EXPECT_EQ(ask_get("/_license").status, 503);
  EXPECT_EQ(store_.events(), 1U);
}

TEST_F(EsTest, TellsInTheirWordsThatABodyCannotBeUnpacked) {
  const RawResponse response = bulk("broken", "/_bulk", "Content-Encoding: br\r\n");
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.header("X-Elastic-Product"), "Elasticsearch");
  EXPECT_THAT(response.body, HasSubstr("\"root_cause\""));
  EXPECT_EQ(bulk("broken", "/_bulk", "Content-Encoding: gzip\r\n").status, 400);
}

TEST_F(EsTest, TakesWhatShippersSendCarelessly) {
  const std::string good = "{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}";
  EXPECT_THAT(bulk(good, "/_bulk", "Content-Type: text/plain\r\n").body,
              HasSubstr("\"errors\":false"));
  EXPECT_THAT(bulk("\n" + good + "\n\n", "/_bulk", "").body, HasSubstr("\"errors\":false"));
  const std::string huge = "{\"m\":\"" + std::string(2'000'000, 'x') + "\"}\n";
  EXPECT_THAT(bulk("{\"index\":{\"_index\":\"a\"}}\n" + huge + good).body,
              MatchesRegex(".*\"status\":413.*\"status\":201.*"));
  EXPECT_THAT(bulk("\xef\xbb\xbf" + good).body, HasSubstr("\"errors\":false"));
  EXPECT_EQ(ask_post("/a/_doc", "\xef\xbb\xbf{\"x\":2}").status, 201);
  EXPECT_EQ(store_.events(), 5U);
}

TEST_F(EsTest, StoresSingleDocuments) {
  EXPECT_THAT(
      ask_post("/logs/_doc", "{\"x\":1}").body,
      MatchesRegex(R"(\{"_index":"logs","_id":"[0-9A-Z]{26}","_version":1,"result":"created"\})"));
  EXPECT_EQ(ask_post("/logs/_doc/7", "{\"x\":2}").status, 201);
  EXPECT_EQ(
      ask("PUT /logs/_doc/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"x\":3}").status,
      200);
  EXPECT_EQ(ask_post("/logs/_create/7", "{\"x\":4}").status, 409);
  EXPECT_EQ(ask_post("/logs/_doc", "{\n  \"x\": 2\n}\n").status, 201);
  EXPECT_EQ(ask_post("/logs/_doc", "{\"x\":2}\n{\"x\":2}\n").status, 400);
  EXPECT_EQ(ask_post("/logs/_doc", "no json").status, 400);
  EXPECT_EQ(rows("| stats values(x) AS x"), "{\"x\":[1,2]}\n");
}

TEST_F(EsTest, TellsWhatItIs) {
  for (const char* path : {"/", "/api/v1/es", "/api/v1/es/", "/api/v1/ingest"}) {
    const RawResponse response = ask_get(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.header("X-Elastic-Product"), "Elasticsearch");
    EXPECT_THAT(response.body,
                AllOf(HasSubstr("\"number\":\"8.0.0\""), HasSubstr("\"cluster_uuid\":\"c-1\"")));
  }
  const RawResponse head = ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(ask("HEAD /logs HTTP/1.1\r\nHost: x\r\n\r\n", true).status, 200);
  EXPECT_EQ(ask("PUT /logs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}").body,
            "{\"acknowledged\":true,\"shards_acknowledged\":true,\"index\":\"logs\"}");
  EXPECT_EQ(ask("PUT /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").status, 405);
  EXPECT_EQ(ask_get("/logs").status, 404);
}

TEST_F(EsTest, AnswersInTheMediaTypeOfVersion8) {
  const RawResponse response =
      ask_get("/", "Accept: application/vnd.elasticsearch+json; compatible-with=8\r\n");
  EXPECT_THAT(response.header("Content-Type"), HasSubstr("application/vnd.elasticsearch+json"));
  const RawResponse posted =
      bulk("{\"index\":{\"_index\":\"a\"}}\n{\"x\":1}\n", "/_bulk",
           "Content-Type: application/vnd.elasticsearch+x-ndjson; compatible-with=8\r\n");
  EXPECT_THAT(posted.body, HasSubstr("\"errors\":false"));
}

TEST_F(EsTest, AnswersProbes) {
  EXPECT_THAT(ask_get("/_license").body, HasSubstr("\"active\""));
  EXPECT_THAT(ask_get("/_xpack").body, HasSubstr("\"license\""));
  EXPECT_EQ(
      ask("PUT /_index_template/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}").body,
      "{\"acknowledged\":true}");
  EXPECT_THAT(ask_get("/_cluster/health").body, HasSubstr("\"number_of_nodes\":1"));
  EXPECT_EQ(ask_get("/_cat/health").body, "lynxdb green\n");
  EXPECT_EQ(ask_get("/_cat/indices?format=json").body, "[]");
  EXPECT_THAT(ask_get("/_nodes/http").body, HasSubstr("\"publish_address\":\"test\""));
  EXPECT_THAT(ask_post("/_refresh", "").body, HasSubstr("\"failed\":0"));
  EXPECT_THAT(ask_get("/logs/_refresh").body, HasSubstr("\"failed\":0"));
  EXPECT_THAT(ask_post("/logs/_search", "{}").body, HasSubstr("\"hits\":[]"));
  EXPECT_THAT(ask_get("/_security/_authenticate").body, HasSubstr("\"enabled\":true"));
  for (const char* path : {"/_index_template/logs", "/_ilm/policy/x", "/api/v1/es/_license"}) {
    const RawResponse response =
        ask("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n", true);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.header("X-Elastic-Product"), "Elasticsearch") << path;
  }
}

}  // namespace
}  // namespace lynxdb::server
