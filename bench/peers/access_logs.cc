// access_logs LINES DIR: writes DIR/access.ndjson (JSON lines, about 450 bytes each) and
// DIR/access.log (the same requests in combined log format). The same bytes every time.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>((next() >> 32U) * n >> 32U);
  }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
  // Small numbers often, large ones seldom: what popularity looks like.
  std::uint32_t skewed(std::uint32_t n) {
    return static_cast<std::uint32_t>(std::pow(unit(), 3.0) * n);
  }
  // Log-normal, by Box and Muller.
  double durations() {
    const double normal =
        std::sqrt(-2 * std::log(unit() + 1e-300)) * std::cos(6.283185307179586 * unit());
    return std::exp(3.0 + 1.1 * normal);
  }

 private:
  std::uint64_t state_ = 42;
};

int status_of(double p) {
  constexpr struct {
    double up_to;
    int status;
  } kShares[] = {{.86, 200}, {.90, 304},  {.925, 404}, {.94, 401},   {.955, 302}, {.97, 201},
                 {.98, 400}, {.986, 429}, {.991, 500}, {.9955, 502}, {.9985, 503}};
  for (const auto& share : kShares)
    if (p < share.up_to) return share.status;
  return 504;
}

std::string message_of(Random& random, int status, const char* method, const std::string& uri,
                       double ms) {
  char text[512];
  const auto trace = [&] { return static_cast<unsigned long long>(random.next()); };
  const unsigned shard = random.below(64);
  if (random.below(100'000) == 0)
    std::snprintf(text, sizeof text,
                  "connect() failed (111: connection refused) while connecting to upstream "
                  "shard=%u trace=%016llx%016llx",
                  shard, trace(), trace());
  else if (status >= 500)
    std::snprintf(text, sizeof text,
                  "upstream timed out (110: Connection timed out) while reading response header, "
                  "request: \\\"%s %s HTTP/1.1\\\" shard=%u trace=%016llx%016llx",
                  method, uri.c_str(), shard, trace(), trace());
  else if (status >= 400)
    std::snprintf(text, sizeof text,
                  "request rejected: code=%d reason=no such resource shard=%u trace=%016llx%016llx",
                  status, shard, trace(), trace());
  else
    std::snprintf(text, sizeof text,
                  "handled %s %s in %.1f ms, %u rows fetched from shard=%u pool=%u/50 cache=%s "
                  "trace=%016llx%016llx",
                  method, uri.c_str(), ms, random.below(500), shard, random.below(50),
                  random.below(4) == 0 ? "miss" : "hit", trace(), trace());
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: access_logs LINES DIR\n");
    return 2;
  }
  const std::uint64_t lines = std::strtoull(argv[1], nullptr, 10);
  const std::string directory = argv[2];
  std::FILE* json = std::fopen((directory + "/access.ndjson").c_str(), "w");
  std::FILE* combined = std::fopen((directory + "/access.log").c_str(), "w");
  if (json == nullptr || combined == nullptr) {
    std::perror(directory.c_str());
    return 1;
  }

  constexpr const char* kMethods[] = {"GET", "GET",  "GET",  "GET", "GET",
                                      "GET", "POST", "POST", "PUT", "DELETE"};
  constexpr const char* kResources[] = {"users",    "orders", "cart",    "products", "search",
                                        "checkout", "login",  "session", "invoices", "reports"};
  constexpr const char* kAgents[] = {
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/126.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Version/17.1 Safari/605.1.15",
      "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "curl/8.5.0",
      "python-requests/2.31.0"};
  constexpr const char* kMonth = "May";

  Random random;
  for (std::uint64_t i = 0; i < lines; ++i) {
    const std::uint64_t ms_of_day = i * 86'400'000 / lines;
    const unsigned hour = static_cast<unsigned>(ms_of_day / 3'600'000);
    const unsigned minute = static_cast<unsigned>(ms_of_day / 60'000 % 60);
    const unsigned second = static_cast<unsigned>(ms_of_day / 1000 % 60);
    const int status = status_of(random.unit());
    const char* method = kMethods[random.below(10)];
    std::string uri = std::string("/api/v") + (random.below(2) == 0 ? "1/" : "2/") +
                      kResources[random.skewed(10)];
    if (random.below(4) == 0) uri += "/" + std::to_string(1000 + random.skewed(20'000));
    if (random.below(100) < 15) uri += "?page=" + std::to_string(1 + random.below(20));
    const double ms = random.durations() * (status >= 500 ? 8 : 1);
    const unsigned bytes =
        status == 304 ? 0 : static_cast<unsigned>(std::exp(7.5 + 1.3 * random.unit()));
    const unsigned user = random.skewed(120'000);
    const unsigned host = random.skewed(48);
    const char* agent = kAgents[random.skewed(5)];
    const char* level = status >= 500 ? "ERROR" : (status >= 400 ? "WARN" : "INFO");
    const std::string message = message_of(random, status, method, uri, ms);
    std::fprintf(json,
                 "{\"time\":\"2024-05-01T%02u:%02u:%02u.%03uZ\",\"host\":\"web-%02u\",\"source\":"
                 "\"/var/log/nginx/access.log\",\"level\":\"%s\","
                 "\"status\":%d,\"method\":\"%s\",\"uri\":\"%s\",\"duration_ms\":%.3f,\"bytes\":%u,"
                 "\"user\":\"u%06u\","
                 "\"client_ip\":\"10.%u.%u.%u\",\"user_agent\":\"%s\",\"message\":\"%s\"}\n",
                 hour, minute, second, static_cast<unsigned>(ms_of_day % 1000), host, level, status,
                 method, uri.c_str(), ms, bytes, user, user >> 16U, (user >> 8U) & 255U,
                 user & 255U, agent, message.c_str());
    std::fprintf(combined,
                 "10.%u.%u.%u - u%06u [01/%s/2024:%02u:%02u:%02u +0000] \"%s %s HTTP/1.1\" %d %u "
                 "\"-\" \"%s\"\n",
                 user >> 16U, (user >> 8U) & 255U, user & 255U, user, kMonth, hour, minute, second,
                 method, uri.c_str(), status, bytes, agent);
  }
  const bool written = std::fclose(json) == 0 && std::fclose(combined) == 0;
  return written ? 0 : 1;
}
