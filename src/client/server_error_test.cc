// Whatever a refused request is answered with, there is a message, and a reason scripts can act on.
#include "client/server_error.h"

#include <gtest/gtest.h>

namespace lynxdb::client {
namespace {

ServerError read(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return read_server_error(response);
}

TEST(ServerError, IsReadFromItsEnvelope) {
  const ServerError error =
      read(400, R"({"error":{"code":"INVALID_QUERY","message":"unknown command 'staats'",)"
                R"("suggestion":"did you mean: stats","position":14,"length":6}})");
  EXPECT_EQ(error.code, "INVALID_QUERY");
  EXPECT_EQ(error.message, "unknown command 'staats'");
  EXPECT_EQ(error.suggestion, "did you mean: stats");
  EXPECT_EQ(error.position, 14U);
  EXPECT_EQ(error.length, 6U);
  EXPECT_EQ(refusal_of(error), Refusal::kQuery);
}

TEST(ServerError, HasAMessageWhateverTheBodyIs) {
  for (const char* body : {"", "<html>\x01 bad gateway", "{", "[]", "7", "{\"error\":7}",
                           "{\"error\":{}}", "{\"error\":{\"message\":7}}"}) {
    SCOPED_TRACE(body);
    const ServerError error = read(502, body);
    EXPECT_TRUE(error.message.starts_with("the server answered with status 502")) << error.message;
    EXPECT_EQ(refusal_of(error), Refusal::kOther);
  }
}

TEST(ServerError, MeansWhatItsCodeOrElseItsStatusSays) {
  const auto refusal = [](int status, const std::string& code) {
    return refusal_of(read(status, R"({"error":{"code":")" + code + R"(","message":"x"}})"));
  };
  EXPECT_EQ(refusal(401, "AUTH_REQUIRED"), Refusal::kAccess);
  EXPECT_EQ(refusal(403, "FORBIDDEN"), Refusal::kAccess);
  EXPECT_EQ(refusal(408, "QUERY_TIMEOUT"), Refusal::kTimeout);
  EXPECT_EQ(refusal(400, "QUERY_TOO_LARGE"), Refusal::kQuery);
  EXPECT_EQ(refusal(400, "VALIDATION_ERROR"), Refusal::kRequest);
  EXPECT_EQ(refusal(400, "QUERY_MEMORY_EXCEEDED"), Refusal::kOther);
  EXPECT_EQ(refusal(429, "TOO_MANY_QUERIES"), Refusal::kBusy);
  EXPECT_EQ(refusal(503, "SHUTTING_DOWN"), Refusal::kBusy);
  EXPECT_EQ(refusal(500, "INTERNAL_ERROR"), Refusal::kOther);
}

}  // namespace
}  // namespace lynxdb::client
