#include "server/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/check.h"
#include "event/value.h"

namespace lynxdb::tests {
namespace {

using std::chrono::steady_clock;

// A port that nobody listens on now.
std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LYNXDB_CHECK(descriptor >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  LYNXDB_CHECK(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  LYNXDB_CHECK(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

pid_t spawn(const ServerProcess::Options& options, std::uint16_t port) {
  std::vector<std::string> words{options.binary, "server",
                                 "--data-dir",   options.data_directory,
                                 "--addr",       "127.0.0.1:" + std::to_string(port)};
  words.insert(words.end(), options.flags.begin(), options.flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  LYNXDB_CHECK(pid >= 0);
  if (pid != 0) return pid;
  const int log = ::open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(log, STDERR_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid != 0;
}

bool is_healthy(const std::string& url) {
  client::HttpClient client({.servers = {url}});
  const auto response =
      client.send({.path = "/health", .total_max = std::chrono::milliseconds(2'000)});
  return response && response->status == 200;
}

}  // namespace

std::unique_ptr<ServerProcess> ServerProcess::start(const Options& options) {
  const std::uint16_t port = free_port();
  std::unique_ptr<ServerProcess> process(new ServerProcess(spawn(options, port), port));
  const auto deadline = steady_clock::now() + std::chrono::minutes(1);
  while (!is_healthy(process->url())) {
    if (has_ended(process->pid_) || steady_clock::now() > deadline) return nullptr;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return process;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) kill();
}

int ServerProcess::wait() {
  int status = 0;
  LYNXDB_CHECK(::waitpid(pid_, &status, 0) == pid_);
  pid_ = 0;
  return status;
}

void ServerProcess::kill() {
  ::kill(pid_, SIGKILL);
  (void)wait();
}

int ServerProcess::stop() {
  ::kill(pid_, SIGTERM);
  return wait();
}

std::vector<std::string> query_rows(const std::string& url, const std::string& query) {
  client::HttpClient client({.servers = {url}});
  std::string body = "{\"q\":";
  event::append_json_string(query, body);
  body += "}";
  std::string text;
  const auto response = client.send({.method = "POST",
                                     .path = "/api/v1/query/stream",
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = body,
                                     .total_max = std::chrono::minutes(2)},
                                    [&](std::string_view bytes) -> Result<> {
                                      text += bytes;
                                      return {};
                                    });
  EXPECT_TRUE(response.has_value()) << query << ": " << response.error().message;
  if (!response) return {};
  EXPECT_EQ(response->status, 200) << query << ": " << response->body;
  std::vector<std::string> rows;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    rows.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const bool whole = !rows.empty() && rows.back().starts_with("{\"__meta\"");
  EXPECT_TRUE(whole) << query << ": the stream was cut";
  if (!whole) return {};
  rows.pop_back();
  return rows;
}

}  // namespace lynxdb::tests
