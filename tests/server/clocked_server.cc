// `lynxdb server` with a wall clock that stands still at 2026-01-15T10:30:00Z, as it does in the
// query scripts: the same settings, the same parts, ended by SIGTERM.
#include <pthread.h>
#include <signal.h>

#include <cstring>
#include <iostream>
#include <string_view>

#include "config/server_config.h"
#include "instance/instance.h"

namespace lynxdb::tests {
namespace {

class StoppedClock final : public base::Clock {
 public:
  std::int64_t wall_ns() const override { return 1'768'473'000'000'000'000; }
  Monotonic monotonic() const override { return base::real_clock().monotonic(); }
};

int fail(const Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

// argv: program, "server", then flags with a value each.
int run(int argc, char** argv) {
  config::Settings settings;
  for (int i = 2; i + 1 < argc; i += 2) {
    const Result<> set = settings.set_flag(argv[i] + 2, argv[i + 1]);
    if (!set) return fail(set.error());
  }
  const auto config = config::make_server_config(settings, config::this_machine());
  if (!config) return fail(config.error());
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const StoppedClock clock;
  const auto instance = instance::Instance::start(
      *config, {.version = "test", .clock = &clock},
      [](instance::Severity, std::string_view text) { std::cerr << text << '\n'; });
  if (!instance) return fail(instance.error());
  int signal = 0;
  while (::sigwait(&signals, &signal) != 0) {
  }
  const Result<> stopped = (*instance)->stop();
  return stopped ? 0 : fail(stopped.error());
}

}  // namespace
}  // namespace lynxdb::tests

int main(int argc, char** argv) { return lynxdb::tests::run(argc, argv); }
