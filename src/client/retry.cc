#include "client/retry.h"

#include <algorithm>
#include <charconv>

namespace lynxdb::client {

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text) {
  constexpr unsigned kSecondsMax = 86'400;
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kSecondsMax));
}

std::chrono::milliseconds Backoff::next(std::optional<std::chrono::milliseconds> retry_after) {
  constexpr std::int64_t kFirstMs = 100;
  constexpr std::int64_t kLongestMs = 5'000;
  constexpr unsigned kDoublingsMax = 10;
  const std::int64_t most = std::min(kLongestMs, kFirstMs << std::min(failures_, kDoublingsMax));
  ++failures_;
  std::uniform_int_distribution<std::int64_t> jitter(most / 2, most);
  const std::chrono::milliseconds wait(jitter(random_));
  return std::max(wait, retry_after.value_or(wait));
}

}  // namespace lynxdb::client
