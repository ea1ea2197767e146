#include "cli/demo/logs.h"

#include <fmt/format.h>

#include <ctime>

namespace lynxdb::cli {
namespace {

constexpr std::array<std::string_view, 8> kPaths = {"/",
                                                    "/login",
                                                    "/api/v1/users",
                                                    "/api/v1/orders",
                                                    "/api/v1/cart",
                                                    "/api/v1/search",
                                                    "/static/app.js",
                                                    "/health"};
constexpr std::array<std::string_view, 5> kMethods = {"GET", "GET", "GET", "POST", "PUT"};
constexpr std::array<std::string_view, 4> kAgents = {
    "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "curl/8.5.0",
    "okhttp/4.12.0"};
constexpr std::array<std::string_view, 4> kServices = {"users", "orders", "cart", "search"};
constexpr std::array<std::string_view, 4> kTables = {"users", "orders", "order_items", "sessions"};

std::string time_text(std::int64_t time_ns, const char* format) {
  const std::time_t seconds = time_ns / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::int64_t milliseconds(std::int64_t time_ns) { return time_ns / 1'000'000 % 1000; }

}  // namespace

std::uint64_t DemoLogs::below(std::uint64_t bound) { return random_() % bound; }

std::size_t DemoLogs::next_source() {
  const std::uint64_t dice = below(10);
  return dice < 5 ? 0 : dice < 8 ? 1 : dice < 9 ? 2 : 3;
}

std::string DemoLogs::host(std::size_t source) {
  constexpr std::array<std::string_view, kDemoSources.size()> kHosts = {"web", "gw", "db", "cache"};
  constexpr std::uint64_t kMachines = 4;
  return fmt::format("{}-{}", kHosts[source], 1 + below(kMachines));
}

int DemoLogs::status() {
  const std::uint64_t dice = below(100);
  if (dice < 88) return 200;
  if (dice < 92) return 304;
  if (dice < 96) return 404;
  return dice < 98 ? 500 : 503;
}

std::string DemoLogs::line(std::size_t source, std::int64_t time_ns) {
  switch (source) {
    case 0:
      return nginx(time_ns);
    case 1:
      return gateway(time_ns);
    case 2:
      return postgres(time_ns);
    default:
      return redis(time_ns);
  }
}

std::string DemoLogs::nginx(std::int64_t time_ns) {
  const std::uint64_t client = 1 + below(200);
  const std::string_view method = one_of(kMethods);
  const std::string_view path = one_of(kPaths);
  const int code = status();
  const std::uint64_t bytes = 100 + below(20'000);
  return fmt::format(R"(10.0.3.{} - - [{}] "{} {} HTTP/1.1" {} {} "-" "{}")", client,
                     time_text(time_ns, "%d/%b/%Y:%H:%M:%S +0000"), method, path, code, bytes,
                     one_of(kAgents));
}

std::string DemoLogs::gateway(std::int64_t time_ns) {
  const int code = status();
  const std::string_view level = code >= 500 ? "error" : code >= 400 ? "warn" : "info";
  const std::string_view service = one_of(kServices);
  const std::uint64_t duration = code >= 500 ? 900 + below(4000) : 2 + below(250);
  const std::uint64_t user = 1000 + below(500);
  return fmt::format(
      R"({{"timestamp":"{}.{:03}Z","level":"{}","service":"{}","host":"gw-{}","status":{},)"
      R"("duration_ms":{},"user_id":"u{}","trace_id":"{:016x}","message":"{} {}"}})",
      time_text(time_ns, "%Y-%m-%dT%H:%M:%S"), milliseconds(time_ns), level, service, 1 + below(3),
      code, duration, user, random_(), code >= 500 ? "upstream failed:" : "proxied to", service);
}

std::string DemoLogs::postgres(std::int64_t time_ns) {
  const std::string stamp =
      fmt::format("{}.{:03} UTC [{}]", time_text(time_ns, "%Y-%m-%d %H:%M:%S"),
                  milliseconds(time_ns), 4000 + below(40));
  const std::string_view table = one_of(kTables);
  if (below(12) == 0)
    return fmt::format(R"({} ERROR:  deadlock detected while updating "{}")", stamp, table);
  return fmt::format("{} LOG:  duration: {}.{:03} ms  statement: SELECT * FROM {} WHERE id = {}",
                     stamp, below(80), below(1000), table, below(100'000));
}

std::string DemoLogs::redis(std::int64_t time_ns) {
  const std::string stamp =
      fmt::format("1:M {}.{:03}", time_text(time_ns, "%d %b %Y %H:%M:%S"), milliseconds(time_ns));
  if (below(10) == 0)
    return fmt::format("{} # WARNING: used memory {} MB is near maxmemory", stamp,
                       900 + below(120));
  return fmt::format("{} * {} changes in 60 seconds. Saving...", stamp, 10 + below(5000));
}

}  // namespace lynxdb::cli
