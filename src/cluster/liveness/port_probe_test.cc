// Only a machine that says that nobody listens proves a process dead.
#include "cluster/liveness/port_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lynxdb::cluster {
namespace {

constexpr std::chrono::milliseconds kProbeTime{500};

TEST(PortProbe, TellsAnOpenPortFromAClosedOne) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string text = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  EXPECT_EQ(probe_port(text, kProbeTime), PortState::kListening);
  ::close(listener);
  EXPECT_EQ(probe_port(text, kProbeTime), PortState::kRefused);
}

TEST(PortProbe, KnowsNothingOfANameThatDoesNotExist) {
  EXPECT_EQ(probe_port("no-such-host.invalid:9400", kProbeTime), PortState::kUnknown);
  EXPECT_EQ(probe_port("no port at all", kProbeTime), PortState::kUnknown);
}

}  // namespace
}  // namespace lynxdb::cluster
