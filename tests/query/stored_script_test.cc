// A query gives the rows of pipe mode wherever a server has its events: all scripts beside this
// file are run through HTTP against events in the memtable, in several segments of a directory, in
// compacted segments, and the same on a real S3 service (tests/s3/radosgw.sh).
//
// The server is a process whose wall clock stands where that of the scripts does. Every section of
// events has an index of its own, which the queries name instead of `main`; the sections of some
// scripts have a server of their own and their queries are sent as they are. What the server must
// answer is what pipe mode answers for the same lines, newest first.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "client/address.h"
#include "event/value.h"
#include "server/server_process.h"
#include "tests/query/script.h"
#include "tests/query/stored_query.h"
#include "tests/support/metrics_page.h"

namespace lynxdb::tests {
namespace {

// Cases that cannot be the same in a store, and why.
struct PipeOnly {
  std::string_view script;
  std::string_view name;
  std::string_view why;
};
constexpr PipeOnly kPipeOnly[] = {
    {"data_fields", "there is no _id in pipe mode", "a server makes an _id for every event"},
    {"ingest_json", "names that are not ordinary fields", "shows _id, which a server makes"},
    {"lang_errors", "an unquoted value that is no field gives a hint",
     "the hint needs an event that was read; a store knows that none can match and reads none"},
    {"lang_normalisation", "nothing is no query", "to the API it is a request without q"},
    {"lang_shape", "an index that does not exist gives a hint",
     "a server knows its indexes and names the nearest, or none"},
};

// Their queries say in many ways, or not at all, which index they read.
constexpr std::string_view kOnTheirOwn[] = {"data_fields", "lang_normalisation", "lang_shape",
                                            "lang_spl1"};

// One section of events and the queries over it.
struct Stored {
  std::string script;
  std::string index = "main";
  PipeOptions options;
  std::string events;
  std::vector<ScriptCase> cases;
  std::string ingest_answers;

  bool is_array() const { return events.starts_with("[{"); }
};

bool is_pipe_only(const Stored& stored, const ScriptCase& test) {
  return std::any_of(std::begin(kPipeOnly), std::end(kPipeOnly), [&](const PipeOnly& entry) {
    return entry.script == stored.script && entry.name == test.name;
  });
}

std::vector<Stored> read_all(bool on_their_own) {
  std::vector<Stored> all;
  for (const std::filesystem::path& path : script_files()) {
    const std::string script = path.stem().string();
    const bool is_own =
        std::find(std::begin(kOnTheirOwn), std::end(kOnTheirOwn), script) != std::end(kOnTheirOwn);
    if (is_own != on_their_own) continue;
    std::size_t section = 0;
    for (const ScriptCase& test : read_script(path)) {
      if (test.event_section != section || all.empty() || all.back().script != script) {
        section = test.event_section;
        Stored stored;
        stored.script = script;
        stored.options = test.options;
        stored.events = test.events;
        all.push_back(std::move(stored));
        if (!is_own) all.back().index = "script_" + std::to_string(1000 + all.size());
      }
      all.back().cases.push_back(test);
    }
  }
  return all;
}

// Parts of about equally many whole lines, some perhaps empty.
std::vector<std::string> in_pieces(const Stored& stored, std::size_t pieces) {
  if (stored.is_array()) return {stored.events};
  std::vector<std::string> parts;
  std::string_view rest = stored.events;
  for (; pieces > 1 && !rest.empty(); --pieces) {
    const std::size_t size = std::min(rest.find('\n', rest.size() / pieces), rest.size() - 1) + 1;
    parts.emplace_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (!rest.empty()) parts.emplace_back(rest);
  return parts;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Without the ULID that a server gives to each event, and with the name of the index that the
// scripts know.
std::string as_in_pipe_mode(std::string row, const std::string& index) {
  constexpr std::string_view kId = "\"_id\":\"";
  constexpr std::size_t kUlid = 26;
  const std::size_t at = row.find(kId);
  if (at != std::string::npos) {
    std::size_t end = at + kId.size() + kUlid + 1;
    if (end < row.size() && row[end] == ',') ++end;
    row.erase(at, end - at);
  }
  if (index != "main") replace_all(row, index, "main");
  return row;
}

std::string json_text(const std::string& text) {
  std::string quoted;
  event::append_json_string(text, quoted);
  return quoted;
}

const char* name_of(query::ResultType type) {
  switch (type) {
    case query::ResultType::kEvents:
      return "\"type\":\"events\"";
    case query::ResultType::kAggregate:
      return "\"type\":\"aggregate\"";
    case query::ResultType::kTimechart:
      return "\"type\":\"timechart\"";
  }
  return "";
}

class StoredScripts : public ::testing::Test {
 protected:
  using Flags = std::vector<std::string>;

  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) /
                 ("lynxdb_scripts_" + std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override {
    server_.reset();
    std::cout << cases_ << " cases run, " << left_out_ << " left out\n" << std::flush;
    if (!HasFailure()) std::filesystem::remove_all(directory_);
  }

  void start(const std::string& name, const Flags& more) {
    server_.reset();
    ServerProcess::Options options{.binary = LYNXDB_CLOCKED_SERVER,
                                   .data_directory = (directory_ / name).string(),
                                   .log_path = (directory_ / "log").string(),
                                   .flags = {"--retention", "0", "--storage.wal_sync_mode", "none",
                                             "--query.max_result_limit", "1000000"}};
    options.flags.insert(options.flags.end(), flags_.begin(), flags_.end());
    options.flags.insert(options.flags.end(), more.begin(), more.end());
    server_ = ServerProcess::start(options);
    ASSERT_NE(server_, nullptr) << "see " << options.log_path;
    client_ = std::make_unique<client::HttpClient>(
        client::HttpClient::Options{.servers = {server_->url()}});
  }

  client::Response ask(const std::string& method, const std::string& path,
                       const client::Headers& headers = {}, std::string_view body = {}) {
    auto response = client_->send({.method = method,
                                   .path = path,
                                   .headers = headers,
                                   .body = body,
                                   .total_max = std::chrono::minutes(1)});
    EXPECT_TRUE(response.has_value()) << method << " " << path << ": " << response.error().message;
    return response ? std::move(*response) : client::Response();
  }

  void send(Stored& stored, const std::string& lines) {
    client::Headers headers{{"X-Format", stored.options.format}, {"X-Index", stored.index}};
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) headers.emplace_back(name, value);
    };
    add("X-Source", stored.options.default_source);
    add("X-Source-Type", stored.options.sourcetype);
    add("X-Host", stored.options.host);
    const auto answer =
        ask("POST", stored.is_array() ? "/api/v1/ingest" : "/api/v1/ingest/raw", headers, lines);
    // 207 and 400: lines that are no events, in pipe mode neither.
    EXPECT_TRUE(answer.status == 200 || answer.status == 207 || answer.status == 400)
        << stored.script << ": " << answer.status << " " << answer.body;
    stored.ingest_answers += answer.body;
  }

  std::int64_t metric(const std::string& name) {
    return value_on_page(ask("GET", "/metrics").body, name);
  }
  void await(const std::string& name, std::int64_t value) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (metric(name) != value) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline)
          << name << " is " << metric(name) << " instead of " << value;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  void check(Stored& stored) {
    for (const ScriptCase& test : stored.cases) {
      SCOPED_TRACE(stored.script + ".test:" + std::to_string(test.line) + ": " + test.name + "\n" +
                   test.query);
      if (is_pipe_only(stored, test)) {
        ++left_out_;
        continue;
      }
      const auto query = stored.index == "main" ? test.query : over_index(test.query, stored.index);
      EXPECT_TRUE(query) << "cannot be put to another index";
      if (!query) continue;
      ++cases_;
      check_case(stored, test, *query);
    }
  }

