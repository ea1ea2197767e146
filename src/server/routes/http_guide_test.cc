// The guide's page has an example for every route of the API.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "server/testing/api_fixture.h"

namespace lynxdb::server {
namespace {

class GuideTest : public testing::ApiTest {};

std::string page() {
  std::ifstream file(LYNXDB_SOURCE_DIR "/docs/guide/http-api.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(GuideTest, ShowsRoutesThatExist) {
  const std::string text = page();
  ASSERT_FALSE(text.empty());
  for (const std::string route :
       {"/api/v1/ingest", "/api/v1/ingest/raw", "/api/v1/query", "/api/v1/query/stream",
        "/api/v1/query/explain", "/api/v1/histogram", "/api/v1/fields",
        "/api/v1/fields/status/values", "/api/v1/sources", "/api/v1/indexes", "/health",
        "/api/v1/stats", "/api/v1/status", "/metrics", "/_bulk", "/web/_doc"}) {
    EXPECT_NE(text.find("localhost:3100" + route), std::string::npos) << route;
    // Whatever it says to a GET, it is not that there is no such path.
    if (!route.ends_with("_doc")) {
      EXPECT_NE(ask_get(route).status, 404) << route;
    }
  }
}

TEST_F(GuideTest, NamesEveryErrorCodeThatTheServerUses) {
  const std::string text = page();
  for (const std::string code :
       {"INVALID_JSON",      "INVALID_QUERY",         "VALIDATION_ERROR", "PARSE_ERROR",
        "QUERY_TOO_LARGE",   "QUERY_MEMORY_EXCEEDED", "NOT_FOUND",        "METHOD_NOT_ALLOWED",
        "QUERY_TIMEOUT",     "PAYLOAD_TOO_LARGE",     "EVENT_TOO_LARGE",  "UNSUPPORTED_MEDIA_TYPE",
        "BATCH_ID_CONFLICT", "BACKPRESSURE",          "RATE_LIMITED",     "TOO_MANY_QUERIES",
        "INTERNAL_ERROR",    "SHUTTING_DOWN",         "UNAVAILABLE",      "QUERY_POOL_EXHAUSTED",
        "BAD_REQUEST"}) {
    EXPECT_NE(text.find("`" + code + "`"), std::string::npos) << code;
  }
}

}  // namespace
}  // namespace lynxdb::server
