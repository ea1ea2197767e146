// A server over a store in memory, and the verbs to talk to it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/clock.h"
#include "config/server_config.h"
#include "server/server.h"
#include "server/testing/memory_store.h"
#include "server/testing/raw_client.h"

namespace lynxdb::server::testing {

// 2026-01-15T10:30:00Z
inline constexpr std::int64_t kNow = 1'768'473'000'000'000'000;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    config_ = config::make_server_config(
                  config::Settings(),
                  {.cores = 2, .memory_bytes = 4ULL << 30U, .data_home = "", .aws_region = ""})
                  .value();
    config_.listen = {"127.0.0.1", 0};
    config_.http.shutdown_timeout = std::chrono::seconds(1);
  }

  Server& server() {
    if (server_ == nullptr) {
      auto started = Server::start(
          config_, {.sink = store_, .reader = store_, .monitor = store_, .clock = clock_},
          {.version = "1.2.3", .cluster_id = "c-1", .node_name = "test"});
      LYNXDB_CHECK(started.has_value());
      server_ = std::move(*started);
    }
    return *server_;
  }
  RawClient client() { return RawClient(server().port()); }

  RawResponse ask(std::string_view request, bool is_head = false) {
    RawClient client(server().port());
    return client.ask(request, is_head);
  }
  RawResponse ask_get(std::string_view target, std::string_view headers = "") {
    return ask(get(target, headers));
  }
  RawResponse ask_post(std::string_view target, std::string_view body,
                       std::string_view headers = "") {
    return ask(post(target, body, headers));
  }
  RawResponse ingest(std::string_view body, std::string_view headers = "") {
    return ask_post("/api/v1/ingest", body, headers);
  }
  // The rows of a query as NDJSON.
  std::string rows(std::string_view q) {
    return ask_post("/api/v1/query", "{\"q\":" + json(q) + "}", "Accept: application/x-ndjson\r\n")
        .body;
  }
  static std::string json(std::string_view text) {
    std::string out;
    event::append_json_string(text, out);
    return out;
  }
  // `count` events of one second each, the last one now.
  void fill(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      std::string time;
      event::append_timestamp(kNow - (count - 1 - i) * 1'000'000'000LL, time);
      lines += R"({"_time":")" + time + R"(","n":)" + std::to_string(i) + R"(,"level":")" +
               (i % 3 == 0 ? "error" : "info") + "\"}\n";
    }
    LYNXDB_CHECK(ingest(lines, "X-Source: app\r\n").status == 200);
  }

  base::ManualClock clock_{kNow};
  config::ServerConfig config_;
  MemoryStore store_;
  std::unique_ptr<Server> server_;  // Last: it uses the store.
};

}  // namespace lynxdb::server::testing
