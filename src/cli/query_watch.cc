#include "cli/query_watch.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/check.h"
#include "cli/exit_code.h"
#include "output/byte_sink.h"

namespace lynxdb::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};

constexpr char kSignal = 's';
constexpr char kDone = 'd';
constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

// Signal handlers can only write a byte; the watch's thread reads it.
std::array<int, 2> wake_pipe = {-1, -1};
std::array<struct sigaction, kSignals.size()> previous_actions;

void wake(char what) {
  const int saved = errno;
  // Full means that the thread has plenty of reasons to wake up already.
  [[maybe_unused]] const ssize_t written = ::write(wake_pipe[1], &what, 1);
  errno = saved;
}

void on_signal(int /*signal*/) { wake(kSignal); }

void install_handlers() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &previous_actions[i]);
    if (previous_actions[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

void restore_handlers() {
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    ::sigaction(kSignals[i], &previous_actions[i], nullptr);
}

// The next byte, or nullopt after `wait`.
std::optional<char> next_wake(milliseconds wait) {
  pollfd ready{wake_pipe[0], POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) return std::nullopt;
  char what = 0;
  return ::read(wake_pipe[0], &what, 1) == 1 ? std::optional(what) : std::nullopt;
}

}  // namespace

QueryWatch::QueryWatch(Options options) : options_(std::move(options)), started_(Clock::now()) {
  LYNXDB_CHECK(::pipe2(wake_pipe.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  install_handlers();
  thread_ = std::thread([this] { watch(); });
}

QueryWatch::~QueryWatch() {
  wake(kDone);
  thread_.join();
  restore_handlers();
  for (int& end : wake_pipe) ::close(std::exchange(end, -1));
}

void QueryWatch::attach(std::function<void()> cancel) {
  const base::MutexLock lock(mutex_);
  cancel_ = std::move(cancel);
  if (must_end_) cancel_();
}

void QueryWatch::detach() {
  const base::MutexLock lock(mutex_);
  cancel_ = nullptr;
}

void QueryWatch::cancel_query() {
  const base::MutexLock lock(mutex_);
  if (std::exchange(must_end_, true)) return;
  if (cancel_) cancel_();
}

void QueryWatch::watch() {
  std::optional<Clock::time_point> leave_at;
  while (true) {
    const std::optional<char> what = next_wake(kTick);
    if (what == kDone) return;
    const Clock::time_point now = Clock::now();
    if (what == kSignal) {
      // A second signal: the user does not want to wait.
      if (interrupted_.exchange(true)) leave(kExitInterrupted);
      cancel_query();
      leave_at = now + options_.grace;
    }
    if (!leave_at && options_.timeout && now - started_ >= *options_.timeout) {
      timed_out_.store(true);
      cancel_query();
      leave_at = now + options_.grace;
    }
    if (leave_at && now >= *leave_at) leave(interrupted() ? kExitInterrupted : kExitTimeout);
    if (options_.on_tick) options_.on_tick();
  }
}

void QueryWatch::leave(int exit_code) const {
  if (options_.before_exit) options_.before_exit(exit_code == kExitInterrupted);
  output::discard_unfinished_file();
  ::_exit(exit_code);
}

}  // namespace lynxdb::cli
