#include "cluster/liveness/port_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace lynxdb::cluster {
namespace {

class Socket {
 public:
  explicit Socket(int family)
      : descriptor_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

PortState of_error(int error) {
  if (error == 0) return PortState::kListening;
  return error == ECONNREFUSED ? PortState::kRefused : PortState::kUnknown;
}

PortState connect_to(const addrinfo& to, std::chrono::milliseconds timeout) {
  const Socket socket(to.ai_family);
  if (socket.get() < 0) return PortState::kUnknown;
  if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) return PortState::kListening;
  if (errno != EINPROGRESS) return of_error(errno);
  pollfd ready{.fd = socket.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0) return PortState::kUnknown;
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    return PortState::kUnknown;
  return of_error(error);
}

}  // namespace

PortState probe_port(const std::string& address, std::chrono::milliseconds timeout) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return PortState::kUnknown;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &first) != 0)
    return PortState::kUnknown;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
  // Only when each of its addresses says so.
  PortState all = PortState::kRefused;
  for (const addrinfo* to = first; to != nullptr && all == PortState::kRefused; to = to->ai_next)
    all = connect_to(*to, timeout);
  return all;
}

}  // namespace lynxdb::cluster
