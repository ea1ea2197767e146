// Paths find their route; those that do not get the methods or the nearest path.
#include "server/http/router.h"

#include <gtest/gtest.h>

namespace lynxdb::server {
namespace {

Router router_of(std::initializer_list<std::pair<Method, const char*>> routes) {
  Router router;
  for (const auto& [method, pattern] : routes) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    router.add(std::move(route));
  }
  return router;
}

TEST(Router, PrefersWordsToParameters) {
  const Router router = router_of({{Method::kPost, "/{index}/_bulk"},
                                   {Method::kPost, "/es/_bulk"},
                                   {Method::kPut, "/{index}/_doc/{id}"}});
  EXPECT_EQ(router.find(Method::kPost, "/es/_bulk").route->pattern, "/es/_bulk");
  const auto match = router.find(Method::kPost, "/my%20logs/_bulk");
  EXPECT_EQ(match.parameters.get("index"), "my logs");
  EXPECT_EQ(router.find(Method::kPut, "/a/_doc/7").parameters.get("id"), "7");
  EXPECT_EQ(router.find(Method::kPost, "//_bulk").route, nullptr);
}

TEST(Router, IgnoresASlashAtTheEnd) {
  const Router router = router_of({{Method::kGet, "/a/b"}, {Method::kGet, "/"}});
  EXPECT_NE(router.find(Method::kGet, "/a/b/").route, nullptr);
  EXPECT_NE(router.find(Method::kGet, "/").route, nullptr);
  EXPECT_EQ(router.find(Method::kGet, "/a//b").route, nullptr);
}

TEST(Router, HeadFindsGetUnlessItHasItsOwnRoute) {
  const Router router =
      router_of({{Method::kGet, "/a"}, {Method::kGet, "/b"}, {Method::kHead, "/b"}});
  EXPECT_EQ(router.find(Method::kHead, "/a").route->method, Method::kGet);
  EXPECT_EQ(router.find(Method::kHead, "/b").route->method, Method::kHead);
}

TEST(Router, ListsMethodsOfThePath) {
  const Router router =
      router_of({{Method::kGet, "/a"}, {Method::kPost, "/a"}, {Method::kPut, "/{x}"}});
  EXPECT_EQ(router.find(Method::kDelete, "/a").allowed, "GET, HEAD, POST");
  EXPECT_EQ(router.find(Method::kDelete, "/other").allowed, "PUT");
  EXPECT_EQ(router.find(Method::kDelete, "/a/b").allowed, "");
}

TEST(Router, KeepsVagueRoutesForPathsThatNoOtherPatternFits) {
  Router router = router_of({{Method::kGet, "/health"}});
  Route vague;
  vague.method = Method::kPut;
  vague.pattern = "/{index}";
  vague.vague = true;
  router.add(std::move(vague));
  EXPECT_EQ(router.find(Method::kPut, "/health").route, nullptr);
  EXPECT_EQ(router.find(Method::kPut, "/health").allowed, "GET, HEAD");
  EXPECT_NE(router.find(Method::kPut, "/logs").route, nullptr);
  EXPECT_EQ(router.find(Method::kDelete, "/logs").allowed, "");
}

TEST(Router, NamesTheNearestPath) {
  const Router router = router_of({{Method::kGet, "/api/v1/query"}, {Method::kGet, "/health"}});
  EXPECT_EQ(router.find(Method::kGet, "/query").nearest, "/api/v1/query");
  EXPECT_EQ(router.find(Method::kGet, "/api/v1/qery").nearest, "/api/v1/query");
  EXPECT_EQ(router.find(Method::kGet, "/qurey").nearest, "/api/v1/query");
  EXPECT_EQ(router.find(Method::kGet, "/healht").nearest, "/health");
  EXPECT_EQ(router.find(Method::kGet, "/nothing/like/it").nearest, "");
  EXPECT_EQ(router.find(Method::kGet, std::string(100'000, 'x')).nearest, "");
}

}  // namespace
}  // namespace lynxdb::server
