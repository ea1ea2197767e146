// lynxdb demo: a server with lively logs, to try queries on.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "cli/batch_sender.h"
#include "cli/command.h"
#include "cli/demo_logs.h"
#include "cli/demo_server.h"
#include "cli/exit_code.h"
#include "cli/progress_line.h"
#include "cli/query_watch.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"
#include "output/number_text.h"

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRateMax = 100'000;

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--rate", "N", arguments.rate, "events per second (200)");
  flags.value("--events", "N", arguments.events, "end after so many events (never)");
}

Result<std::uint64_t> number(const std::optional<std::string>& text, std::string_view flag,
                             std::uint64_t usual, std::uint64_t most) {
  if (!text) return usual;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= 1 && value <= most)
    return value;
  return Error{ErrorCode::kInvalidArgument, std::string(flag) + " is a number from 1 to " +
                                                std::to_string(most) + ", not '" + *text + "'"};
}

// Sends events at a steady rate until it is interrupted.
class Demo {
 public:
  Demo(const Session& session, client::HttpClient::Options client, std::uint64_t rate,
       std::uint64_t events_max)
      : session_(session),
        client_(std::move(client)),
        sender_(client_, {}),
        logs_(std::random_device{}()),
        rate_(rate),
        events_max_(events_max) {}

  int run();

 private:
  QueryWatch::Options watch_options();
  Result<> send_events(std::uint64_t count);
  std::uint64_t due(Clock::time_point started) const;

  const Session& session_;
  client::HttpClient client_;
  BatchSender sender_;
  DemoLogs logs_;
  const std::uint64_t rate_;
  const std::uint64_t events_max_;
  ProgressLine progress_;
  std::atomic<std::uint64_t> sent_{0};
};

QueryWatch::Options Demo::watch_options() {
  QueryWatch::Options options;
  options.on_tick = [this] { progress_.draw(); };
  options.before_exit = [this](bool /*interrupted*/) { progress_.stop(); };
  return options;
}

// How many events should have been sent by now.
std::uint64_t Demo::due(Clock::time_point started) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
  return std::min(events_max_, static_cast<std::uint64_t>(seconds * static_cast<double>(rate_)));
}

Result<> Demo::send_events(std::uint64_t count) {
  std::array<LineBatch, kDemoSources.size()> batches;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t source = logs_.next_source();
    LineBatch& batch = batches[source];
    batch.body += logs_.line(source, base::real_clock().wall_ns()) + "\n";
    batch.numbers.push_back(batch.numbers.size() + 1);
  }
  for (std::size_t source = 0; source < batches.size(); ++source) {
    if (batches[source].lines() == 0) continue;
    sender_.set_labels({{"X-Source", std::string(kDemoSources[source])}});
    TRY(sender_.send(batches[source]));
    sent_.fetch_add(batches[source].lines());
  }
  return {};
}

int Demo::run() {
  constexpr milliseconds kTick{200};
  constexpr std::uint64_t kAtOnceMax = 20'000;  // After a stall the rest is made up for in pieces.
  session_.console.note("sending " + output::counted(rate_, "event") + " per second to " +
                        client_.server() + "; Ctrl-C ends it. Try:\n  lynxdb query --server " +
                        client_.server() + " 'source=nginx | stats count by status'");
  QueryWatch watch(watch_options());
  watch.attach([this] {
    sender_.stop();
    client_.cancel();
  });
  if (session_.streams.error_is_terminal && !session_.arguments.quiet)
    progress_.show([this](std::string_view time) {
      return output::counted(sent_.load(), "event") + " sent | " + std::string(time);
    });
  const Clock::time_point started = Clock::now();
  Result<> sent;
  while (sent.has_value() && sent_.load() < events_max_ && !watch.interrupted()) {
    const std::uint64_t wanted = due(started);
    const std::uint64_t missing = wanted - std::min(wanted, sent_.load());
    if (missing > 0) sent = send_events(std::min(missing, kAtOnceMax));
    std::this_thread::sleep_for(kTick);
  }
  progress_.stop();
  watch.detach();
  session_.console.note("sent " + output::counted(sent_.load(), "event"));
  if (watch.interrupted()) return kExitInterrupted;
  if (sender_.refusal()) return report_refusal(session_.console, *sender_.refusal());
  return sent.has_value() ? static_cast<int>(kExitOk)
                          : report_failure(session_.console, sent.error());
}

bool answers(const client::HttpClient::Options& options) {
  client::HttpClient client(options);
  const auto health = client.send({.path = "/health", .total_max = std::chrono::seconds(5)});
  return health.has_value() || health.error().code != ErrorCode::kUnavailable;
}

Result<int> start(const Session& session) {
  constexpr std::uint64_t kUsualRate = 200;
  const std::uint64_t rate = TRY(number(session.arguments.rate, "--rate", kUsualRate, kRateMax));
  constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t events = TRY(number(session.arguments.events, "--events", kNever, kNever));
  client::HttpClient::Options options = TRY(client_options(session));
  const bool is_named = !TRY(server_target(session)).is_default();
  std::unique_ptr<DemoServer> own;
  if (!is_named && !answers(options)) {
    own = TRY(start_demo_server(session));
    options.servers = {own->url()};
  }
  return Demo(session, std::move(options), rate, events).run();
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kDemoCommand, "demo takes no arguments");
  const Result<int> code = start(session);
  return code.has_value() ? *code : report_failure(session.console, code.error());
}

}  // namespace

const Command kDemoCommand = {
    "demo", "", "", "send made-up logs of four programs to a server", declare_flags, run, true};

}  // namespace lynxdb::cli
