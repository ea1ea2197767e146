// A small HTTP server for tests: on a free port of 127.0.0.1, a thread for each connection, and a
// handler that may answer, break off or say nothing.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace lynxdb::s3::testing {

struct Request {
  std::string method;
  std::string target;                          // Path and query as sent.
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
  std::string raw;  // All of it.

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

// A client's connection; used by its thread alone.
class Connection {
 public:
  explicit Connection(int descriptor) : descriptor_(descriptor) {}

  // An answer with Content-Length; `headers` are whole lines that end in \r\n.
  void answer(int status, std::string_view body, std::string_view headers = {});
  void write(std::string_view bytes) const;
  // So that the client sees a reset, not an end.
  void reset() const;

  // False at the end, or when the bytes are no request.
  bool read(Request& request);

 private:
  bool fill();

  const int descriptor_;
  std::string buffer_;
  bool is_head_ = false;
};

class TestServer {
 public:
  // Answers; false closes the connection. Called by several threads at once.
  using Handler = std::function<bool(const Request&, Connection&)>;

  explicit TestServer(Handler handler);
  ~TestServer();  // Breaks off what is open, and waits for the handlers.
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return "http://" + authority(); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  // In the order in which they came.
  std::vector<Request> requests() const;
  int connections() const { return connections_.load(); }

 private:
  struct Client {
    int descriptor;
    std::thread thread;
  };
  void accept_all();
  void serve(int descriptor);

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> stopping_{false};
  mutable base::Mutex mutex_;
  std::list<Client> clients_ GUARDED_BY(mutex_);
  std::vector<Request> requests_ GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace lynxdb::s3::testing
