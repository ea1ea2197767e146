// The log of a running server: one line for each report, on standard error.
#pragma once

#include <atomic>
#include <string_view>

#include "base/clock.h"
#include "config/server_config.h"

namespace lynxdb::cli {

// Thread-safe: each line is one write.
class ServerLog {
 public:
  ServerLog(config::LogLevel level, config::LogFormat format) : level_(level), format_(format) {}

  void set_level(config::LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  // "2026-01-15T10:30:00.123Z INFO  text", or a JSON object with time, level and message.
  void write(config::LogLevel level, std::string_view text) const;

 private:
  std::atomic<config::LogLevel> level_;
  const config::LogFormat format_;
};

}  // namespace lynxdb::cli
