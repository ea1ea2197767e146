// lynxdb demo: servers with lively logs, to try queries on, and to kill.
#include <charconv>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cli/command.h"
#include "cli/demo/live_view.h"
#include "cli/demo/local_cluster.h"
#include "cli/demo/question.h"
#include "cli/demo/sender.h"
#include "cli/demo/servers.h"
#include "cli/exit_code.h"
#include "cli/query_watch.h"
#include "cli/server_failure.h"
#include "cli/server_target.h"
#include "output/number_text.h"

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRateMax = 100'000;
constexpr std::uint64_t kNodesMax = 10;
constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

void declare_flags(FlagSet& flags, Arguments& arguments) {
  flags.value("--rate", "N", arguments.rate,
              "events per second (200); 0, with --nodes: only run the nodes");
  flags.value("--events", "N", arguments.events, "end after so many events (never)");
  flags.value("--nodes", "N", arguments.nodes,
              "run a cluster of N nodes on this machine; a node that is killed is started again "
              "15 s later");
  flags.value("--port", "N", arguments.port,
              "of --nodes: where the first listens, the others behind it (3100)");
  flags.value("--dir", "DIR", arguments.directory,
              "of --nodes: keep settings, logs and data there (a temporary directory)");
}

Result<std::uint64_t> number(const std::optional<std::string>& text, std::string_view flag,
                             std::uint64_t usual, std::uint64_t least, std::uint64_t most) {
  if (!text) return usual;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= least && value <= most)
    return value;
  return Error{ErrorCode::kInvalidArgument, std::string(flag) + " is a number from " +
                                                std::to_string(least) + " to " +
                                                std::to_string(most) + ", not '" + *text + "'"};
}

struct Plan {
  std::uint64_t rate = 200;  // Events per second.
  std::uint64_t events = kNever;
  std::uint64_t nodes = 0;  // 0 = no cluster of its own.
  std::uint16_t port = 3100;
};

Result<Plan> plan_of(const Arguments& arguments) {
  Plan plan;
  plan.nodes = TRY(number(arguments.nodes, "--nodes", plan.nodes, 1, kNodesMax));
  plan.rate = TRY(number(arguments.rate, "--rate", plan.rate, plan.nodes == 0 ? 1 : 0, kRateMax));
  plan.events = TRY(number(arguments.events, "--events", plan.events, 1, kNever));
  constexpr std::uint64_t kPortMax = 65'535;
  plan.port =
      static_cast<std::uint16_t>(TRY(number(arguments.port, "--port", plan.port, 1, kPortMax)));
  if (plan.nodes == 0 && (arguments.port || arguments.directory))
    return Error{ErrorCode::kInvalidArgument, "--port and --dir are for a demo with --nodes"};
  return plan;
}

// The demo against servers that are there.
class Demo {
 public:
  Demo(const Session& session, client::HttpClient::Options client, const Plan& plan,
       const LocalCluster* cluster)
      : session_(session),
        client_options_(std::move(client)),
        plan_(plan),
        cluster_(cluster),
        asking_(client_options_),
        sender_(client_options_, plan.rate, plan.events) {}

  // Gives the exit code. `view` tells where to show the live view while it lasts.
  int run();

  // Thread-safe. Above the live view, if there is one.
  void say(std::string_view line) EXCLUDES(mutex_);

 private:
  void cancel() EXCLUDES(mutex_);
  bool is_cancelled() EXCLUDES(mutex_);
  void pause(milliseconds time) EXCLUDES(mutex_);
  Result<> wait_for_cluster();
  Result<> send_events();
  void explain() const;
  int check_count(std::uint64_t before);

  const Session& session_;
  const client::HttpClient::Options client_options_;
  const Plan plan_;
  const LocalCluster* const cluster_;
  client::HttpClient asking_;
  DemoSender sender_;
  std::optional<std::uint64_t> events_before_;
  base::Mutex mutex_;
  base::CondVar changed_;
  bool cancelled_ GUARDED_BY(mutex_) = false;
  LiveView* view_ GUARDED_BY(mutex_) = nullptr;
};

void Demo::say(std::string_view line) {
  const base::MutexLock lock(mutex_);
  if (view_ != nullptr) {
    view_->say(line);
  } else {
    session_.console.note(line);
  }
}

void Demo::cancel() {
  sender_.stop();
  asking_.cancel();
  const base::MutexLock lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool Demo::is_cancelled() {
  const base::MutexLock lock(mutex_);
  return cancelled_;
}

void Demo::pause(milliseconds time) {
  const auto until = Clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!cancelled_ && changed_.wait_until(mutex_, until)) {
  }
}

// Until each partition has all its copies on all nodes.
Result<> Demo::wait_for_cluster() {
  constexpr std::chrono::seconds kFormMax{60};
  const auto deadline = Clock::now() + kFormMax;
  client::Request request;
  request.path = "/api/v1/cluster/status";
  request.total_max = std::chrono::seconds(2);
  while (!is_cancelled()) {
    if (const auto end = cluster_->first_end()) return Error{ErrorCode::kUnavailable, *end};
    const auto response = asking_.send(request);
    const auto picture = response.has_value() ? read_cluster_picture(response->body) : std::nullopt;
    if (picture && picture->status == "healthy" && picture->nodes.size() == plan_.nodes) return {};
    if (Clock::now() > deadline)
      return Error{ErrorCode::kTimeout, "the cluster did not form within a minute",
                   "see node-1.log in " + cluster_->directory()};
    pause(milliseconds(100));
  }
  return {};
}

