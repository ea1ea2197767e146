#include "server/http/response_head.h"

#include <ctime>

namespace lynxdb::server {
namespace {

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
const std::string& date_text() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made) {
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    char buffer[64];
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &utc));
    made = now;
  }
  return text;
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  for (const char c : value) head += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  head += "\r\n";
}

}  // namespace

std::string head_of(const Response& response, bool http_1_0, bool goes_on) {
  std::string head = http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head +=
      std::to_string(response.status) + " " + std::string(reason_phrase(response.status)) + "\r\n";
  add_header(head, "Date", date_text());
  if (response.status != 204) add_header(head, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers.all()) add_header(head, name, value);
  if (response.stream != nullptr) {
    if (!http_1_0) add_header(head, "Transfer-Encoding", "chunked");
  } else if (response.status != 204) {
    add_header(head, "Content-Length", std::to_string(response.body.size()));
  }
  if (!goes_on)
    add_header(head, "Connection", "close");
  else if (http_1_0)
    add_header(head, "Connection", "keep-alive");
  return head + "\r\n";
}

}  // namespace lynxdb::server