  void check_case(const Stored& stored, const ScriptCase& test, const std::string& query) {
    const std::string body = "{\"q\":" + json_text(query) + "}";
    const client::Headers headers{{"Content-Type", "application/json"}};
    const client::Response answer = ask("POST", "/api/v1/query", headers, body);
    if (!test.error.empty()) {
      EXPECT_EQ(answer.status, 400) << answer.body;
      const std::string text = json_text(test.error);
      EXPECT_NE(answer.body.find(text.substr(1, text.size() - 2)), std::string::npos)
          << answer.body;
      check_place(answer.body, query);
      return;
    }
    ASSERT_EQ(answer.status, 200) << answer.body;
    const PipeResult& expected = in_pipe_mode(stored, test);
    EXPECT_NE(answer.body.find(name_of(expected.type)), std::string::npos) << answer.body;
    if (!test.hint.empty()) {
      const std::string text = json_text(test.hint);
      EXPECT_NE((answer.body + stored.ingest_answers).find(text.substr(1, text.size() - 2)),
                std::string::npos)
          << "no hint says: " << test.hint << "\n"
          << answer.body;
    }
    if (test.expects_rows) check_rows(stored, test, query, expected.rows);
  }

  // Every mistake in a query has its place, and the explanation of the query says the same one.
  void check_place(const std::string& refusal, const std::string& query) {
    const std::size_t place = refusal.find("\"position\":");
    ASSERT_NE(place, std::string::npos) << refusal;
    const std::size_t end = refusal.find(',', refusal.find(',', place) + 1);
    const client::Response explained =
        ask("GET", client::with_parameters("/api/v1/query/explain", {{"q", query}}), {}, {});
    EXPECT_EQ(explained.status, 200) << explained.body;
    if (explained.body.find("\"is_valid\":false") == std::string::npos) return;  // Rows showed it.
    EXPECT_NE(explained.body.find(refusal.substr(place, end - place)), std::string::npos)
        << refusal << explained.body;
  }

