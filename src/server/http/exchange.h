// One request being answered: handed to a handler, answered from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/memory_budget.h"
#include "base/mutex.h"
#include "server/http/message.h"
#include "server/http/router.h"

namespace lynxdb::server {

// Thread-safe.
class Exchange {
 public:
  // `finish` completes every response (headers, compression) on the thread that answers.
  using Finish = std::function<void(const Request&, Response&)>;

  Exchange(Request request, base::MemoryReservation body_memory, Finish finish)
      : request_(std::move(request)),
        body_memory_(std::move(body_memory)),
        finish_(std::move(finish)) {}

  const Request& request() const { return request_; }

  // The first answer counts; later ones, and those to a client who left, are dropped.
  void respond(Response response) EXCLUDES(mutex_);

  // The client left, or the server stops: nobody wants the answer.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // `on_cancel` is called once when that happens, on the connection's thread; at once when it has
  // happened. Replaces the one before; an empty one takes it back, and when set_on_cancel returns,
  // the one before is not running any more.
  void set_on_cancel(std::function<void()> on_cancel) EXCLUDES(mutex_, cancel_mutex_);

  // --- The connection
  void set_wake(std::function<void()> wake) EXCLUDES(mutex_);
  std::optional<Response> take_response() EXCLUDES(mutex_);
  void cancel() EXCLUDES(mutex_, cancel_mutex_);

 private:
  const Request request_;
  const base::MemoryReservation body_memory_;
  const Finish finish_;
  std::atomic<bool> cancelled_{false};

  base::Mutex cancel_mutex_;  // Held while on_cancel_ runs.
  std::function<void()> on_cancel_ GUARDED_BY(cancel_mutex_);

  base::Mutex mutex_;
  bool answered_ GUARDED_BY(mutex_) = false;
  std::optional<Response> response_ GUARDED_BY(mutex_);
  std::function<void()> wake_ GUARDED_BY(mutex_);
};

}  // namespace lynxdb::server
