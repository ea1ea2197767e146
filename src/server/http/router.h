// Which function answers which path.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"

namespace lynxdb::server {

class Exchange;  // exchange.h
using ExchangePtr = std::shared_ptr<Exchange>;
// Called on a connection's thread, which it must not keep: longer work goes to a pool. Answers,
// now or later, through the exchange.
using Handler = std::function<void(const ExchangePtr&)>;

struct Route {
  Method method = Method::kGet;
  std::string pattern;  // "/api/v1/fields/{name}/values"
  Handler handler;
  // Larger bodies are refused with 413 before they are read. Where none is expected (0), a small
  // one is read and ignored: clients send `{}` with a GET.
  std::size_t body_bytes_max = 0;
  // The client's leaving ends the work: it is watched while the answer is made.
  bool cancellable = false;
  // Answers while the server shuts down, too.
  bool always = false;
  // While the server shuts down, and when there is no memory for a body, its connections end
  // without an answer: for clients that take any answer for a success, and send again only what got
  // none.
  bool hangs_up = false;
  // So general (`/{index}`) that it is only for paths that no other pattern fits, and that such a
  // path must not get a 405 for it.
  bool vague = false;
  // The query string's parameters (known_parameters.h): others, and two of one, are refused.
  // nullopt: any are taken, for clients who know more than we do.
  std::optional<std::vector<std::string_view>> parameters{};
  // The setting behind body_bytes_max, for the refusal; "" = none.
  std::string_view body_setting{};
  // Bodies between body_bytes_max and this are read for the handler to refuse (Request::too_large),
  // because its clients want to be told about their contents. 0 = none.
  std::size_t refused_body_bytes_max = 0;
};

// Routes are added before the first request; then immutable and thread-safe.
class Router {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;
    Parameters parameters;
    // Without a route: the methods that the path knows ("GET, HEAD"), empty when there is no such
    // path; and the path that comes nearest, or empty.
    std::string allowed;
    std::string nearest;
  };
  // HEAD finds the route of GET. A path that several patterns fit goes to the one with most words.
  Match find(Method method, std::string_view path) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;
  };
  std::string nearest(std::string_view path) const;

  std::vector<Entry> entries_;
};

}  // namespace lynxdb::server
