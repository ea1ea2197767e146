#include "server/http/body_stream.h"

#include <utility>

namespace lynxdb::server {

Result<> BodyStream::write(std::string bytes) {
  if (bytes.empty()) return {};
  const base::MutexLock lock(mutex_);
  while (bytes_ > kBufferBytes && !closed_) room_.wait(mutex_);
  if (closed_) return Error{ErrorCode::kCancelled, "the client left"};
  bytes_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  notify();
  return {};
}

void BodyStream::finish() {
  const base::MutexLock lock(mutex_);
  finished_ = true;
  notify();
}

void BodyStream::abort() {
  const base::MutexLock lock(mutex_);
  aborted_ = true;
  notify();
}

BodyStream::State BodyStream::take(std::string& out) {
  const base::MutexLock lock(mutex_);
  out.clear();
  if (!pieces_.empty()) {
    for (const std::string& piece : pieces_) out += piece;
    pieces_.clear();
    bytes_ = 0;
    room_.notify_all();
    return State::kData;
  }
  if (aborted_) return State::kAborted;
  return finished_ ? State::kFinished : State::kWaiting;
}

void BodyStream::set_wake(std::function<void()> wake) {
  const base::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

void BodyStream::close() {
  const base::MutexLock lock(mutex_);
  closed_ = true;
  pieces_.clear();
  bytes_ = 0;
  wake_ = nullptr;
  room_.notify_all();
}

void BodyStream::notify() {
  if (wake_) wake_();
}

}  // namespace lynxdb::server
