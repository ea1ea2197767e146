#include "cli/server_log.h"

#include <unistd.h>

#include <string>

#include "event/value.h"

namespace lynxdb::cli {
namespace {

std::string_view name_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDebug:
      return "DEBUG";
    case config::LogLevel::kInfo:
      return "INFO";
    case config::LogLevel::kWarn:
      return "WARN";
    case config::LogLevel::kError:
      return "ERROR";
  }
  return "INFO";
}

constexpr std::int64_t kMillisecond = 1'000'000;

}  // namespace

void ServerLog::write(config::LogLevel level, std::string_view text) const {
  if (level < level_.load(std::memory_order_relaxed)) return;
  const std::int64_t now_ns = base::real_clock().wall_ns();
  std::string line;
  if (format_ == config::LogFormat::kJson) {
    line += "{\"time\":\"";
    event::append_timestamp(now_ns - now_ns % kMillisecond, line);
    line += "\",\"level\":";
    event::append_json_string(name_of(level), line);
    line += ",\"message\":";
    event::append_json_string(text, line);
    line += "}\n";
  } else {
    event::append_timestamp(now_ns - now_ns % kMillisecond, line);
    line += ' ';
    line += name_of(level);
    line += ' ';
    line += text;
    line += '\n';
  }
  // A log that nobody can read is no reason to stop.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace lynxdb::cli
