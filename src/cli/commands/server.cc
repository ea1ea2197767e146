// lynxdb server: opens the data directory, listens, and runs until it is told to stop.
#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_log.h"
#include "config/server_config.h"
#include "instance/instance.h"

namespace lynxdb::cli {
namespace {

using config::LogLevel;

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.toggle("--accept-log-damage", arguments.accept_log_damage,
               "cut the write-ahead log where it is damaged; loses the events behind");
  flags.list("--drop-damaged-segment", "KEY", arguments.dropped_segments,
             "drop the segment in the object KEY, which is damaged; loses its events");
  flags.settings(arguments.overrides);
}

Result<config::Settings> with_flags(config::Settings settings, const Arguments& arguments) {
  for (const auto& [flag, value] : arguments.overrides) TRY(settings.set_flag(flag, value));
  return settings;
}

// As many connections as the system lets us have.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// SIGTERM, SIGINT and SIGHUP, taken out one by one. Made before any other thread, so that these
// inherit the mask and only next() sees the signals.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int next() const {
    int signal = 0;
    while (::sigwait(&set_, &signal) != 0) {
    }
    return signal;
  }

 private:
  sigset_t set_{};
};

instance::Log instance_log(const ServerLog& log) {
  return [&log](instance::Severity severity, std::string_view text) {
    log.write(severity == instance::Severity::kError     ? LogLevel::kError
              : severity == instance::Severity::kWarning ? LogLevel::kWarn
                                                         : LogLevel::kInfo,
              text);
  };
}

void announce(const Session& session, const config::Settings& settings,
              const config::ServerConfig& config, const instance::Instance& instance) {
  const Console& console = session.console;
  console.note(settings.config_path().empty() ? "config: none, defaults apply\n"
                                              : "config: " + settings.config_path() + "\n");
  for (const auto& [key, value] : settings.all())
    if (value.origin.starts_with("--") || value.origin.starts_with("LYNXDB_"))
      console.note(fmt::format("  {} = {} ({})\n", key, value.text, value.origin));
  console.note("data: " + (config.data_dir.empty() ? "in memory" : config.data_dir) + "\n");
  for (const std::string& url : instance.http().urls()) console.note("listening on " + url + "\n");
  if (const std::string print = instance.http().certificate_fingerprint(); !print.empty())
    console.note("self-signed certificate, SHA-256 " + print + "\n");
}

class Running {
 public:
  Running(const Session& session, config::Settings settings, ServerLog& log,
          instance::Instance& instance)
      : session_(session), settings_(std::move(settings)), log_(log), instance_(instance) {}

  int until_stopped(const Signals& signals) {
    while (true) {
      const int signal = signals.next();
      if (signal == SIGHUP) {
        reload();
        continue;
      }
      log_.write(LogLevel::kInfo, signal == SIGINT ? "interrupted, stopping" : "stopping");
      return stop(signals);
    }
  }

 private:
  void reload() {
    const Result<> reloaded = try_reload();
    if (!reloaded) log_.write(LogLevel::kError, "nothing is reloaded: " + reloaded.error().message);
  }

  Result<> try_reload() {
    config::Settings fresh = TRY(config::Settings::load(session_.arguments.config, "."));
    fresh = TRY(with_flags(std::move(fresh), session_.arguments));
    config::Settings::Reload changes;
    config::Settings merged = settings_.reloaded(fresh, changes);
    const config::ServerConfig config =
        TRY(config::make_server_config(merged, config::this_machine()));
    TRY(instance_.reload(config));
    log_.set_level(config.log_level);
    settings_ = std::move(merged);
    if (changes.applied.empty() && changes.waiting.empty())
      log_.write(LogLevel::kInfo, "reloaded: nothing has changed");
    for (const std::string& key : changes.applied)
      log_.write(LogLevel::kInfo, "reloaded: " + key + " = " + settings_.effective(key));
    for (const std::string& key : changes.waiting)
      log_.write(LogLevel::kWarn, "changed, but needs a restart: " + key);
    return {};
  }

  int stop(const Signals& signals) {
    // Whoever asks twice does not want to wait. The thread ends with the process.
    std::thread([&signals] {
      (void)signals.next();
      ::_exit(kExitFailure);
    }).detach();
    const Result<> stopped = instance_.stop();
    if (!stopped) {
      log_.write(LogLevel::kError, "not everything is flushed: " + stopped.error().message +
                                       "; nothing is lost, the next start reads it from the log");
    }
    log_.write(LogLevel::kInfo, "stopped");
    return kExitOk;
  }

  const Session& session_;
  config::Settings settings_;
  ServerLog& log_;
  instance::Instance& instance_;
};

// What is asked for and not served by this version: silence would promise it.
Result<> check_served(const config::Settings& settings, const config::ServerConfig& config,
                      const ServerLog& log) {
  if (config.auth_enabled) {
    return Error{ErrorCode::kInvalidArgument,
                 "this version checks no API keys: auth.enabled is true",
                 "leave auth.enabled out, and let only trusted clients reach the server"};
  }
  for (const auto& [key, value] : settings.all()) {
    const bool is_unserved = key.starts_with("syslog.") || key.starts_with("otlp.") ||
                             key == "cluster.max_clock_skew" ||
                             key == "cluster.max_concurrent_shard_queries";
    if (is_unserved) log.write(LogLevel::kWarn, key + " has no effect in this version");
  }
  return {};
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kServerCommand, "server takes no arguments");
  Result<config::Settings> settings = with_flags(session.settings, session.arguments);
  if (!settings) {
    session.console.error(settings.error());
    return kExitUsage;
  }
  const auto config = config::make_server_config(*settings, config::this_machine());
  if (!config) {
    session.console.error(config.error());
    return kExitUsage;
  }
  const Signals signals;
  raise_file_limit();
  ServerLog log(config->log_level, config->log_format);
  for (const std::string& warning : settings->warnings()) log.write(LogLevel::kWarn, warning);
  if (const Result<> served = check_served(*settings, *config, log); !served.has_value()) {
    session.console.error(served.error());
    return kExitUsage;
  }
  auto instance =
      instance::Instance::start(*config,
                                {.version = std::string(build_info().version),
                                 .accept_log_damage = session.arguments.accept_log_damage,
                                 .dropped_segments = session.arguments.dropped_segments},
                                instance_log(log));
  if (!instance) {
    session.console.error(instance.error());
    return instance.error().code == ErrorCode::kInvalidArgument ? kExitUsage : kExitFailure;
  }
  announce(session, *settings, *config, **instance);
  const int code = Running(session, *settings, log, **instance).until_stopped(signals);
  // The thread that waits for a second signal must not outlive what it uses.
  instance->reset();
  ::_exit(code);
}

}  // namespace

const Command kServerCommand = {.name = "server",
                                .alias = "",
                                .arguments = "",
                                .summary = "take events and queries over HTTP",
                                .declare_flags = declare_flags,
                                .run = run,
                                .reads_settings = true};

}  // namespace lynxdb::cli
