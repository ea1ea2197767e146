// Made-up log lines of four programs, as real ones look.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace lynxdb::cli {

inline constexpr std::array<std::string_view, 4> kDemoSources = {"nginx", "api-gateway", "postgres",
                                                                 "redis"};

// Belongs to one thread. The same seed and times give the same lines.
class DemoLogs {
 public:
  explicit DemoLogs(std::uint64_t seed) : random_(seed) {}

  // Which program speaks next: nginx half of the time. An index into kDemoSources.
  std::size_t next_source();
  // One of its machines.
  std::string host(std::size_t source);
  // One line of it, without line end.
  std::string line(std::size_t source, std::int64_t time_ns);

 private:
  std::uint64_t below(std::uint64_t bound);
  template <std::size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& words) {
    return words[below(N)];
  }
  int status();
  std::string nginx(std::int64_t time_ns);
  std::string gateway(std::int64_t time_ns);
  std::string postgres(std::int64_t time_ns);
  std::string redis(std::int64_t time_ns);

  std::mt19937_64 random_;
};

}  // namespace lynxdb::cli
