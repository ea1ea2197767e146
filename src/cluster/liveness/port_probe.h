// Does anybody listen at a port? The one question whose answer proves that a process is dead: its
// machine lives, and says that nobody does.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lynxdb::cluster {

enum class PortState : std::uint8_t {
  kListening,  // Somebody accepts connections; who, is another question.
  kRefused,    // The machine answered that nobody listens.
  kUnknown,    // No answer in time, no way there, no such name.
};

// `address`: host:port.
PortState probe_port(const std::string& address, std::chrono::milliseconds timeout);

}  // namespace lynxdb::cluster
