// Sends the demo's events at a steady rate.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/mutex.h"
#include "base/result.h"
#include "cli/batch_sender.h"
#include "cli/demo/logs.h"
#include "client/http_client.h"

namespace lynxdb::cli {

// run() belongs to one thread; the rest is thread-safe.
class DemoSender {
 public:
  // `rate` events per second, `events_max` in all.
  DemoSender(client::HttpClient::Options client, std::uint64_t rate, std::uint64_t events_max);

  // Returns when all is sent or stop() was called. Errors: those of BatchSender::send.
  Result<> run() EXCLUDES(mutex_);
  void stop() EXCLUDES(mutex_);

  std::uint64_t acknowledged() const { return acknowledged_.load(); }
  std::uint64_t retries() const { return retries_.load(); }
  // After run(): why the server refused.
  const std::optional<client::ServerError>& refusal() const { return sender_.refusal(); }

  // Calls `ask` while no batch is under way, so that what it counts is what was acknowledged. False
  // (not called) when the batch that is takes longer than `patience`.
  bool while_still(std::chrono::milliseconds patience, const std::function<void()>& ask)
      EXCLUDES(mutex_);

 private:
  Result<> send(std::uint64_t count) EXCLUDES(mutex_);
  Result<> send_batch(std::size_t source, const LineBatch& batch) EXCLUDES(mutex_);
  std::uint64_t due(std::chrono::steady_clock::time_point started) const;

  client::HttpClient client_;
  BatchSender sender_;
  DemoLogs logs_;
  const std::uint64_t rate_;
  const std::uint64_t events_max_;
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> retries_{0};
  base::Mutex mutex_;
  base::CondVar changed_;
  bool stopped_ GUARDED_BY(mutex_) = false;
  bool is_sending_ GUARDED_BY(mutex_) = false;
  bool is_asking_ GUARDED_BY(mutex_) = false;
};

}  // namespace lynxdb::cli
