#include "s3/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "base/check.h"

namespace lynxdb::s3::testing {
namespace {

constexpr std::string_view kSlowDownBody =
    "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Please reduce your request "
    "rate.</Message></Error>";

int connect_to(const std::string& upstream) {
  const std::size_t colon = upstream.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(upstream.c_str() + colon + 1)));
  LYNXDB_CHECK(::inet_pton(AF_INET, upstream.substr(0, colon).c_str(), &address.sin_addr) == 1);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  LYNXDB_CHECK(descriptor >= 0);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

// With "Connection: close", so that the end of the connection is the end of the answer.
std::string closing(const Request& request) {
  std::string bytes = request.raw;
  bytes.insert(bytes.find("\r\n") + 2, "Connection: close\r\n");
  return bytes;
}

// Where the value of a header of an answer begins, or npos. Services agree on its spelling.
std::size_t value_of(const std::string& answer, std::string_view name) {
  const std::size_t head_end = answer.find("\r\n\r\n");
  const std::size_t at = answer.find("\r\n" + std::string(name) + ": ");
  return at > head_end ? std::string::npos : at + name.size() + 4;
}

void shorten(std::string& answer) {
  const std::size_t at = value_of(answer, "Content-Length");
  if (at == std::string::npos) return;
  const std::size_t length = std::strtoull(answer.c_str() + at, nullptr, 10);
  if (length == 0 || answer.ends_with("\r\n\r\n")) return;
  answer.replace(at, answer.find("\r\n", at) - at, std::to_string(length - 1));
  answer.pop_back();
}

void change_etag(std::string& answer) {
  const std::size_t at = value_of(answer, "ETag");
  if (at == std::string::npos) return;
  char& digit = answer[at + 3];
  digit = digit == '0' ? '1' : '0';
}

}  // namespace

FaultProxy::FaultProxy(std::string upstream)
    : upstream_(std::move(upstream)),
      server_([this](const Request& request, Connection& connection) {
        return serve(request, connection);
      }) {}

void FaultProxy::set_plan(Plan plan) {
  const base::MutexLock lock(mutex_);
  plan_ = std::move(plan);
}

void FaultProxy::set_delay(std::chrono::milliseconds delay) {
  const base::MutexLock lock(mutex_);
  delay_ = delay;
}

bool FaultProxy::serve(const Request& request, Connection& connection) {
  Fault fault = Fault::kNone;
  std::chrono::milliseconds delay{};
  {
    const base::MutexLock lock(mutex_);
    if (plan_) fault = plan_(request);
    delay = delay_;
  }
  if (fault == Fault::kSlowDown) {
    connection.answer(503, kSlowDownBody);
    return true;
  }
  if (fault == Fault::kInternalError) {
    connection.answer(500, "");
    return true;
  }
  if (fault == Fault::kReset) {
    connection.reset();
    return false;
  }
  if (fault == Fault::kCutRequest) {
    send_half(request);
    connection.reset();
    return false;
  }
  if (fault == Fault::kLate) std::this_thread::sleep_for(delay);
  std::string answer = forward(request);
  if (fault == Fault::kShortBody) shorten(answer);
  if (fault == Fault::kWrongEtag) change_etag(answer);
  if (fault == Fault::kLostAnswer) {
    connection.reset();
    return false;
  }
  if (fault == Fault::kHang) std::this_thread::sleep_for(delay);
  const std::size_t sent = fault == Fault::kCutAnswer ? answer.size() / 2 : answer.size();
  connection.write(std::string_view(answer).substr(0, sent));
  return false;
}

void FaultProxy::send_half(const Request& request) const {
  const int descriptor = connect_to(upstream_);
  if (descriptor < 0) return;
  Connection(descriptor).write(std::string_view(request.raw).substr(0, request.raw.size() / 2));
  ::close(descriptor);
}

std::string FaultProxy::forward(const Request& request) const {
  const std::string bytes = closing(request);
  const int descriptor = connect_to(upstream_);
  if (descriptor < 0) return {};
  Connection upstream(descriptor);
  upstream.write(bytes);
  std::string answer;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t got = ::recv(descriptor, piece.data(), piece.size(), 0);
    if (got <= 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return answer;
}

}  // namespace lynxdb::s3::testing