void Demo::explain() const {
  std::string text;
  const std::string& server = client_options_.servers.back();
  if (plan_.rate > 0)
    text += "sending " + output::counted(plan_.rate, "event") + " per second to " +
            client_options_.servers.front() + "; ";
  text += "Ctrl-C ends it. Try:\n  lynxdb query --server " + server +
          " 'source=nginx | stats count by status'";
  if (cluster_ != nullptr)
    text += "\nAnd kill a node, to see the others take over its partitions:\n  kill -9 $(cat " +
            cluster_->pid_file(plan_.nodes > 1 ? 1 : 0) +
            ")\nThe nodes' settings, logs and data: " + cluster_->directory();
  session_.console.note(text);
}

Result<> Demo::send_events() {
  const bool shows = session_.streams.error_is_terminal && !session_.arguments.quiet;
  std::unique_ptr<LiveView> view;
  if (shows)
    view = std::make_unique<LiveView>(LiveView::Options{.client = client_options_,
                                                        .servers = client_options_.servers,
                                                        .width = session_.streams.output_width,
                                                        .events_before = events_before_},
                                      sender_);
  const auto show = [this](LiveView* shown) {
    const base::MutexLock lock(mutex_);
    view_ = shown;
  };
  show(view.get());
  Result<> sent;
  if (plan_.rate > 0) {
    sent = sender_.run();
  } else {
    while (!is_cancelled()) pause(std::chrono::hours(1));
  }
  show(nullptr);
  return sent;
}

// What was acknowledged is there, once.
int Demo::check_count(std::uint64_t before) {
  const auto count = count_demo_events(asking_);
  if (!count.has_value()) return report_failure(session_.console, count.error());
  const std::uint64_t found = *count - before;
  session_.console.note("found " + output::counted(found, "event") + " of " +
                        output::with_thousands_separators(sender_.acknowledged()) +
                        " acknowledged");
  if (found == sender_.acknowledged()) return kExitOk;
  session_.console.error("the cluster does not hold what it acknowledged");
  return kExitFailure;
}

int Demo::run() {
  QueryWatch::Options options;
  options.grace = std::chrono::seconds(3);
  QueryWatch watch(options);
  watch.attach([this] { cancel(); });
  Result<> sent;
  if (cluster_ != nullptr) sent = wait_for_cluster();
  if (sent.has_value() && !is_cancelled()) {
    const auto before = count_demo_events(asking_);
    if (before.has_value())
      events_before_ = *before;
    else
      session_.console.note("events are not counted: " + before.error().message);
    explain();
    sent = send_events();
  }
  watch.detach();
  if (plan_.rate > 0)
    session_.console.note(
        "sent " + output::counted(sender_.acknowledged(), "event") +
        (sender_.retries() > 0 ? ", " + std::to_string(sender_.retries()) + " batches again" : ""));
  if (watch.interrupted()) return kExitInterrupted;
  if (sender_.refusal()) return report_refusal(session_.console, *sender_.refusal());
  if (!sent.has_value()) return report_failure(session_.console, sent.error());
  return cluster_ != nullptr && events_before_ ? check_count(*events_before_)
                                               : static_cast<int>(kExitOk);
}

bool answers(const client::HttpClient::Options& options) {
  client::HttpClient client(options);
  const auto health = client.send({.path = "/health", .total_max = std::chrono::seconds(5)});
  return health.has_value() || health.error().code != ErrorCode::kUnavailable;
}

Result<int> run_with_cluster(const Session& session, const Plan& plan,
                             client::HttpClient::Options options) {
  LocalClusterOptions cluster_options;
  cluster_options.nodes = plan.nodes;
  cluster_options.port = plan.port;
  cluster_options.directory = session.arguments.directory.value_or("");
  // The cluster speaks before there is a demo, and after.
  struct Voice {
    base::Mutex mutex;
    Demo* demo GUARDED_BY(mutex) = nullptr;
  } voice;
  cluster_options.log = [&](std::string_view line) {
    const base::MutexLock lock(voice.mutex);
    if (voice.demo != nullptr) voice.demo->say(line);
  };
  const auto cluster = TRY(LocalCluster::start(std::move(cluster_options)));
  options.servers = cluster->urls();
  Demo demo(session, std::move(options), plan, cluster.get());
  const auto speak_to = [&](Demo* listener) {
    const base::MutexLock lock(voice.mutex);
    voice.demo = listener;
  };
  speak_to(&demo);
  const int code = demo.run();
  speak_to(nullptr);
  return code;
}

Result<int> start(const Session& session) {
  const Plan plan = TRY(plan_of(session.arguments));
  client::HttpClient::Options options = TRY(client_options(session));
  const bool is_named = !TRY(server_target(session)).is_default();
  if (plan.nodes > 0) {
    if (session.arguments.server || session.arguments.profile)
      return Error{ErrorCode::kInvalidArgument,
                   "--nodes runs a cluster of its own: it takes no --server and no --profile"};
    return run_with_cluster(session, plan, std::move(options));
  }
  std::unique_ptr<DemoServers> own;
  if (!is_named && !answers(options)) {
    own = TRY(start_memory_server(session));
    options.servers = own->urls();
  }
  return Demo(session, std::move(options), plan, nullptr).run();
}

int run(const Session& session) {
  if (!session.arguments.positionals.empty())
    return wrong_arguments(session, kDemoCommand, "demo takes no arguments");
  const Result<int> code = start(session);
  return code.has_value() ? *code : report_failure(session.console, code.error());
}

}  // namespace

const Command kDemoCommand = {
    "demo",
    "",
    "",
    "send made-up logs of four programs to a server, or to a cluster that "
    "it runs",
    declare_flags,
    run,
    true};

}  // namespace lynxdb::cli
