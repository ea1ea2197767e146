// Stands between a client and an S3 service and does what networks and busy services do. One
// request to a connection.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "s3/testing/test_server.h"

namespace lynxdb::s3::testing {

enum class Fault {
  kNone,
  kSlowDown,       // 503 SlowDown; the service sees nothing.
  kInternalError,  // 500 without a body.
  kReset,          // Broken off before the service sees anything.
  kLostAnswer,     // The service does it, and the connection breaks before the answer.
  kCutAnswer,      // Half of the answer, then the end.
  kHang,           // Passed on; the answer comes after the delay.
  kLate,           // Nothing for the delay, then passed on, whether or not the client still waits.
  kCutRequest,     // The service sees half of it, then both connections break.
  kShortBody,      // An answer whose body and Content-Length lack the last byte.
  kWrongEtag,      // An answer whose ETag is another.
};

class FaultProxy {
 public:
  // Called with the lock held, so it may count.
  using Plan = std::function<Fault(const Request&)>;

  // `upstream` is an IPv4 address and port.
  explicit FaultProxy(std::string upstream);

  std::string url() const { return server_.url(); }
  // From now on; nothing goes wrong before.
  void set_plan(Plan plan) EXCLUDES(mutex_);
  void set_delay(std::chrono::milliseconds delay) EXCLUDES(mutex_);
  std::vector<Request> requests() const { return server_.requests(); }

 private:
  bool serve(const Request& request, Connection& connection) EXCLUDES(mutex_);
  std::string forward(const Request& request) const;
  void send_half(const Request& request) const;

  const std::string upstream_;
  mutable base::Mutex mutex_;
  Plan plan_ GUARDED_BY(mutex_);
  std::chrono::milliseconds delay_ GUARDED_BY(mutex_){0};
  TestServer server_;  // The last: its threads use the others.
};

}  // namespace lynxdb::s3::testing
