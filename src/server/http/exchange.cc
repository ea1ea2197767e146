#include "server/http/exchange.h"

#include "server/http/body_stream.h"

namespace lynxdb::server {

void Exchange::respond(Response response) {
  {
    const base::MutexLock lock(mutex_);
    if (answered_) return;
    answered_ = true;
  }
  finish_(request_, response);
  const base::MutexLock lock(mutex_);
  if (cancelled() && response.stream != nullptr) response.stream->close();
  response_ = std::move(response);
  if (wake_) wake_();
}

void Exchange::set_on_cancel(std::function<void()> on_cancel) {
  const base::MutexLock lock(cancel_mutex_);
  on_cancel_ = std::move(on_cancel);
  if (cancelled() && on_cancel_) std::exchange(on_cancel_, nullptr)();
}

void Exchange::set_wake(std::function<void()> wake) {
  const base::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

std::optional<Response> Exchange::take_response() {
  const base::MutexLock lock(mutex_);
  return std::exchange(response_, std::nullopt);
}

void Exchange::cancel() {
  {
    const base::MutexLock lock(cancel_mutex_);
    cancelled_.store(true, std::memory_order_relaxed);
    if (on_cancel_) std::exchange(on_cancel_, nullptr)();
  }
  const base::MutexLock lock(mutex_);
  wake_ = nullptr;
  // A stream that nobody will read must not block its maker.
  if (response_ && response_->stream != nullptr) response_->stream->close();
}

}  // namespace lynxdb::server
