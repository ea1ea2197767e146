// One client of the HTTP server, request after request, on one thread.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "base/memory_budget.h"
#include "server/http/front.h"
#include "server/http/http_server.h"

namespace lynxdb::server {

class ConnectionBase {
 public:
  virtual ~ConnectionBase() = default;
  virtual void close() = 0;  // On the connection's thread.
};

// What the connections of one thread share.
struct IoThread {
  std::set<ConnectionBase*> connections;  // Of this thread alone.
  std::thread thread;
  // Shared, because a handler may still wake a connection that is long gone.
  std::shared_ptr<boost::asio::io_context> context = std::make_shared<boost::asio::io_context>(1);
};

// What all connections of a server share. All of it outlives them.
struct ConnectionContext {
  const HttpOptions& options;
  Front& front;
  base::MemoryBudget& bodies;
  std::atomic<std::size_t>& answering;  // Requests between their head and the end of their answer.
};

// Takes one back when it goes out of scope.
struct Counted {
  std::atomic<std::size_t>& count;
  ~Counted() { --count; }
};

// Starts to serve a client that was counted in connections_active; on `thread`. `tls` null: plain.
void serve_connection(ConnectionContext& context, IoThread& thread,
                      boost::asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& tls);

}  // namespace lynxdb::server
