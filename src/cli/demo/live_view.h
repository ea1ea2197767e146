// Draws on a terminal, again and again, what a demo's servers do.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "cli/demo/picture.h"
#include "cli/demo/sender.h"
#include "client/http_client.h"

namespace lynxdb::cli {

// Draws on standard error from a thread of its own, until it is destroyed; what was drawn last
// stays. Thread-safe.
class LiveView {
 public:
  struct Options {
    client::HttpClient::Options client;
    std::vector<std::string> servers;  // All that are asked, in turn.
    std::size_t width = 80;            // Of the terminal, in columns.
    // Events of the demo's sources that were there before it; nullopt = unknown, none are counted.
    std::optional<std::uint64_t> events_before{};
  };

  // `sender` must outlive it.
  LiveView(Options options, DemoSender& sender);
  ~LiveView();
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  // Writes lines above the picture.
  void say(std::string_view lines) EXCLUDES(mutex_);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void look_at_cluster();
  void count_events();
  void ask_query();
  void measure_rate();
  client::HttpClient& next_server();
  void draw() REQUIRES(mutex_);
  void erase() REQUIRES(mutex_);

  const Options options_;
  DemoSender& sender_;
  client::HttpClient status_client_;
  std::vector<std::unique_ptr<client::HttpClient>> clients_;  // One for each server.

  // Of the thread.
  std::size_t turn_ = 0;
  DemoPicture picture_;
  Clock::time_point counted_at_;
  std::deque<std::pair<Clock::time_point, std::uint64_t>> rates_;

  base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::size_t lines_drawn_ GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace lynxdb::cli