  void check_rows(const Stored& stored, const ScriptCase& test, const std::string& query,
                  std::vector<std::string> expected) {
    std::vector<std::string> rows = query_rows(server_->url(), query);
    for (std::string& row : rows) row = as_in_pipe_mode(std::move(row), stored.index);
    if (!test.ordered || stored.is_array()) {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    EXPECT_EQ(rows, expected);
  }

  // Kept: it does not change with where events are.
  const PipeResult& in_pipe_mode(const Stored& stored, const ScriptCase& test) {
    const std::string key = stored.script + ":" + std::to_string(test.line);
    if (const auto known = pipe_results_.find(key); known != pipe_results_.end())
      return known->second;
    PipeOptions options = stored.options;
    options.newest_first = true;
    const std::string lines =
        stored.is_array() ? stored.events : newest_first(stored.events, options);
    auto result = run_pipe_query(lines, test.query, options);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return pipe_results_[key] = result ? std::move(*result) : PipeResult();
  }

  void run_in_memtable(const std::string& name, const std::vector<Stored*>& all) {
    ASSERT_NO_FATAL_FAILURE(start(name, {"--storage.flush_idle_timeout", "0"}));
    for (Stored* stored : all)
      for (const std::string& lines : in_pieces(*stored, 3)) send(*stored, lines);
    for (Stored* stored : all) ASSERT_NO_FATAL_FAILURE(check(*stored));
    EXPECT_EQ(metric("lynxdb_flushes_total"), 0);
  }

  // Spread over several segments, then compacted to one for each index and day.
  void run_in_segments(const std::string& name, const std::vector<Stored*>& all) {
    constexpr std::size_t kPieces = 3;
    ASSERT_NO_FATAL_FAILURE(start(
        name, {"--storage.flush_idle_timeout", "20ms", "--storage.compaction_interval", "0"}));
    std::int64_t spread = 0;
    std::int64_t compacted = 0;
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      for (Stored* stored : all) {
        const std::vector<std::string> pieces = in_pieces(*stored, kPieces);
        if (piece == 0) compacted += days(stored->events, *stored);
        if (piece >= pieces.size()) continue;
        send(*stored, pieces[piece]);
        spread += days(pieces[piece], *stored);
      }
      ASSERT_NO_FATAL_FAILURE(await("lynxdb_segments", spread));
    }
    EXPECT_EQ(metric("lynxdb_memtable_events"), 0);
    for (Stored* stored : all) ASSERT_NO_FATAL_FAILURE(check(*stored));

    EXPECT_EQ(server_->stop(), 0);
    ASSERT_NO_FATAL_FAILURE(
        start(name, {"--storage.compaction_interval", "20ms", "--storage.l0_threshold", "2"}));
    ASSERT_NO_FATAL_FAILURE(await("lynxdb_segments", compacted));
    EXPECT_LE(compacted, spread);
    for (Stored* stored : all) ASSERT_NO_FATAL_FAILURE(check(*stored));
  }

  static std::int64_t days(const std::string& lines, const Stored& stored) {
    return stored.is_array() ? 1 : static_cast<std::int64_t>(days_of(lines, stored.options));
  }

  template <typename Run>
  void run_all(Run run) {
    std::vector<Stored> together = read_all(false);
    ASSERT_GT(together.size(), 50U);
    std::vector<Stored*> all;
    for (Stored& stored : together) all.push_back(&stored);
    ASSERT_NO_FATAL_FAILURE(run("together", all));
    std::vector<Stored> alone = read_all(true);
    EXPECT_GE(alone.size(), std::size(kOnTheirOwn));
    for (std::size_t i = 0; i < alone.size(); ++i)
      ASSERT_NO_FATAL_FAILURE(run("alone" + std::to_string(i), std::vector<Stored*>{&alone[i]}));
  }

  Flags flags_;  // Of every start.
  std::filesystem::path directory_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::HttpClient> client_;
  std::map<std::string, PipeResult> pipe_results_;
  int cases_ = 0;
  int left_out_ = 0;
};

TEST_F(StoredScripts, GiveTheRowsOfPipeModeFromTheMemtable) {
  run_all([&](const std::string& name, const std::vector<Stored*>& all) {
    run_in_memtable(name, all);
  });
}

TEST_F(StoredScripts, GiveTheRowsOfPipeModeFromSegments) {
  run_all([&](const std::string& name, const std::vector<Stored*>& all) {
    run_in_segments(name, all);
  });
}

TEST_F(StoredScripts, GiveTheRowsOfPipeModeFromS3) {
  const char* endpoint = std::getenv("LYNXDB_S3_TEST_ENDPOINT");
  const char* bucket = std::getenv("LYNXDB_S3_TEST_BUCKET");
  if (endpoint == nullptr || bucket == nullptr) GTEST_SKIP() << "needs an S3 service";
  run_all([&](const std::string& name, const std::vector<Stored*>& all) {
    flags_ = {"--storage.s3_endpoint",         endpoint,
              "--storage.s3_bucket",           bucket,
              "--storage.s3_prefix",           "scripts-" + std::to_string(::getpid()) + "-" + name,
              "--storage.s3_force_path_style", "true"};
    run_in_segments(name, all);
  });
}

}  // namespace
}  // namespace lynxdb::tests
