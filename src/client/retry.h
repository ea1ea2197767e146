// How long to wait before a request is sent again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

namespace lynxdb::client {

// The seconds of a Retry-After header; nullopt for anything else (a date: nobody's clock is right).
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text);

// Exponential, from 100 ms to 5 s, each wait drawn from its upper half, so that clients that were
// refused together do not come back together. Belongs to one thread.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  // Not less than what the server asked for.
  std::chrono::milliseconds next(std::optional<std::chrono::milliseconds> retry_after);
  void reset() { failures_ = 0; }

 private:
  std::mt19937_64 random_;
  unsigned failures_ = 0;
};

}  // namespace lynxdb::client
