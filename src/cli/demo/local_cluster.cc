#include "cli/demo/local_cluster.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace lynxdb::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned kClusterPortOffset = 6300;
constexpr milliseconds kLookInterval{100};
constexpr milliseconds kEndGrace{3'000};

std::string node_name(std::size_t node) { return "node-" + std::to_string(node + 1); }

Result<std::string> make_temporary_directory() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string name = ((error ? std::filesystem::path("/tmp") : parent) / "lynxdb-demo-XXXXXX");
  if (::mkdtemp(name.data()) != nullptr) return name;
  return Error{ErrorCode::kIo, "cannot make the directory " + name + ": " + std::strerror(errno)};
}

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last;
}

}  // namespace

Result<std::unique_ptr<LocalCluster>> LocalCluster::start(LocalClusterOptions options) {
  constexpr unsigned kPortMax = 65'535;
  if (options.port == 0 || options.port + kClusterPortOffset + options.nodes - 1 > kPortMax)
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the nodes need the ports {} to {}, which are none", options.port,
                             options.port + kClusterPortOffset + options.nodes - 1),
                 "give a smaller port with --port"};
  const bool is_temporary = options.directory.empty();
  if (is_temporary) options.directory = TRY(make_temporary_directory());
  std::error_code error;
  options.directory = std::filesystem::absolute(options.directory, error);
  std::filesystem::create_directories(options.directory + "/objects", error);
  if (error)
    return Error{ErrorCode::kIo,
                 "cannot make the directory " + options.directory + ": " + error.message()};
  std::unique_ptr<LocalCluster> cluster(new LocalCluster(std::move(options), is_temporary));
  TRY(cluster->write_settings());
  cluster->thread_ = std::thread([self = cluster.get()] { self->keep_running(); });
  return cluster;
}

LocalCluster::LocalCluster(LocalClusterOptions options, bool is_temporary)
    : options_(std::move(options)), is_temporary_(is_temporary) {
  for (std::size_t node = 0; node < options_.nodes; ++node)
    nodes_.push_back({.name = node_name(node), .process = std::nullopt});
}

LocalCluster::~LocalCluster() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  std::error_code ignored;
  if (is_temporary_) std::filesystem::remove_all(options_.directory, ignored);
}

std::vector<std::string> LocalCluster::urls() const {
  std::vector<std::string> urls;
  for (std::size_t node = 0; node < options_.nodes; ++node)
    urls.push_back(fmt::format("http://127.0.0.1:{}", options_.port + node));
  return urls;
}

std::string LocalCluster::pid_file(std::size_t node) const {
  return path(node_name(node) + ".pid");
}

std::optional<std::string> LocalCluster::first_end() const {
  const base::MutexLock lock(mutex_);
  return first_end_;
}

Result<> LocalCluster::write_settings() const {
  constexpr std::size_t kSeedsMax = 3;  // The others join.
  std::string seeds;
  for (std::size_t node = 0; node < std::min(options_.nodes, kSeedsMax); ++node)
    seeds += fmt::format("{}\"127.0.0.1:{}\"", node == 0 ? "" : ", ",
                         options_.port + kClusterPortOffset + node);
  for (std::size_t node = 0; node < options_.nodes; ++node) {
    const std::string file = path(node_name(node) + ".yaml");
    std::ofstream out(file, std::ios::trunc);
    out << fmt::format(
        "# Written by `lynxdb demo`.\n"
        "listen: \"127.0.0.1:{0}\"\n"
        "data_dir: \"{1}/{2}\"\n"
        "retention: \"0\"\n"
        "cluster:\n"
        "  node_id: \"{2}\"\n"
        "  roles: [meta, ingest, query]\n"
        "  listen: \"127.0.0.1:{3}\"\n"
        "  seeds: [{4}]\n"
        "  partition_count: 24\n"
        "storage:\n"
        "  object_store: \"file://{1}/objects\"\n",
        options_.port + node, options_.directory, node_name(node),
        options_.port + kClusterPortOffset + node, seeds);
    out.close();
    if (!out) return Error{ErrorCode::kIo, "cannot write " + file};
  }
  return {};
}

void LocalCluster::keep_running() {
  while (true) {
    for (Node& node : nodes_) look_after(node);
    const base::MutexLock lock(mutex_);
    const auto next = Clock::now() + kLookInterval;
    while (!stopping_ && changed_.wait_until(mutex_, next)) {
    }
    if (stopping_) break;
  }
  end_all();
}

void LocalCluster::look_after(Node& node) {
  const Clock::time_point now = Clock::now();
  if (node.process) {
    const auto why = node.process->poll_end();
    if (!why) return;
    node.process.reset();
    node.start_at = now + options_.restart_delay;
    std::error_code ignored;
    std::filesystem::remove(path(node.name + ".pid"), ignored);
    options_.log(fmt::format(
        "{} has ended ({}); it is started again in {} s", node.name, *why,
        std::chrono::duration_cast<std::chrono::seconds>(options_.restart_delay).count()));
    const base::MutexLock lock(mutex_);
    if (!first_end_)
      first_end_ = node.name + " ended (" + *why + "): " + last_line(path(node.name + ".log"));
    return;
  }
  if (now < node.start_at) return;
  auto started = ChildProcess::start(
      {"/proc/self/exe", "server", "--quiet", "--config", path(node.name + ".yaml")},
      path(node.name + ".log"));
  if (!started.has_value()) {
    options_.log(node.name + " cannot be started: " + started.error().message);
    node.start_at = now + options_.restart_delay;
    return;
  }
  std::ofstream(path(node.name + ".pid"), std::ios::trunc) << started->pid() << '\n';
  if (node.start_at != Clock::time_point()) options_.log(node.name + " is started again");
  node.process.emplace(*std::move(started));
}

void LocalCluster::end_all() {
  for (Node& node : nodes_)
    if (node.process) node.process->terminate();
  const Clock::time_point until = Clock::now() + kEndGrace;
  for (Node& node : nodes_) {
    while (node.process && !node.process->poll_end() && Clock::now() < until)
      std::this_thread::sleep_for(milliseconds(20));
    node.process.reset();
    std::error_code ignored;
    std::filesystem::remove(path(node.name + ".pid"), ignored);
  }
}

}  // namespace lynxdb::cli
