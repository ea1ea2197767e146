// A real `lynxdb server` in a process of its own, for tests that end it with real signals.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/http_client.h"

namespace lynxdb::tests {

// Killed when the object goes, if it still runs.
class ServerProcess {
 public:
  struct Options {
    std::string binary;
    std::string data_directory;
    std::string log_path;            // Standard error is appended here.
    std::vector<std::string> flags;  // Behind --data-dir, --addr.
  };

  // Starts it on a free port of 127.0.0.1 and waits until /health is 200 (at most a minute).
  // Null when it ends before, or does not answer; the log says why.
  static std::unique_ptr<ServerProcess> start(const Options& options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  pid_t pid() const { return pid_; }

  // SIGKILL, and waits for the end.
  void kill();
  // SIGTERM; the exit status as waitpid gives it.
  int stop();

 private:
  ServerProcess(pid_t pid, std::uint16_t port) : pid_(pid), port_(port) {}
  int wait();

  pid_t pid_;
  std::uint16_t port_;
};

// Rows of a query's NDJSON stream. Empty and a test failure when it cannot be answered whole.
std::vector<std::string> query_rows(const std::string& url, const std::string& query);

}  // namespace lynxdb::tests
