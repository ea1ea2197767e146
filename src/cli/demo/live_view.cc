#include "cli/demo/live_view.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/demo/question.h"
#include "output/number_text.h"

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInterval{500};
constexpr std::string_view kQuery =
    "source=api-gateway | stats count, p99(duration_ms) as p99_ms by service | sort service";

void put(std::string_view text) {
  // A terminal that takes no more text is no reason to stop.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

client::HttpClient::Options only(client::HttpClient::Options options, const std::string& server) {
  options.servers = {server};
  return options;
}

}  // namespace

LiveView::LiveView(Options options, DemoSender& sender)
    : options_(std::move(options)), sender_(sender), status_client_(options_.client) {
  for (const std::string& server : options_.servers)
    clients_.push_back(std::make_unique<client::HttpClient>(only(options_.client, server)));
  picture_.query = kQuery;
  picture_.query_note = "...";
  thread_ = std::thread([this] { run(); });
}

LiveView::~LiveView() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  status_client_.cancel();
  for (const auto& client : clients_) client->cancel();
  thread_.join();
}

void LiveView::say(std::string_view lines) {
  const base::MutexLock lock(mutex_);
  erase();
  put(fmt::format("{}\n", lines));
}

void LiveView::run() {
  for (bool even = true;; even = !even) {
    const auto next = Clock::now() + kInterval;
    look_at_cluster();
    measure_rate();
    if (even) {
      count_events();
      ask_query();
    }
    const base::MutexLock lock(mutex_);
    while (!stopping_ && changed_.wait_until(mutex_, next)) {
    }
    if (stopping_) return;  // What was under way was cancelled: the last picture stands.
    draw();
  }
}

void LiveView::look_at_cluster() {
  client::Request request;
  request.path = "/api/v1/cluster/status";
  request.connect_max = milliseconds(500);
  request.total_max = milliseconds(1'000);
  const auto response = status_client_.send(request);
  if (!response.has_value()) {
    picture_.trouble = response.error().message;
    return;
  }
  picture_.trouble.clear();
  if (auto cluster = read_cluster_picture(response->body)) picture_.cluster = *std::move(cluster);
}

void LiveView::measure_rate() {
  constexpr std::size_t kRatesKept = 6;  // The last 3 s.
  picture_.acknowledged = sender_.acknowledged();
  picture_.retries = sender_.retries();
  rates_.emplace_back(Clock::now(), picture_.acknowledged);
  if (rates_.size() > kRatesKept) rates_.pop_front();
  const double seconds =
      std::chrono::duration<double>(rates_.back().first - rates_.front().first).count();
  if (seconds > 0)
    picture_.events_per_second =
        static_cast<double>(rates_.back().second - rates_.front().second) / seconds;
}

// The next in turn whose node lives.
client::HttpClient& LiveView::next_server() {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    client::HttpClient& client = *clients_[turn_++ % clients_.size()];
    if (!picture_.cluster) return client;
    const auto is_dead = [&](const NodePicture& node) {
      return node.state != "alive" && !node.url.empty() && client.server().ends_with(node.url);
    };
    if (std::ranges::none_of(picture_.cluster->nodes, is_dead)) return client;
  }
  return *clients_[turn_ % clients_.size()];
}

void LiveView::count_events() {
  if (!options_.events_before) return;
  constexpr milliseconds kPatience{300};
  sender_.while_still(kPatience, [this] {
    const std::uint64_t acknowledged = sender_.acknowledged();
    const auto found = count_demo_events(next_server());
    if (!found.has_value()) return;
    picture_.count = {.acknowledged = acknowledged, .found = *found - *options_.events_before};
    counted_at_ = Clock::now();
  });
  if (picture_.count)
    picture_.count->age = std::chrono::duration_cast<milliseconds>(Clock::now() - counted_at_);
}

void LiveView::ask_query() {
  client::HttpClient& client = next_server();
  const Clock::time_point asked = Clock::now();
  auto answer = ask(client, picture_.query);
  if (answer.has_value()) {
    picture_.answer = *std::move(answer);
    picture_.query_note = fmt::format("asked {}, answered in {}", client.server(),
                                      output::duration_text(Clock::now() - asked));
  } else {
    picture_.query_note = fmt::format("asked {}: {}", client.server(), answer.error().message);
  }
}

void LiveView::erase() {
  if (lines_drawn_ > 0) put(fmt::format("\x1b[{}A\x1b[J", lines_drawn_));
  lines_drawn_ = 0;
}

void LiveView::draw() {
  const std::string text = picture_text(picture_, options_.width);
  erase();
  put(text);
  lines_drawn_ = static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace lynxdb::cli
