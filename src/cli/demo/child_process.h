// A program that runs beside this one, and never longer.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lynxdb::cli {

// Belongs to one thread, which must live as long as the program shall run: when that thread ends,
// however this process ends, the kernel sends SIGTERM to the program (PR_SET_PDEATHSIG).
class ChildProcess {
 public:
  // It has a process group of its own (Ctrl-C does not reach it) and reads nothing; what it writes
  // is appended to the file `log`. Errors: kIo (no such log, no process). A program that cannot be
  // run ends with exit code 127.
  static Result<ChildProcess> start(const std::vector<std::string>& command,
                                    const std::string& log);
  ~ChildProcess() { kill(); }
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Asks it to end.
  void terminate();
  // Why it ended ("signal 9", "exit code 1"); nullopt while it runs. Once.
  std::optional<std::string> poll_end();
  // Ends it, whatever it does, and waits for that.
  void kill();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // 0 = ended.
};

}  // namespace lynxdb::cli
