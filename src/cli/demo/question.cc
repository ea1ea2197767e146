#include "cli/demo/question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "cli/demo/logs.h"
#include "client/server_error.h"
#include "event/value.h"

namespace lynxdb::cli {

Result<TablePicture> ask(client::HttpClient& client, const std::string& query) {
  std::string body = R"({"query":)";
  event::append_json_string(query, body);
  body += '}';
  client::Request request;
  request.method = "POST";
  request.path = "/api/v1/query";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  request.total_max = std::chrono::seconds(10);
  const client::Response response = TRY(client.send(request));
  if (!response.ok())
    return Error{ErrorCode::kUnavailable, client::read_server_error(response).message};
  if (auto table = read_table_picture(response.body)) return *std::move(table);
  return Error{ErrorCode::kCorruption, "the answer cannot be read"};
}

Result<std::uint64_t> count_demo_events(client::HttpClient& client) {
  const TablePicture table =
      TRY(ask(client, fmt::format("source=\"{}\" | stats count",
                                  fmt::join(kDemoSources, "\" OR source=\""))));
  std::uint64_t count = 0;
  const bool is_there = table.rows.size() == 1 && table.rows[0].size() == 1;
  const std::string text = is_there ? table.rows[0][0] : "";
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size()) return count;
  return Error{ErrorCode::kCorruption, "the answer is no count: '" + text + "'"};
}

}  // namespace lynxdb::cli
